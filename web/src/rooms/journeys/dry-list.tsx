import { LoadingOutlined } from "@ant-design/icons";
import { Flex, Table, Tag } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { SchemaDryRunRow } from "@/api/schema";
import { useMay } from "@/api/session";
import { Nothing, Shown } from "@/ui/states";
import { Count, Money, PRESET, When } from "@/ui/value";
import { useDry } from "./dry.words";

type State = SchemaDryRunRow["state"];

const TONES = {
  waiting: "waits",
  running: "waits",
  done: "ours",
  cancelled: "out",
  failed: "harm",
} as const;
export const SOON = 1000;
const SELDOM = 60_000;

/** Something happens to it by itself. */
export function moves(state: State | undefined): boolean {
  return state === "waiting" || state === "running";
}

export function DryState({ state, share }: { state: State; share: number }) {
  const say = useDry();
  return (
    <Tag variant="filled" color={PRESET[TONES[state]]} className={`tone-${TONES[state]}`}>
      {say(state)}
      {state === "running" && <span className="number"> {percent(share)}%</span>}
    </Tag>
  );
}

export const percent = (share: number) => Math.min(Math.floor(share * 100), 99);

/** The dry runs of a journey, the latest first. */
export function DryRuns({ code }: { code: string }) {
  const say = useDry();
  const query = api.useQuery(
    "get",
    "/api/v1/journeys/dry-runs",
    { params: { query: { journey: code, limit: 100 } } },
    {
      refetchInterval: (asked) =>
        asked.state.data?.dry_runs.some((one) => moves(one.state)) ? SOON : SELDOM,
    },
  );
  return (
    <Shown query={query} rows={3}>
      {({ dry_runs: runs }) =>
        runs.length === 0 ? (
          <Nothing what={say("none")} />
        ) : (
          <Table<SchemaDryRunRow>
            aria-label={say("tab")}
            size="small"
            rowKey="id"
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={runs}
            columns={[
              {
                title: say("days"),
                render: (_, row) => (
                  <Link to={`/journeys/${code}/dry-runs/${row.id}`} className="number">
                    {say("period", { first: row.from, last: row.to })}
                  </Link>
                ),
              },
              {
                title: say("state"),
                render: (_, row) => (
                  <Flex vertical>
                    <DryState state={row.state} share={row.share} />
                    {row.error && <span className="quiet journey-cell">{row.error}</span>}
                  </Flex>
                ),
              },
              {
                title: say("entered"),
                align: "right",
                render: (_, row) => (row.entered === null ? "—" : <Count of={row.entered} />),
              },
              {
                title: say("cost"),
                align: "right",
                render: (_, row) =>
                  row.cost_minor === null ? (
                    "—"
                  ) : (
                    <Money minor={row.cost_minor} currency={row.currency} />
                  ),
              },
              {
                title: say("asked"),
                render: (_, row) => (
                  <>
                    <When at={row.asked_at} /> <code>{row.asked_by}</code>
                  </>
                ),
              },
            ]}
          />
        )
      }
    </Shown>
  );
}

/** One that is under way is seen from every page. */
export default function DryTray() {
  const may = useMay();
  return may("journeys.read") ? <Current /> : null;
}

function Current() {
  const say = useDry();
  const query = api.useQuery(
    "get",
    "/api/v1/journeys/dry-runs",
    { params: { query: { limit: 10 } } },
    {
      refetchInterval: (asked) =>
        asked.state.data?.dry_runs.some((one) => moves(one.state)) ? 2 * SOON : SELDOM,
    },
  );
  const runs = query.data?.dry_runs ?? [];
  const current =
    runs.find((one) => one.state === "running") ?? runs.find((one) => moves(one.state));
  if (!current) return null;
  return (
    <Link to={`/journeys/${current.journey}/dry-runs/${current.id}`} className="number dry-tray">
      <LoadingOutlined /> {say("tray", { journey: current.journey })} {percent(current.share)}%
    </Link>
  );
}
