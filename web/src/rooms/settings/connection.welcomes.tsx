import { Table, type TableProps } from "antd";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { Nothing, Shown } from "@/ui/states";
import { Count, Rate } from "@/ui/value";
import { Wide } from "@/ui/wide";
import { useConnections } from "./connections.words";

type Report = components["schemas"]["WelcomeReport"];
type Figures = components["schemas"]["WelcomeDay"];
type Row = { day: string | null; of: Figures };

/** The channel whose carrier takes a message for seconds only. */
export const WELCOME = "wecom_welcome";

/** How many welcomes went out in the carrier's time, how quickly, and what came too late. */
export function Welcomes() {
  const say = useConnections();
  const may = useMay()("reports.read");
  const query = api.useQuery("get", "/api/v1/reports/welcome", {}, { enabled: may });
  if (!may) return null;
  return (
    <section className="panel">
      <h2>{say("welcomes")}</h2>
      <Shown query={query}>{(found) => <Told of={found} />}</Shown>
    </section>
  );
}

function Told({ of }: { of: Report }) {
  const say = useConnections();
  const limit = String(of.limit_seconds);
  if (of.all.due === 0) return <Nothing what={say("welcomes_none")} />;
  const rows: Row[] = [
    { day: null, of: of.all },
    ...of.days.map((one) => ({ day: one.day, of: one.welcomes })).reverse(),
  ];
  const { first, last } = of.period;
  return (
    <>
      <p className="quiet">{say("welcomes_help", { limit, first, last })}</p>
      <Wide label={say("welcomes")}>
        <Table<Row>
          aria-label={say("welcomes")}
          size="small"
          pagination={false}
          columns={columns(say, limit)}
          dataSource={rows}
          rowKey={(row) => row.day ?? ""}
        />
      </Wide>
    </>
  );
}

function columns(say: ReturnType<typeof useConnections>, limit: string) {
  const right = { className: "money", align: "right" as const };
  const count = (name: "due" | "sent" | "otherwise" | "no_code") => ({
    key: name,
    title: say(name),
    ...right,
    render: (_: unknown, row: Row) => <Count of={row.of[name]} />,
  });
  const seconds = (name: "p50" | "p95" | "longest") => ({
    key: name,
    title: say(name),
    ...right,
    render: (_: unknown, row: Row) => (
      <Seconds of={row.of.heard[name]} added={row.of.added[name]} />
    ),
  });
  const found: TableProps<Row>["columns"] = [
    { key: "day", title: say("day"), render: (_, row) => row.day ?? say("all_days") },
    count("due"),
    count("sent"),
    {
      key: "within",
      title: say("within", { limit }),
      ...right,
      render: (_, row) => <Rate of={row.of.share} digits={1} />,
    },
    {
      key: "late",
      title: say("late"),
      ...right,
      render: (_, row) => (
        <span className={row.of.late ? "tone-harm" : ""}>
          <Count of={row.of.late} />
        </span>
      ),
    },
    count("no_code"),
    count("otherwise"),
    {
      key: "open",
      title: say("open_now"),
      ...right,
      render: (_, row) => <Count of={row.of.open} />,
    },
    seconds("p50"),
    seconds("p95"),
    seconds("longest"),
  ];
  return found;
}

function Seconds({ of, added }: { of: number | null; added: number | null }) {
  if (of === null) return <>—</>;
  return (
    <>
      {of.toFixed(1)}
      {added !== null && <span className="quiet"> ({added.toFixed(0)})</span>}
    </>
  );
}
