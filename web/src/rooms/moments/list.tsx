import { App, Button, Flex, Popconfirm, Popover, Table, type TableProps, Tag } from "antd";
import { lazy, Suspense, useState } from "react";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { Page } from "@/ui/page";
import { Soon } from "@/ui/soon";
import { Nothing, Notice, Problem, Shown } from "@/ui/states";
import { Count, When } from "@/ui/value";
import { useMoments } from "./words";
import "./moments.css";

type Moment = components["schemas"]["MomentShown"];

const Write = lazy(() => import("./write"));
const MAKING = 5000; // milliseconds: WeCom makes one within a minute or so

/** What is in the shop window: who has shown it, who can see it, what they did. */
export function Component() {
  const say = useMoments();
  const may = useMay();
  const [writing, setWriting] = useState(false);
  const query = api.useQuery(
    "get",
    "/api/v1/moments",
    {},
    {
      refetchInterval: ({ state }) =>
        state.data?.moments.some((one) => one.state === "making") ? MAKING : false,
    },
  );
  const can = query.data?.connected && may("moments.publish");
  return (
    <Page
      title={say("title")}
      under={say("under")}
      primary={
        can && (
          <Button type="primary" onClick={() => setWriting(true)}>
            {say("write")}
          </Button>
        )
      }
    >
      <Shown query={query}>
        {({ connected, moments }) =>
          connected ? (
            <Flex vertical gap={12}>
              {moments.some((one) => one.state === "open" && waiting(one).length > 0) && (
                <p className="quiet">{say("no_reminder")}</p>
              )}
              <List rows={moments} />
            </Flex>
          ) : (
            <Notice title={say("title")} why={say("not_connected")}>
              <Link to="/settings/connections">
                <Button>{say("connect")}</Button>
              </Link>
            </Notice>
          )
        }
      </Shown>
      <Suspense fallback={<Soon />}>
        {writing && <Write close={() => setWriting(false)} />}
      </Suspense>
    </Page>
  );
}

function waiting(one: Moment): string[] {
  return one.asked.filter((code) => !one.published.includes(code));
}

function List({ rows }: { rows: Moment[] }) {
  const say = useMoments();
  const may = useMay()("moments.publish");
  const figure = (title: string, of: (row: Moment) => number | null) => ({
    title,
    align: "right" as const,
    render: (_: unknown, row: Moment) => {
      const found = of(row);
      return found === null ? "—" : <Count of={found} />;
    },
  });
  const columns: TableProps<Moment>["columns"] = [
    { title: say("content"), render: (_, row) => <What of={row} /> },
    { title: say("state"), render: (_, row) => <Stands of={row} /> },
    { title: say("published"), render: (_, row) => <Published of={row} /> },
    figure(say("seen"), (row) => row.seen),
    figure(say("likes"), (row) => row.likes),
    figure(say("comments"), (row) => row.comments),
    { title: say("looked_at"), render: (_, row) => <When at={row.looked_at} /> },
    {
      title: say("when"),
      render: (_, row) => (
        <>
          <When at={row.at} /> <span className="quiet">{row.by}</span>
        </>
      ),
    },
  ];
  if (may) columns.push({ title: "", render: (_, row) => <Cancel of={row} /> });
  return (
    <Table<Moment>
      aria-label={say("title")}
      size="small"
      rowKey="id"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      columns={columns}
      locale={{ emptyText: <Nothing what={say("none")} /> }}
    />
  );
}

function What({ of }: { of: Moment }) {
  const say = useMoments();
  return (
    <div className="moment-what">
      <div className="moment-text">{of.text || of.title}</div>
      <span className="quiet small">
        {[of.media > 0 && say("media", { count: of.media }), of.link].filter(Boolean).join(" · ")}
      </span>
      {of.tags.map((tag) => (
        <Tag key={tag} data-raw>
          {tag}
        </Tag>
      ))}
    </div>
  );
}

const TONE = { making: "waits", open: "waits", done: "ours", failed: "harm", cancelled: "out" };

function Stands({ of }: { of: Moment }) {
  const say = useMoments();
  const state = of.state === "open" && waiting(of).length === 0 ? "done" : of.state;
  return (
    <>
      <span className={`tone-${TONE[state]}`}>{say(state)}</span>
      {of.why && <div className="quiet small">{of.why}</div>}
    </>
  );
}

/** How many have published it; pressed, who has not. */
function Published({ of }: { of: Moment }) {
  const say = useMoments();
  const named = useStaffNames();
  const left = waiting(of);
  const shown = say("of", { published: of.published.length, asked: of.asked.length });
  if (of.state !== "open" || left.length === 0) return <span className="number">{shown}</span>;
  return (
    <Popover
      trigger="click"
      title={say("waiting")}
      content={<div className="moment-waiting">{left.map(named).join("、")}</div>}
    >
      <Button type="link" size="small" className="number moment-open">
        {shown}
      </Button>
    </Popover>
  );
}

function Cancel({ of }: { of: Moment }) {
  const say = useMoments();
  const { message } = App.useApp();
  const cancel = api.useMutation("post", "/api/v1/moments/{moment}/cancel", {
    onSuccess: () => void message.success(say("off_now")),
  });
  if (of.state !== "open" || waiting(of).length === 0) return null;
  return (
    <>
      <Popconfirm
        title={say("cancel_sure")}
        okText={say("cancel")}
        cancelText={say("keep")}
        onConfirm={() => cancel.mutate({ params: { path: { moment: of.id } }, body: { by: "" } })}
      >
        <Button size="small" danger loading={cancel.isPending}>
          {say("cancel")}
        </Button>
      </Popconfirm>
      <Problem error={cancel.error} />
    </>
  );
}

/** What people call whoever has this code. */
export function useStaffNames(): (code: string) => string {
  const { data } = api.useQuery("get", "/api/v1/staff");
  return (code) => data?.staff.find((one) => one.code === code)?.name ?? code;
}
