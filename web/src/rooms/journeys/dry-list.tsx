import { Flex, Table, Tag } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { SchemaDryRunRow } from "@/api/schema";
import { Nothing, Shown } from "@/ui/states";
import { Count, Money, PRESET, When } from "@/ui/value";
import { moves, percent, SELDOM, SOON, type State } from "./dry";
import { useDry } from "./dry.words";

const TONES = {
  waiting: "waits",
  running: "waits",
  done: "ours",
  cancelled: "out",
  failed: "harm",
} as const;
export function DryState({ state, share }: { state: State; share: number }) {
  const say = useDry();
  return (
    <Tag variant="filled" color={PRESET[TONES[state]]} className={`tone-${TONES[state]}`}>
      {say(state)}
      {state === "running" && <span className="number"> {percent(share)}%</span>}
    </Tag>
  );
}

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
