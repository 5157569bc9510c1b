import { Button, Flex, Input, Segmented, type TableProps } from "antd";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import { useNow } from "@/ui/clock";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { minute } from "@/ui/format";
import { byCursor, Keyset } from "@/ui/keyset";
import { Page } from "@/ui/page";
import { Nothing, Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { Account } from "./account";
import { type Chosen, NAMES, named, type SetParcels } from "./filters";
import { ShopSelect } from "./list";
import { Owed } from "./owed";
import { Buyer, Decided, Kept, Packed, type Parcel, ParcelState, Shop, Stack } from "./parts";
import { useOrders } from "./words";
import "./orders.css";

const DAYS = ["1", "7", "30", "90"] as const;

/** The account of the parcels of a period, and the list behind each of its numbers. */
export function Component() {
  const say = useOrders();
  const [filters, set] = useFilters(NAMES);
  const days = DAYS.find((one) => one === filters.days) ?? "7";
  const [period, anew] = usePeriod(Number(days));
  const query = api.useQuery("get", "/api/v1/parcels/account", {
    params: { query: { ...period, shop: filters.shop } },
  });
  return (
    <Page title={say("parcels")} under={say("parcels_under")}>
      <Flex wrap gap={8} align="center" className="filters">
        <Segmented
          aria-label={say("period")}
          value={days}
          options={DAYS.map((one) => ({ value: one, label: say("days", { count: Number(one) }) }))}
          onChange={(chosen) => set({ days: chosen })}
        />
        <ShopSelect value={filters.shop} set={(shop) => set({ shop })} />
        <Input.Search
          key={filters.number}
          className="wide"
          allowClear
          defaultValue={filters.number}
          placeholder={say("find_parcel")}
          aria-label={say("find_parcel")}
          onSearch={(number) => set({ ...NONE, number: number.trim() })}
        />
        <span className="quiet">{say("as_of", { at: minute(period.until) })}</span>
        <Button type="link" size="small" onClick={anew}>
          {say("anew")}
        </Button>
      </Flex>
      <Shown query={query} rows={4}>
        {(account) => (
          <Account of={account} chosen={filters} choose={(some) => set({ ...NONE, ...some })} />
        )}
      </Shown>
      <List filters={filters} period={period} set={set} />
    </Page>
  );
}

const NONE: Partial<Chosen> = Object.fromEntries(
  NAMES.filter((name) => name !== "days" && name !== "shop").map((name) => [name, ""]),
);

/** The last days up to a moment that stands still while the numbers and their lists are compared. */
function usePeriod(days: number): [{ since: string; until: string }, () => void] {
  const now = useNow();
  const [until, setUntil] = useState(now);
  const since = new Date(until.getTime() - days * 86_400_000);
  return [{ since: since.toISOString(), until: until.toISOString() }, () => setUntil(now)];
}

function List(props: {
  filters: Chosen;
  period: { since: string; until: string };
  set: SetParcels;
}) {
  const { filters, period, set } = props;
  const say = useOrders();
  const code = useCode();
  const what = named(filters, say, code);
  return (
    <section aria-label={say("listed", { what })}>
      <Flex gap={8} align="center" className="filters">
        <h2 className="plain">{say("listed", { what })}</h2>
        {what !== say("list_all") && (
          <Button size="small" onClick={() => set(NONE)}>
            {say("clear")}
          </Button>
        )}
      </Flex>
      {filters.stage === "owed" ? <Owed /> : <Listed filters={filters} period={period} />}
    </section>
  );
}

function Listed({
  filters,
  period,
}: {
  filters: Chosen;
  period: { since: string; until: string };
}) {
  const say = useOrders();
  const { stage, days: _, number, promised, mismatch, ...rest } = filters;
  const asked = {
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value)),
    ...(stage ? { stage: stage as "waiting" } : period),
    ...(mismatch && { mismatch: mismatch.split(",") as "stray"[] }),
    ...(promised && { promised: true }),
    ...(number && { number }),
  };
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/parcels/list",
    { params: { query: { ...asked, limit: 50 } } },
    byCursor,
  );
  return (
    <Keyset
      query={query}
      rows={(page) => page.parcels}
      columns={useColumns(stage)}
      rowKey={(row) => row.parcel_no}
      label={say("parcels")}
      empty={<Nothing what={say("no_parcel")} />}
    />
  );
}

function useColumns(stage: string): TableProps<Parcel>["columns"] {
  const say = useOrders();
  const may = useMay();
  const order = (number: string): ReactNode =>
    may("customers.read") ? (
      <Link key={number} to={`/customers/orders?order_no=${encodeURIComponent(number)}`}>
        {number}
      </Link>
    ) : (
      number
    );
  const when = stage ? "cutoff" : "packed_at";
  return [
    {
      key: "parcel_no",
      title: say("parcel_no"),
      render: (_, row) => (
        <Stack under={<Shop of={row.shop} />}>
          <span data-raw>{row.parcel_no}</span>
        </Stack>
      ),
    },
    { key: "state", title: say("state"), render: (_, row) => <ParcelState of={row.state} /> },
    { key: "decided", title: say("decided"), render: (_, row) => <Decided of={row} /> },
    { key: "packed", title: say("really"), render: (_, row) => <Packed of={row} /> },
    { key: "promised", title: say("promised"), render: (_, row) => <Kept of={row} /> },
    {
      key: "buyer",
      title: say("for_whom"),
      render: (_, row) =>
        row.customer ? <Buyer customer={row.customer} name={row.buyer} /> : <span>—</span>,
    },
    {
      key: "orders",
      title: say("holds"),
      render: (_, row) => <div data-raw>{row.orders.slice(0, 3).map(order)}</div>,
    },
    {
      key: when,
      title: say(when),
      render: (_, row) => <When at={stage ? row.cutoff_at : row.packed_at} />,
    },
  ];
}
