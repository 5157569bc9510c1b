import { Table, type TableProps } from "antd";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { useNames } from "@/ui/names";
import { Page } from "@/ui/page";
import { Shown } from "@/ui/states";
import { Code, Exact, Money, useReason, When } from "@/ui/value";
import {
  Buyer,
  Decided,
  Kept,
  type Order,
  OrderState,
  Packed,
  type Parcel,
  ParcelState,
  PromiseState,
  Shop,
  Stack,
  Title,
} from "./parts";
import { useOrders } from "./words";
import "./orders.css";

type Whole = components["schemas"]["OrderWhole"];

/** One order: what was bought, in which parcels it went, what was promised and said about it. */
export function Component() {
  const say = useOrders();
  const { order = "" } = useParams();
  const query = api.useQuery("get", "/api/v1/orders/{order}", { params: { path: { order } } });
  const number = query.data?.order.order_no ?? "…";
  return (
    <Page
      title={say("order", { number })}
      under={query.data && <Shop of={query.data.order.shop} />}
    >
      <Shown query={query}>{(whole) => <Drawn whole={whole} />}</Shown>
    </Page>
  );
}

function Drawn({ whole }: { whole: Whole }) {
  const say = useOrders();
  const names = useNames();
  const { order } = whole;
  return (
    <div className="order">
      <div className="column">
        <Part title={say("items")}>
          <Items of={whole} />
        </Part>
        {whole.refunds.length > 0 && (
          <Part title={say("refunds")}>
            <Refunds of={whole} />
          </Part>
        )}
        <Part title={say("parcels_of")} empty={order.parcels.length === 0 && say("no_parcels")}>
          <Parcels of={order.parcels} />
        </Part>
        <Part title={say("touches")} empty={whole.touches.length === 0 && say("no_touches")}>
          <Touches of={whole} />
        </Part>
      </div>
      <div className="column">
        <Facts of={order} />
        <Part title={say("promises_of")} empty={order.promises.length === 0 && say("no_promises")}>
          {order.promises.map((one) => (
            <Stack key={one.id} under={<Until at={one.expires_at} />}>
              <Title of={one.title} code={one.offer} />
              <PromiseState of={one.state} />
            </Stack>
          ))}
        </Part>
        <Part title={say("visits")} empty={whole.visits.length === 0 && say("no_visits")}>
          {whole.visits.map((one) => (
            <Stack key={one.id} under={<Where of={one} />}>
              <Link to={`/journeys/${one.journey}`}>{names.journey(one.journey)}</Link>
              <Code
                set="visit"
                code={one.state}
                tone={one.state === "parked" ? "harm" : one.state === "ended" ? "out" : "waits"}
              />
            </Stack>
          ))}
        </Part>
      </div>
    </div>
  );
}

function Part(props: { title: string; empty?: string | false; children: ReactNode }) {
  return (
    <section className="panel">
      <h2>{props.title}</h2>
      {props.empty ? <span className="quiet">{props.empty}</span> : props.children}
    </section>
  );
}

function Until({ at }: { at: string }) {
  const say = useOrders();
  return (
    <>
      {say("until_when")} <Exact at={at} />
    </>
  );
}

function Where({ of }: { of: Whole["visits"][number] }) {
  const say = useOrders();
  return (
    <>
      {of.held_out ? say("held_out") : <code>{of.node}</code>} ·{" "}
      <When at={of.ended_at ?? of.due_at ?? of.entered_at} />
    </>
  );
}

function Facts({ of }: { of: Order }) {
  const say = useOrders();
  return (
    <section className="panel">
      <dl className="facts">
        <dt>{say("buyer")}</dt>
        <dd>
          <Buyer customer={of.customer} name={of.buyer} />
        </dd>
        <dt>{say("state")}</dt>
        <dd>
          <OrderState of={of.state} />
        </dd>
        <dt>{say("paid_at")}</dt>
        <dd>
          <Exact at={of.paid_at} />
        </dd>
        <dt>{say("amount")}</dt>
        <dd>
          <Money minor={of.total_minor} currency={of.currency} />
        </dd>
        {of.refunded_minor > 0 && (
          <>
            <dt>{say("refunded")}</dt>
            <dd>
              <Money minor={of.refunded_minor} currency={of.currency} />
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Items({ of }: { of: Whole }) {
  const say = useOrders();
  const { currency } = of.order;
  const columns: TableProps<Whole["items"][number]>["columns"] = [
    {
      key: "item",
      title: say("item"),
      render: (_, row) => <Stack under={row.category}>{row.title || <code>{row.sku}</code>}</Stack>,
    },
    { key: "sku", title: say("sku"), render: (_, row) => <code>{row.sku}</code> },
    {
      key: "quantity",
      title: say("quantity"),
      className: "money",
      align: "right",
      dataIndex: "quantity",
    },
    {
      key: "unit",
      title: say("unit"),
      className: "money",
      align: "right",
      render: (_, row) => <Money minor={row.unit_minor} currency={currency} />,
    },
    {
      key: "amount",
      title: say("amount"),
      className: "money",
      align: "right",
      render: (_, row) => <Money minor={row.amount_minor} currency={currency} />,
    },
  ];
  return (
    <Plain
      columns={columns}
      rows={of.items}
      label={say("items")}
      rowKey={(row) => String(row.line)}
    />
  );
}

function Refunds({ of }: { of: Whole }) {
  const say = useOrders();
  const columns: TableProps<Whole["refunds"][number]>["columns"] = [
    {
      key: "refund_no",
      title: say("refund_no"),
      render: (_, row) => (
        <Stack
          under={row.whole ? say("refund_whole") : row.named ? undefined : say("refund_matched")}
        >
          <span data-raw>{row.refund_no}</span>
        </Stack>
      ),
    },
    { key: "sku", title: say("sku"), render: (_, row) => (row.sku ? <code>{row.sku}</code> : "—") },
    {
      key: "refunded_at",
      title: say("refunded_at"),
      render: (_, row) => <When at={row.refunded_at} />,
    },
    {
      key: "amount",
      title: say("amount"),
      className: "money",
      align: "right",
      render: (_, row) => <Money minor={row.amount_minor} currency={row.currency} />,
    },
  ];
  return (
    <Plain
      columns={columns}
      rows={of.refunds}
      label={say("refunds")}
      rowKey={(row) => `${row.refund_no}/${row.line}`}
    />
  );
}

function Parcels({ of }: { of: Parcel[] }) {
  const say = useOrders();
  const columns: TableProps<Parcel>["columns"] = [
    {
      key: "parcel_no",
      title: say("parcel_no"),
      render: (_, row) => (
        <Link to={`/customers/parcels?number=${encodeURIComponent(row.parcel_no)}`}>
          {row.parcel_no}
        </Link>
      ),
    },
    { key: "state", title: say("state"), render: (_, row) => <ParcelState of={row.state} /> },
    { key: "decided", title: say("decided"), render: (_, row) => <Decided of={row} /> },
    { key: "packed", title: say("really"), render: (_, row) => <Packed of={row} /> },
    { key: "promised", title: say("promised"), render: (_, row) => <Kept of={row} /> },
    { key: "cutoff", title: say("cutoff"), render: (_, row) => <When at={row.cutoff_at} /> },
  ];
  return (
    <Plain columns={columns} rows={of} label={say("parcels_of")} rowKey={(row) => row.parcel_no} />
  );
}

function Touches({ of }: { of: Whole }) {
  const say = useOrders();
  const why = useReason();
  const code = useCode();
  const columns: TableProps<Whole["touches"][number]>["columns"] = [
    {
      key: "channel",
      title: say("channel"),
      render: (_, row) => code("channel", row.channel),
    },
    {
      key: "state",
      title: say("state"),
      render: (_, row) => (
        <Stack under={row.reason && why(row.reason)}>
          <Code set="touch" code={row.state} tone={tone(row.state)} />
        </Stack>
      ),
    },
    {
      key: "outcome",
      title: say("outcome"),
      render: (_, row) => (row.outcome ? code("outcome", row.outcome) : "—"),
    },
    { key: "wished", title: say("wished"), render: (_, row) => <When at={row.wished_at} /> },
    { key: "sent", title: say("sent"), render: (_, row) => <When at={row.sent_at} /> },
  ];
  return (
    <Plain columns={columns} rows={of.touches} label={say("touches")} rowKey={(row) => row.id} />
  );
}

function tone(state: string) {
  if (state === "withheld" || state === "withdrawn" || state === "wished") return "waits";
  return state === "failed" || state === "unknown" ? "harm" : "ours";
}

function Plain<Row extends object>(props: {
  columns: TableProps<Row>["columns"];
  rows: Row[];
  label: string;
  rowKey: (row: Row) => string;
}) {
  return (
    <Table<Row>
      aria-label={props.label}
      size="small"
      pagination={false}
      scroll={{ x: "max-content" }}
      columns={props.columns}
      dataSource={props.rows}
      rowKey={props.rowKey}
    />
  );
}
