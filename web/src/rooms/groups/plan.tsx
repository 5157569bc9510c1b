import { Button, Flex, Modal, Table, type TableProps, Tag, Tooltip } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useDone } from "@/ui/done";
import { Nothing, Problem, Shown } from "@/ui/states";
import { Count, When } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { useNames } from "./names";
import { usePlans } from "./plans.words";
import { Code } from "./way";

type Plan = components["schemas"]["GroupPlan"];
type Sure = { is: "pause" | "end"; plan: Plan };

/** What groups are for, how full each is, where their code leads. */
export function Plans({ open }: { open: (code: string) => void }) {
  const say = usePlans();
  const query = api.useQuery("get", "/api/v1/groups/plans", {});
  const [sure, ask] = useState<Sure | null>(null);
  return (
    <section className="panel" aria-label={say("part_plans")}>
      <Shown query={query}>
        {({ plans }) =>
          plans.length === 0 ? (
            <Nothing what={say("none")} />
          ) : (
            <List plans={plans} open={open} ask={ask} />
          )
        }
      </Shown>
      {sure?.is === "pause" && <Pause plan={sure.plan} close={() => ask(null)} />}
      {sure?.is === "end" && <End plan={sure.plan} close={() => ask(null)} />}
    </section>
  );
}

function List(props: { plans: Plan[]; open: (code: string) => void; ask: (sure: Sure) => void }) {
  const { plans, open, ask } = props;
  const say = usePlans();
  const [language] = useLanguage();
  const columns: TableProps<Plan>["columns"] = [
    {
      key: "plan",
      title: say("plan"),
      render: (_, row) => (
        <>
          <strong data-raw>{row.title[language] ?? row.code}</strong>{" "}
          <code className="quiet">{row.code}</code>
          <div className="quiet small">
            <span data-raw>{say("set_by", { who: row.set_by })}</span> <When at={row.set_at} />
          </div>
        </>
      ),
    },
    { key: "whom", title: say("admission"), render: (_, row) => <Whom of={row} /> },
    {
      key: "members",
      title: say("members"),
      align: "right",
      className: "money",
      render: (_, row) => <Count of={row.members} />,
    },
    { key: "groups", title: say("groups"), render: (_, row) => <Rooms of={row} /> },
    { key: "way", title: say("way"), render: (_, row) => <Way of={row} /> },
    { key: "state", title: say("state"), render: (_, row) => <State of={row} /> },
    { key: "acts", title: "", render: (_, row) => <Acts of={row} open={open} ask={ask} /> },
  ];
  return (
    <Table<Plan>
      aria-label={say("part_plans")}
      size="small"
      rowKey="code"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={plans}
      columns={columns}
    />
  );
}

function Whom({ of }: { of: Plan }) {
  const say = usePlans();
  return (
    <>
      {of.admission ? (
        <Link to={`/customers/segments/${of.admission}`}>
          <code>{of.admission}</code>
        </Link>
      ) : (
        say("everybody")
      )}
      {of.apart_from.length > 0 && (
        <div className="quiet small">
          {say("apart")} <code>{of.apart_from.join(", ")}</code>
        </div>
      )}
    </>
  );
}

/** Each group chat with how full it is. */
function Rooms({ of }: { of: Plan }) {
  const say = usePlans();
  if (of.chats.length === 0) return <span className="tone-waits">{say("no_groups")}</span>;
  return (
    <ul className="group-rooms">
      {of.chats.map((one) => (
        <li key={one.chat}>
          <Tooltip title={say(`room_${one.room}`)}>
            <span data-raw>{one.title || one.chat}</span>
          </Tooltip>
          <meter
            aria-label={`${one.title} ${say(`room_${one.room}`)}`}
            min={0}
            max={of.capacity}
            high={of.fills_up_to}
            value={one.people}
          />
          <span className="number quiet small">
            {say("of", { people: one.people, most: of.capacity })}
            {one.led_into && ` · ${say("led")}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Way({ of }: { of: Plan }) {
  const say = usePlans();
  const may = useMay()("ways.read");
  const { data } = api.useQuery("get", "/api/v1/ways", {}, { enabled: may && of.way !== "" });
  if (!of.way) return <span className="quiet">{say("no_way")}</span>;
  const way = data?.ways.find((one) => one.kind === "group" && one.state === of.way);
  return (
    <Flex gap={8} align="center">
      <code>{of.way}</code>
      {way ? <Code of={way} /> : data && <span className="tone-waits">{say("way_gone")}</span>}
    </Flex>
  );
}

function State({ of }: { of: Plan }) {
  const say = usePlans();
  const name = useNames();
  if (of.paused_at)
    return (
      <>
        <Tag className="tone-waits">{say("paused")}</Tag>{" "}
        <span className="quiet small">
          <span data-raw>{name(of.paused_by)}</span> <When at={of.paused_at} />
        </span>
      </>
    );
  if (of.alarm) return <Tag className="tone-harm">{say("alarm")}</Tag>;
  return <Tag className="tone-ours">{say("runs")}</Tag>;
}

function Acts(props: { of: Plan; open: (code: string) => void; ask: (sure: Sure) => void }) {
  const { of, open, ask } = props;
  const say = usePlans();
  const may = useMay()("ways.write");
  const done = useDone();
  const resume = api.useMutation("post", "/api/v1/groups/plans/resume", {
    onSuccess: () => done(say("resumed_done", { code: of.code })),
  });
  return (
    <Flex gap={4}>
      <Button size="small" onClick={() => open(of.code)}>
        {say(may ? "edit" : "look")}
      </Button>
      {may && of.paused_at && (
        <Button
          size="small"
          loading={resume.isPending}
          onClick={() => resume.mutate({ body: { code: of.code, by: "" } })}
        >
          {say("resume")}
        </Button>
      )}
      {may && !of.paused_at && (
        <Button size="small" onClick={() => ask({ is: "pause", plan: of })}>
          {say("pause")}
        </Button>
      )}
      {may && (
        <Button size="small" danger onClick={() => ask({ is: "end", plan: of })}>
          {say("end")}
        </Button>
      )}
      <Problem error={resume.error} />
    </Flex>
  );
}

function Pause({ plan, close }: { plan: Plan; close: () => void }) {
  const say = usePlans();
  const done = useDone();
  const { code } = plan;
  const back = api.useMutation("post", "/api/v1/groups/plans/resume", {
    onSuccess: () => done(say("resumed_done", { code })),
  });
  const act = api.useMutation("post", "/api/v1/groups/plans/pause", {
    onSuccess: () => {
      done(say("paused_done", { code }), () => back.mutate({ body: { code, by: "" } }));
      close();
    },
  });
  return (
    <Modal
      open
      title={say("pause_title", { code })}
      okText={say("pause")}
      cancelText={say("cancel")}
      confirmLoading={act.isPending}
      onCancel={close}
      onOk={() => act.mutate({ body: { code, by: "" } })}
    >
      <Problem error={act.error} />
      <p>{say("pause_why")}</p>
    </Modal>
  );
}

function End({ plan, close }: { plan: Plan; close: () => void }) {
  const say = usePlans();
  const done = useDone();
  const { code, text } = plan;
  const back = api.useMutation("put", "/api/v1/groups/plans", {
    onSuccess: () => done(say("undone", { code })),
  });
  const act = api.useMutation("post", "/api/v1/groups/plans/drop", {
    onSuccess: () => {
      done(say("ended_done", { code }), () => back.mutate({ body: { text, by: "" } }));
      close();
    },
  });
  return (
    <Modal
      open
      title={say("end_title", { code })}
      okText={say("end")}
      cancelText={say("cancel")}
      okButtonProps={{ danger: true }}
      confirmLoading={act.isPending}
      onCancel={close}
      onOk={() => act.mutate({ body: { code, by: "" } })}
    >
      <Problem error={act.error} />
      <p>{say("end_why")}</p>
    </Modal>
  );
}
