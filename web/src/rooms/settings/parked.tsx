import { Alert, Button, Flex, Table, type TableProps } from "antd";
import { useEffect, useState } from "react";
import { api, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { Page } from "@/ui/page";
import { Nothing, Problem, Shown } from "@/ui/states";
import { Exact, When } from "@/ui/value";
import { useSettings } from "./words";
import "./settings.css";

type Parked = components["schemas"]["Parked"];
const MOST = 500;
const WATCH = 8_000; // milliseconds in which the applier nearly always has had its turn

/** Events that could not be applied, with the reason; each may be tried again. */
export function Component() {
  const say = useSettings();
  const may = useMay()("events.write");
  const [chosen, setChosen] = useState<string[]>([]);
  const [tried, setTried] = useState<Tried | null>(null);
  const query = api.useQuery(
    "get",
    "/api/v1/events/parked",
    {},
    {
      refetchInterval: tried?.watching ? 1_000 : false,
    },
  );
  const rows = query.data?.parked ?? [];
  const act = useAct("post", "/api/v1/events/replay", {
    onSuccess: ({ replayed }) => {
      setTried({
        of: new Map(asked.map((one) => [one.id, one.parked_at])),
        replayed,
        watching: true,
      });
      setChosen([]);
    },
  });
  const asked = chosen.length ? rows.filter((one) => chosen.includes(one.id)) : rows;
  useEffect(() => {
    if (!tried?.watching) return;
    const timer = setTimeout(() => setTried({ ...tried, watching: false }), WATCH);
    return () => clearTimeout(timer);
  }, [tried]);
  const again = (events: string[] | null) => act.mutate({ body: { by: "", events } });
  const columns = useColumns(may && !act.isPending, again);
  return (
    <Page
      title={say("parked")}
      under={say("parked_under")}
      primary={
        may &&
        rows.length > 0 && (
          <Button
            type="primary"
            loading={act.isPending}
            onClick={() => again(chosen.length ? chosen : null)}
          >
            {chosen.length ? say("replay_some", { count: chosen.length }) : say("replay_all")}
          </Button>
        )
      }
    >
      <Flex vertical gap={12}>
        <Problem error={act.error} />
        {tried && <Result of={tried} rows={rows} />}
        <Shown query={query}>
          {() => (
            <>
              <Table<Parked>
                aria-label={say("parked")}
                size="small"
                pagination={false}
                scroll={{ x: "max-content" }}
                columns={columns}
                dataSource={rows}
                rowKey="id"
                rowSelection={
                  may
                    ? {
                        selectedRowKeys: chosen,
                        onChange: (keys) => setChosen(keys.map(String)),
                        getCheckboxProps: (row) => ({ "aria-label": row.id }) as never,
                        columnTitle: <span className="hidden">{say("choose")}</span>,
                      }
                    : undefined
                }
                locale={{ emptyText: <Nothing what={say("none_parked")} /> }}
              />
              {rows.length >= MOST && <p className="quiet">{say("parked_most")}</p>}
            </>
          )}
        </Shown>
      </Flex>
    </Page>
  );
}

type Tried = { of: Map<string, string>; replayed: number; watching: boolean };

/** What became of it: who is parked again says so by a later time. */
function Result({ of, rows }: { of: Tried; rows: Parked[] }) {
  const say = useSettings();
  const failed = rows.filter((one) => {
    const before = of.of.get(one.id);
    return before !== undefined && one.parked_at > before;
  }).length;
  const gone = of.replayed - failed;
  return (
    <Alert
      type={failed ? "warning" : "success"}
      showIcon
      title={say("replayed", { count: of.replayed })}
      description={
        of.watching
          ? say("replay_watching")
          : say(failed ? "replay_failed" : "replay_done", { count: failed, gone })
      }
    />
  );
}

function useColumns(
  may: boolean,
  again: (events: string[]) => void,
): TableProps<Parked>["columns"] {
  const say = useSettings();
  const code = useCode();
  return [
    { key: "kind", title: say("kind"), render: (_, row) => code("event", row.kind) },
    {
      key: "source",
      title: say("source"),
      render: (_, row) => (
        <>
          <span data-raw>{row.source}</span>
          <div className="quiet small" data-raw>
            {row.source_id}
          </div>
        </>
      ),
    },
    { key: "occurred", title: say("occurred"), render: (_, row) => <Exact at={row.occurred_at} /> },
    { key: "parked_at", title: say("parked_at"), render: (_, row) => <When at={row.parked_at} /> },
    {
      key: "error",
      title: say("error"),
      render: (_, row) => <code className="error">{row.error}</code>,
    },
    {
      key: "again",
      title: "",
      render: (_, row) =>
        may && (
          <Button size="small" onClick={() => again([row.id])}>
            {say("replay")}
          </Button>
        ),
    },
  ];
}
