import { App, Button, Flex, Popconfirm, Table, type TableProps, Tag } from "antd";
import { api, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { Page } from "@/ui/page";
import { Nothing, Problem, Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { useSettings } from "./words";
import "./settings.css";

type Subscriber = components["schemas"]["Subscriber"];

/** Systems that are told of facts by signed webhooks. */
export function Component() {
  const say = useSettings();
  const query = api.useQuery("get", "/api/v1/subscribers", { params: { query: { limit: 500 } } });
  return (
    <Page title={say("subscribers")} under={say("subscribers_under")}>
      <Shown query={query}>{(found) => <List rows={found.subscribers} />}</Shown>
    </Page>
  );
}

function List({ rows }: { rows: Subscriber[] }) {
  const say = useSettings();
  const code = useCode();
  const columns: TableProps<Subscriber>["columns"] = [
    { key: "url", title: say("address"), render: (_, row) => <code>{row.url}</code> },
    {
      key: "kinds",
      title: say("told_of"),
      render: (_, row) =>
        row.kinds.length === 0
          ? say("every_kind")
          : row.kinds.map((kind) => <Tag key={kind}>{code("event", kind)}</Tag>),
    },
    { key: "stands", title: say("stands"), render: (_, row) => <Stands of={row} /> },
    { key: "told", title: say("last_told"), render: (_, row) => <When at={row.told_at} /> },
    { key: "press", title: "", render: (_, row) => <Presses of={row} /> },
  ];
  return (
    <Table<Subscriber>
      aria-label={say("subscribers")}
      size="small"
      pagination={false}
      scroll={{ x: "max-content" }}
      columns={columns}
      dataSource={rows}
      rowKey="id"
      locale={{ emptyText: <Nothing what={say("no_subscribers")} /> }}
    />
  );
}

function Stands({ of }: { of: Subscriber }) {
  const say = useSettings();
  if (!of.active)
    return (
      <>
        <span className="tone-harm">{say("stopped")}</span>{" "}
        <span className="quiet">{of.stopped_why}</span>
      </>
    );
  if (of.failures > 0)
    return (
      <>
        <span className="tone-waits">{say("failing", { count: of.failures })}</span>{" "}
        <When at={of.failing_since} />
        <div className="quiet small">{of.error}</div>
      </>
    );
  return <span className="tone-ours">{say("is_told")}</span>;
}

function Presses({ of }: { of: Subscriber }) {
  const say = useSettings();
  const may = useMay()("subscribers.write");
  const { message } = App.useApp();
  const path = { params: { path: { subscriber: of.id } } };
  const resume = useAct("post", "/api/v1/subscribers/{subscriber}/resume", {
    onSuccess: () => void message.success(say("resumed")),
  });
  const test = useAct("post", "/api/v1/subscribers/{subscriber}/test", {
    onSuccess: (answer) =>
      void (answer.error
        ? message.warning(answer.error)
        : message.success(say("took_it", { status: answer.status ?? 0 }))),
  });
  const remove = useAct("post", "/api/v1/subscribers/{subscriber}/remove", {
    onSuccess: () => void message.success(say("removed")),
  });
  if (!may) return null;
  return (
    <Flex vertical gap={4}>
      <Flex gap={8}>
        {!of.active && (
          <Button
            size="small"
            loading={resume.isPending}
            onClick={() => resume.mutate({ ...path, body: { by: "" } })}
          >
            {say("resume")}
          </Button>
        )}
        <Button size="small" loading={test.isPending} onClick={() => test.mutate(path)}>
          {say("try_it")}
        </Button>
        <Popconfirm
          title={say("remove_sure")}
          okText={say("remove")}
          cancelText={say("back")}
          onConfirm={() => remove.mutate({ ...path, body: { by: "" } })}
        >
          <Button size="small" danger loading={remove.isPending}>
            {say("remove")}
          </Button>
        </Popconfirm>
      </Flex>
      <Problem error={resume.error ?? test.error ?? remove.error} />
    </Flex>
  );
}
