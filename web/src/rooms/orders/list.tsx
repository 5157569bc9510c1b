import { Button, DatePicker, Flex, Input, Select, type TableProps } from "antd";
import dayjs from "dayjs";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { opens } from "@/ui/format";
import { byCursor, Keyset } from "@/ui/keyset";
import { Page } from "@/ui/page";
import { Nothing } from "@/ui/states";
import { Money, When } from "@/ui/value";
import {
  Buyer,
  type Order,
  OrderState,
  ParcelState,
  PromiseState,
  Shop,
  Stack,
  Title,
} from "./parts";
import { useOrders } from "./words";
import "./orders.css";

const NAMES = ["order_no", "shop", "state", "customer", "since", "until"] as const;
const STATES = ["paid", "cancelled", "refunded"] as const;

/** Orders, the latest first; found by their number. */
export function Component() {
  const say = useOrders();
  const [filters, set] = useFilters(NAMES);
  const filtered = NAMES.some((name) => filters[name]);
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/orders",
    { params: { query: { ...asQuery(filters), limit: 50 } } },
    byCursor,
  );
  const empty = (
    <Nothing what={say(filtered ? "none_found" : "no_orders")}>
      {filtered && <Clear set={set} />}
    </Nothing>
  );
  return (
    <Page title={say("orders")} under={say("orders_under")}>
      <Filters filters={filters} set={set} filtered={filtered} />
      <Keyset
        query={query}
        rows={(page) => page.orders}
        columns={useColumns()}
        rowKey={(row) => row.id}
        label={say("orders")}
        empty={empty}
      />
    </Page>
  );
}

type Filtered = Record<(typeof NAMES)[number], string>;
type Set = (change: Partial<Filtered>) => void;

function asQuery(filters: Filtered) {
  const { since, until, state, ...plain } = filters;
  return {
    ...Object.fromEntries(Object.entries(plain).filter(([, value]) => value)),
    ...(STATES.includes(state as never) && { state: state as (typeof STATES)[number] }),
    ...(since && { since: opens(since) }),
    ...(until && { until: opens(until, 1) }),
  };
}

const day = (said: string) => (said && dayjs(said).isValid() ? dayjs(said) : null);

function Clear({ set }: { set: Set }) {
  const say = useOrders();
  return (
    <Button onClick={() => set(Object.fromEntries(NAMES.map((name) => [name, ""])))}>
      {say("clear")}
    </Button>
  );
}

function Filters({ filters, set, filtered }: { filters: Filtered; set: Set; filtered: boolean }) {
  const say = useOrders();
  const code = useCode();
  return (
    <Flex wrap gap={8} align="center" className="filters">
      <Input.Search
        key={filters.order_no}
        className="wide"
        allowClear
        defaultValue={filters.order_no}
        placeholder={say("find_order")}
        aria-label={say("find_order")}
        onSearch={(value) => set({ order_no: value.trim() })}
      />
      <ShopSelect value={filters.shop} set={(shop) => set({ shop })} />
      <Select
        aria-label={say("state")}
        placeholder={say("state")}
        allowClear
        value={filters.state || undefined}
        options={STATES.map((one) => ({ value: one, label: code("order", one) }))}
        onChange={(value?: string) => set({ state: value ?? "" })}
      />
      <DatePicker.RangePicker
        aria-label={say("period")}
        allowEmpty
        placeholder={[say("since"), say("until")]}
        value={[day(filters.since), day(filters.until)]}
        onChange={(_, [since, until]) => set({ since, until })}
      />
      {filtered && <Clear set={set} />}
    </Flex>
  );
}

/** The shops, for those who may see them; others see orders of their own customers anyhow. */
export function ShopSelect({ value, set }: { value: string; set: (shop: string) => void }) {
  const say = useOrders();
  const may = useMay()("settings.read");
  const { data } = api.useQuery("get", "/api/v1/settings/shops", {}, { enabled: may });
  if (!may) return null;
  return (
    <Select
      aria-label={say("shop")}
      placeholder={say("shop")}
      allowClear
      showSearch={{ optionFilterProp: "label" }}
      popupMatchSelectWidth={false}
      value={value || undefined}
      options={(data?.shops ?? []).map((one) => ({
        value: one.code,
        label: one.name ? `${one.name} · ${one.code}` : one.code,
      }))}
      onChange={(chosen?: string) => set(chosen ?? "")}
    />
  );
}

function useColumns(): TableProps<Order>["columns"] {
  const say = useOrders();
  return [
    {
      key: "order_no",
      title: say("order_no"),
      render: (_, row) => (
        <Link to={`/customers/orders/${row.id}`} data-raw>
          {row.order_no}
        </Link>
      ),
    },
    { key: "shop", title: say("shop"), render: (_, row) => <Shop of={row.shop} /> },
    {
      key: "buyer",
      title: say("buyer"),
      render: (_, row) => <Buyer customer={row.customer} name={row.buyer} />,
    },
    { key: "paid_at", title: say("paid_at"), render: (_, row) => <When at={row.paid_at} /> },
    { key: "state", title: say("state"), render: (_, row) => <OrderState of={row.state} /> },
    {
      key: "total",
      title: say("amount"),
      className: "money",
      align: "right",
      render: (_, row) => <Money minor={row.total_minor} currency={row.currency} />,
    },
    {
      key: "refunded",
      title: say("refunded"),
      className: "money",
      align: "right",
      render: (_, row) =>
        row.refunded_minor ? <Money minor={row.refunded_minor} currency={row.currency} /> : "—",
    },
    {
      key: "parcel",
      title: say("parcel"),
      render: (_, row) =>
        row.parcels.length === 0 ? (
          <span className="quiet">—</span>
        ) : (
          row.parcels.map((one) => <ParcelState key={one.parcel_no} of={one.state} />)
        ),
    },
    {
      key: "promised",
      title: say("promised"),
      render: (_, row) =>
        row.promises.length === 0 ? (
          <span className="quiet">—</span>
        ) : (
          row.promises.map((one) => (
            <Stack key={one.id}>
              <Title of={one.title} code={one.offer} />
              <PromiseState of={one.state} />
            </Stack>
          ))
        ),
    },
  ];
}
