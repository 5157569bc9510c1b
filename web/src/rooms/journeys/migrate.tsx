import { App, Flex, Modal, Select, Table } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import type { SchemaMoving } from "@/api/schema";
import { Problem, Shown } from "@/ui/states";
import { useTongue } from "./said";

const END = "end";
type Line = SchemaMoving["where"][number];

/** Who would go where, with a step picked for those whose own is gone; then batch by batch. */
export function Migrate({ code, to, close }: { code: string; to: number; close: () => void }) {
  const { say, many } = useTongue();
  const { message } = App.useApp();
  const [map, setMap] = useState<Record<string, string>>({});
  const path = { params: { path: { code } } };
  const body = { to, map, origin: null, after: "", by: "" };
  const plan = api.useQuery("post", "/api/v1/journeys/{code}/migrate", {
    ...path,
    body: { ...body, confirm: false },
  });
  const graph = api.useQuery("get", "/api/v1/journeys/{code}/graph", {
    params: { path: { code }, query: { version: to } },
  });
  const [moved, setMoved] = useState({ many: 0, ended: 0 });
  const act = useAct("post", "/api/v1/journeys/{code}/migrate", {
    onSuccess: (said) => {
      const sum = { many: moved.many + said.moved, ended: moved.ended + said.ended };
      setMoved(sum);
      if (said.next) go(said.next);
      else {
        void message.success(
          say("migrate_done", { count: many(sum.many), ended: many(sum.ended) }),
        );
        close();
      }
    },
  });
  const go = (after: string) =>
    setTimeout(() => act.mutate({ ...path, body: { ...body, confirm: true, after } }));
  const where = plan.data?.where ?? [];
  const all = where.reduce((sum, line) => sum + line.visits, 0);
  const steps = graph.data?.nodes.map((node) => ({ value: node.id, label: node.id })) ?? [];
  const choices = [...steps, { value: END, label: say("migrate_end") }];
  return (
    <Modal
      open
      width={640}
      title={say("migrate_title", { version: to })}
      onCancel={close}
      okText={say("migrate_now", { count: many(all) })}
      cancelText={say("cancel")}
      okButtonProps={{ disabled: all === 0 || where.some((line) => !line.to) }}
      confirmLoading={act.isPending}
      onOk={() => go("")}
    >
      <Flex vertical gap={12}>
        <span className="quiet">{say("migrate_why")}</span>
        <Problem error={act.error} />
        <Shown query={plan}>
          {() =>
            all === 0 ? (
              <p>{say("migrate_nobody")}</p>
            ) : (
              <Table<Line>
                aria-label={say("migrate_title", { version: to })}
                size="small"
                pagination={false}
                rowKey={(line) => `${line.version} ${line.node}`}
                dataSource={where}
                columns={[
                  {
                    title: say("step"),
                    render: (_, { version, node }) => say("migrate_from", { version, node }),
                  },
                  {
                    title: say("now"),
                    align: "right",
                    className: "money",
                    render: (_, line) => many(line.visits),
                  },
                  {
                    title: say("migrate_to"),
                    render: (_, line) => (
                      <Select
                        aria-label={`${line.node} ${say("migrate_to")}`}
                        size="small"
                        style={{ width: 200 }}
                        placeholder={say("migrate_pick")}
                        status={line.to ? "" : "error"}
                        value={map[line.node] ?? (line.to || null)}
                        options={choices}
                        onChange={(step) => setMap({ ...map, [line.node]: step })}
                      />
                    ),
                  },
                ]}
              />
            )
          }
        </Shown>
      </Flex>
    </Modal>
  );
}
