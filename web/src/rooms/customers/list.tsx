import { Button, Checkbox, Flex, Select, type TableProps } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { count } from "@/ui/format";
import { byCursor, Keyset } from "@/ui/keyset";
import { useNames } from "@/ui/names";
import { Page } from "@/ui/page";
import { Nothing } from "@/ui/states";
import { Code, Count, Money, When } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { Name, Stage } from "./parts";
import type { Card } from "./types";
import { useCustomers } from "./words";
import "./customers.css";

const NAMES = ["stage", "tag", "friend", "guide", "shop", "tasked", "held", "complained"] as const;
type Filter = (typeof NAMES)[number];
const FRIENDS = ["live", "gone", "never"] as const;
const STAGES = ["A1", "A2", "A3", "A4", "A5"] as const;

/** Customers, the newest first; the filters are in the URL. */
export function Component() {
  const say = useCustomers();
  const [filters, set] = useFilters(NAMES);
  const asked = asQuery(filters);
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/customers",
    { params: { query: { ...asked, limit: 50 } } },
    { ...byCursor, pageParamName: "before" },
  );
  const filtered = Object.keys(asked).length > 0;
  const columns = useColumns();
  return (
    <Page
      title={say("title")}
      under={<HowMany asked={asked} />}
      primary={
        <Link to="/customers/match">
          <Button type="primary">{say("match")}</Button>
        </Link>
      }
    >
      <Filters filters={filters} set={set} filtered={filtered} />
      <Keyset
        query={query}
        rows={(page) => page.customers}
        columns={columns}
        rowKey={(row) => row.customer}
        label={say("title")}
        empty={<Nothing what={say(filtered ? "none" : "nobody")} />}
      />
      <Looked pages={query.data?.pages} more={query.hasNextPage} />
    </Page>
  );
}

function asQuery(filters: Record<Filter, string>) {
  return {
    ...(STAGES.includes(filters.stage as never) && {
      stage: filters.stage as (typeof STAGES)[number],
    }),
    ...(FRIENDS.includes(filters.friend as never) && {
      friend: filters.friend as (typeof FRIENDS)[number],
    }),
    ...(filters.tag && { tag: filters.tag }),
    ...(filters.guide && { guide: filters.guide }),
    ...(filters.shop && { shop: filters.shop }),
    ...(filters.tasked && { tasked: true }),
    ...(filters.held && { held: true }),
    ...(filters.complained && { complained: true }),
  };
}

function HowMany({ asked }: { asked: ReturnType<typeof asQuery> }) {
  const say = useCustomers();
  const [language] = useLanguage();
  const { data } = api.useQuery("get", "/api/v1/customers/count", { params: { query: asked } });
  if (!data) return <span>&nbsp;</span>;
  const looked = count(data.looked, language);
  if (data.whole) return <>{say("all", { count: data.count })}</>;
  if (data.count === data.looked) return <>{say("many", { looked })}</>;
  return <>{say("some", { count: data.count, looked })}</>;
}

/** A rare filter may find few among many: it says how far it has looked. */
function Looked(props: {
  pages: { looked: number; customers: Card[] }[] | undefined;
  more: boolean;
}) {
  const say = useCustomers();
  const [language] = useLanguage();
  const last = props.pages?.at(-1);
  if (!last || !props.more || last.customers.length === 50) return null;
  const looked = props.pages?.reduce((sum, page) => sum + page.looked, 0) ?? 0;
  return <p className="quiet">{say("looked", { looked: count(looked, language) })}</p>;
}

function Filters(props: {
  filters: Record<Filter, string>;
  set: (change: Partial<Record<Filter, string>>) => void;
  filtered: boolean;
}) {
  const { filters, set, filtered } = props;
  const say = useCustomers();
  const code = useCode();
  const may = useMay();
  const tags = api.useQuery("get", "/api/v1/customers/tags", {});
  const staff = api.useQuery("get", "/api/v1/staff", {}, { enabled: may("staff.read") });
  const shops = api.useQuery(
    "get",
    "/api/v1/settings/shops",
    {},
    { enabled: may("settings.read") },
  );
  const guides = (staff.data?.staff ?? []).filter((one) => one.role === "guide");
  const choose = (name: Filter, label: string, options: { value: string; label: string }[]) => (
    <Select
      aria-label={label}
      placeholder={label}
      allowClear
      showSearch={{ optionFilterProp: "label" }}
      popupMatchSelectWidth={false}
      value={filters[name] || undefined}
      options={options}
      onChange={(value?: string) => set({ [name]: value ?? "" })}
    />
  );
  return (
    <Flex wrap gap={8} align="center" className="filters">
      {choose(
        "stage",
        say("f_stage"),
        STAGES.map((one) => ({ value: one, label: code("stage", one) })),
      )}
      {choose(
        "friend",
        say("f_friend"),
        FRIENDS.map((one) => ({ value: one, label: say(one) })),
      )}
      {choose(
        "tag",
        say("f_tag"),
        (tags.data?.tags ?? []).map((one) => ({ value: one, label: one })),
      )}
      {may("staff.read") &&
        choose(
          "guide",
          say("f_guide"),
          guides.map((one) => ({ value: one.code, label: `${one.name} ${one.code}` })),
        )}
      {may("settings.read") &&
        choose(
          "shop",
          say("f_shop"),
          (shops.data?.shops ?? []).map((one) => ({ value: one.code, label: one.name })),
        )}
      <Checkbox
        checked={Boolean(filters.tasked)}
        onChange={(event) => set({ tasked: event.target.checked ? "1" : "" })}
      >
        {say("f_tasked")}
      </Checkbox>
      <Checkbox
        checked={Boolean(filters.held)}
        onChange={(event) => set({ held: event.target.checked ? "1" : "" })}
      >
        {say("f_held")}
      </Checkbox>
      <Checkbox
        checked={Boolean(filters.complained)}
        onChange={(event) => set({ complained: event.target.checked ? "1" : "" })}
      >
        {say("f_complained")}
      </Checkbox>
      {filtered && (
        <Button
          type="link"
          onClick={() => set(Object.fromEntries(NAMES.map((name) => [name, ""])))}
        >
          {say("reset")}
        </Button>
      )}
    </Flex>
  );
}

function useColumns(): TableProps<Card>["columns"] {
  const say = useCustomers();
  const names = useNames();
  return [
    {
      key: "customer",
      title: say("customer"),
      render: (_, row) => (
        <Link to={`/customers/${row.customer}`}>
          <Name of={row} />
        </Link>
      ),
    },
    { key: "stage", title: say("c_stage"), render: (_, row) => <Stage stage={row.stage} /> },
    { key: "owner", title: say("c_owner"), render: (_, row) => <Owner row={row} /> },
    {
      key: "orders",
      title: say("c_orders"),
      className: "money",
      align: "right",
      render: (_, row) => <Count of={row.orders} />,
    },
    {
      key: "total",
      title: say("c_total"),
      className: "money",
      align: "right",
      render: (_, row) => <Money minor={row.total_minor} currency={row.currency} />,
    },
    {
      key: "last",
      title: say("c_last"),
      render: (_, row) => <When at={row.last_order_at} />,
    },
    {
      key: "journey",
      title: say("c_journey"),
      render: (_, row) =>
        row.journey ? (
          <span data-raw>
            {names.journey(row.journey)} <span className="quiet">{row.node}</span>
          </span>
        ) : null,
    },
    {
      key: "tags",
      title: say("c_tags"),
      render: (_, row) => (
        <Flex gap={4} wrap={false} align="center">
          {row.held && <Code set="reason" code="suppressed" tone="waits" />}
          {row.open_task && <span className="tone-ours">{say("f_tasked")}</span>}
          {row.tags.slice(0, 3).map((tag) => (
            <span key={tag} data-raw className="quiet">
              {tag}
            </span>
          ))}
        </Flex>
      ),
    },
  ];
}

function Owner({ row }: { row: Card }) {
  const say = useCustomers();
  if (row.parted) return <span className="tone-waits">{say("gone")}</span>;
  if (!row.owner) return <span className="quiet">{say("never")}</span>;
  const others = row.friends.length - 1;
  return (
    <span>
      {row.owner_name}{" "}
      {others > 0 && <span className="quiet">{say("also", { count: others })}</span>}
    </span>
  );
}
