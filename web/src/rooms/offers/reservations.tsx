import { Flex, Select, type TableProps } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { byCursor, Keyset } from "@/ui/keyset";
import { Nothing } from "@/ui/states";
import { Code, Exact, Money, type Tone, When } from "@/ui/value";
import type { Row } from "./totals";
import { useOffers } from "./words";

type Given = components["schemas"]["Promise"];

const STATES = [
  "held",
  "committed",
  "promised",
  "reserved",
  "claimable",
  "fulfilled",
  "revoked",
  "lapsed",
] as const;
const TONES: Record<string, Tone> = {
  held: "waits",
  promised: "waits",
  reserved: "waits",
  committed: "ours",
  fulfilled: "ours",
  claimable: "harm",
  revoked: "out",
  lapsed: "out",
};

/** Who reserved it or was promised it, and what became of that; each leads to the customer. */
export function Reservations({ of }: { of: Row }) {
  const say = useOffers();
  const code = useCode();
  const [{ state }, set] = useFilters(["state"]);
  const only = STATES.find((one) => one === state);
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/promises",
    { params: { query: { offer: of.code, limit: 50, ...(only && { state: only }) } } },
    byCursor,
  );
  return (
    <section className="panel" aria-label={say("reservations")}>
      <Flex justify="space-between" gap={8} wrap>
        <h2>{say("reservations")}</h2>
        <Select
          aria-label={say("state")}
          placeholder={say("every_state")}
          allowClear
          popupMatchSelectWidth={false}
          value={only}
          options={STATES.map((one) => ({ value: one, label: code("promise", one) }))}
          onChange={(chosen?: string) => set({ state: chosen ?? "" })}
        />
      </Flex>
      <Keyset
        query={query}
        rows={(page) => page.promises}
        columns={useColumns(of)}
        rowKey={(row) => row.id}
        label={say("reservations")}
        empty={<Nothing what={say(only ? "no_such" : "no_reservations")} />}
      />
    </section>
  );
}

function useColumns(of: Row): TableProps<Given>["columns"] {
  const say = useOffers();
  const code = useCode();
  const parts = of.allotted.some((one) => one.part !== "");
  const columns: TableProps<Given>["columns"] = [
    {
      key: "customer",
      title: say("customer"),
      render: (_, row) => (
        <Link to={`/customers/${row.customer}`} data-raw>
          {row.buyer || say("nameless")}
        </Link>
      ),
    },
    {
      key: "state",
      title: say("state"),
      render: (_, row) => <Code set="promise" code={row.state} tone={TONES[row.state]} />,
    },
    {
      key: "order",
      title: say("order_no"),
      render: (_, row) =>
        row.order_no ? (
          <Link data-raw to={`/customers/orders?order_no=${encodeURIComponent(row.order_no)}`}>
            {row.order_no}
          </Link>
        ) : (
          <span className="quiet">—</span>
        ),
    },
    { key: "since", title: say("since"), render: (_, row) => <When at={row.promised_at} /> },
    { key: "until", title: say("until"), render: (_, row) => <Exact at={row.expires_at} /> },
    {
      key: "why",
      title: say("why"),
      render: (_, row) => (row.reason ? code("promise_reason", row.reason) : "—"),
    },
  ];
  if (parts)
    columns.splice(2, 0, {
      key: "part",
      title: say("part"),
      render: (_, row) => (row.part ? <code>{row.part}</code> : "—"),
    });
  if (of.kind === "red_packet")
    columns.splice(2, 0, {
      key: "amount",
      title: say("amount"),
      align: "right",
      className: "money",
      render: (_, row) =>
        row.amount_minor === null ? "—" : <Money minor={row.amount_minor} currency={of.currency} />,
    });
  return columns;
}
