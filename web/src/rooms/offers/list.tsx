import { Button, Flex, Input, Select, Table, type TableProps } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { money } from "@/ui/format";
import { Page } from "@/ui/page";
import { Nothing, Shown } from "@/ui/states";
import { Money } from "@/ui/value";
import { type Language, useLanguage } from "@/ui/words";
import { Pieces } from "./parts";
import { owed, type Row, totals } from "./totals";
import { useOffers } from "./words";
import "./offers.css";

const KINDS = [
  "gift",
  "sample",
  "coupon",
  "red_packet",
  "blind_box",
  "presale",
  "exchange",
] as const;

/** What can be given, how much of it is left, and what is owed. */
export function Component() {
  const say = useOffers();
  const code = useCode();
  const [{ q, kind }, set] = useFilters(["q", "kind"]);
  const query = api.useQuery("get", "/api/v1/offers", {});
  const every = query.data?.offers ?? [];
  const rows = every.filter(
    (one) =>
      `${one.code} ${one.title.zh} ${one.title.en}`.toLowerCase().includes(q.toLowerCase()) &&
      (!kind || one.kind === kind),
  );
  const filtered = Boolean(q || kind);
  return (
    <Page title={say("title")} under={say("under")}>
      <Flex wrap gap={8} align="center" className="offer-filters">
        <Input.Search
          className="offer-search"
          allowClear
          value={q}
          placeholder={say("search")}
          aria-label={say("search")}
          onChange={(event) => set({ q: event.target.value })}
        />
        <Select
          aria-label={say("kind")}
          placeholder={say("kind")}
          allowClear
          popupMatchSelectWidth={false}
          value={kind || undefined}
          options={KINDS.map((one) => ({ value: one, label: code("offer_kind", one) }))}
          onChange={(chosen?: string) => set({ kind: chosen ?? "" })}
        />
        {filtered && <Button onClick={() => set({ q: "", kind: "" })}>{say("clear")}</Button>}
      </Flex>
      <Shown query={query}>
        {() =>
          rows.length === 0 ? (
            <Nothing what={say(filtered ? "none_found" : "none")} />
          ) : (
            <List rows={rows} />
          )
        }
      </Shown>
    </Page>
  );
}

function List({ rows }: { rows: Row[] }) {
  const say = useOffers();
  const code = useCode();
  const [language] = useLanguage();
  const columns: TableProps<Row>["columns"] = [
    {
      key: "offer",
      title: say("offer"),
      render: (_, row) => (
        <Link to={`/content/offers/${row.code}`} className="offer-name">
          <strong data-raw>{row.title[language] ?? row.code}</strong>
          <code className="quiet">{row.code}</code>
        </Link>
      ),
    },
    { key: "kind", title: say("kind"), render: (_, row) => code("offer_kind", row.kind) },
    {
      key: "value",
      title: say("value"),
      align: "right",
      className: "money",
      render: (_, row) => <Money minor={row.value_minor} currency={row.currency} />,
    },
    {
      key: "pieces",
      title: say("pieces"),
      render: (_, row) =>
        row.allotted.length === 0 ? (
          <span className="quiet">{say("by_shelf")}</span>
        ) : (
          <Pieces of={totals(row)} />
        ),
    },
    {
      key: "budget",
      title: say("budget_left"),
      align: "right",
      className: "money",
      render: (_, row) => <Budget of={row} language={language} />,
    },
    {
      key: "owed",
      title: say("owed"),
      align: "right",
      className: "money",
      render: (_, row) => <Owed of={row} />,
    },
  ];
  return (
    <Table<Row>
      aria-label={say("title")}
      size="small"
      rowKey="code"
      pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      columns={columns}
    />
  );
}

function Budget({ of, language }: { of: Row; language: Language }) {
  const say = useOffers();
  const { budget, spent } = totals(of);
  if (budget === null) return <span className="quiet">—</span>;
  return (
    <span className="number">
      {say("of_budget", {
        left: money(Math.max(budget - spent, 0), language, of.currency),
        all: money(budget, language, of.currency),
      })}
    </span>
  );
}

/** How many pieces are owed, and what they will cost; those without a price are said. */
export function Owed({ of }: { of: Row }) {
  const say = useOffers();
  const many = owed(of);
  if (many === 0) return <span className="quiet">—</span>;
  return (
    <>
      <span className="number">{say("owed_many", { count: many })}</span>{" "}
      <Money minor={of.liability_minor} currency={of.currency} />
      {of.unpriced > 0 && (
        <div className="tone-waits small">
          <Link to="/settings/prices">{say("unpriced", { count: of.unpriced })}</Link>
        </div>
      )}
    </>
  );
}
