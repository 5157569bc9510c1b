import { App, Button, Collapse, Drawer, Flex } from "antd";
import { type ReactNode, useState } from "react";
import { Link, Navigate } from "react-router";
import { api, type Failure, useAct } from "@/api/client";
import type { SchemaTask } from "@/api/schema";
import { useMay, useSession } from "@/api/session";
import { useNow } from "@/ui/clock";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { minute } from "@/ui/format";
import { useNames } from "@/ui/names";
import { Page } from "@/ui/page";
import { Nothing, Problem, Shown } from "@/ui/states";
import { Code, When } from "@/ui/value";
import { Day, useDay } from "./day";
import { Unheard } from "./desk";
import { ByHand } from "./hand";
import { Match } from "./match";
import { ASKED_AGAIN, KEYS, type Outcome, REQUEST, toneOf } from "./outcomes";
import { About, PhoneNumber, Planned, Script, ToCustomer, useReveal } from "./parts";
import { Mine } from "./presses";
import { report } from "./reports";
import "./tasks.css";
import { useTasks } from "./words";

const HOUR = 3_600_000;

/** A guide's own work, for the phone first: who, why now, one tap to do it. */
export function Component() {
  const say = useTasks();
  const may = useMay();
  const { data: here } = useSession();
  const [{ staff }] = useFilters(["staff"]);
  const whose = staff || here?.code || "";
  if (here && !staff && here.role !== "guide" && may("tasks.manage"))
    return <Navigate to="/tasks/team" replace />;
  return (
    <Page
      title={say("mine")}
      primary={
        may("tasks.work") && (
          <Link to="/tasks/desk">
            <Button type="primary">{say("desk")}</Button>
          </Link>
        )
      }
    >
      <Todo staff={whose} />
    </Page>
  );
}

function Todo({ staff }: { staff: string }) {
  const day = useDay(staff);
  const query = { staff, state: "open" as const, limit: 200 };
  const list = api.useQuery(
    "get",
    "/api/v1/tasks",
    { params: { query } },
    { enabled: staff !== "", refetchInterval: 30_000 },
  );
  return (
    <Flex vertical gap={16} className="tasks-todo">
      <Day day={day.data} />
      <Unheard />
      <Mine />
      <ByHand />
      <Shown query={list}>{({ tasks }) => <Sections tasks={tasks} done={day.data?.done} />}</Shown>
    </Flex>
  );
}

function Sections({ tasks, done }: { tasks: readonly SchemaTask[]; done: number | undefined }) {
  const say = useTasks();
  const now = useNow();
  const later = tasks.filter((one) => one.snoozed_until && new Date(one.snoozed_until) > now);
  const ready = tasks.filter((one) => !later.includes(one));
  const overdue = ready.filter((one) => new Date(one.due_at) <= now);
  const rest = ready.filter((one) => !overdue.includes(one));
  if (ready.length === 0)
    return (
      <div className="panel">
        <Nothing
          what={
            <>
              <strong>{say("all_done")}</strong>
              <br />
              {done ? say("all_done_today", { count: done }) : say("all_done_why")}
              {later.length > 0 && (
                <>
                  <br />
                  {say("more_later", { count: later.length })}
                </>
              )}
            </>
          }
        />
      </div>
    );
  return (
    <>
      <Section title={say("overdue")} tasks={overdue} late />
      <Section title={say("now")} tasks={rest} />
      <Section title={say("later")} tasks={later} />
    </>
  );
}

function Section(props: { title: string; tasks: readonly SchemaTask[]; late?: boolean }) {
  const { title, tasks, late = false } = props;
  if (tasks.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2 className={late ? "tone-waits" : undefined}>
        {title} <span className="number">{tasks.length}</span>
      </h2>
      <Flex vertical gap={12}>
        {tasks.map((task) => (
          <Card key={task.id} task={task} late={late} />
        ))}
      </Flex>
    </section>
  );
}

type Open = "how" | "when" | "who" | "match" | null;

function Card({ task, late }: { task: SchemaTask; late: boolean }) {
  const say = useTasks();
  const code = useCode();
  const names = useNames();
  const { data: here } = useSession();
  const { message } = App.useApp();
  const reveal = useReveal(task.id);
  const [open, setOpen] = useState<Open>(null);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const name = reveal.found?.name ?? "";
  const asks = task.kind === "friend_request";
  const why = task.intent
    ? say("why_intent", { grade: task.intent })
    : say("why_journey", { journey: names.journey(task.journey) });

  const end = (outcome: Outcome) => {
    const minutes = task.kind === "call" ? 3 : 1;
    const body = { outcome, minutes, staff: "", note: "", by: "" };
    const answer = report(task.id, here?.code ?? "", body);
    if (!answer) return;
    setOpen(null);
    setSending(true);
    answer
      .then((told) => {
        void message.success(`${code("outcome", outcome)} · ${code("followed", told.follows)}`);
        if (outcome === "already_added") setOpen("match");
      })
      .catch((error: Failure) => setFailure(error))
      .finally(() => setSending(false));
  };

  return (
    <article className={late ? "panel tasks-card late" : "panel tasks-card"}>
      <Flex justify="space-between" align="baseline" gap={8} wrap>
        <span className="tasks-who">
          <ToCustomer customer={task.customer} name={name || task.name_masked} />{" "}
          <Code set="task_kind" code={task.kind} tone="ours" />
        </span>
        <span className={late ? "tone-waits" : "quiet"}>
          {say("due")} <When at={task.due_at} />
        </span>
      </Flex>
      <div className="quiet">
        {why} · <span data-raw>{task.order_no}</span>
        {task.tries > 0 && ` · ${say("tries", { count: task.tries })}`}
      </div>
      <Planned task={task} />
      <PhoneNumber task={task} reveal={reveal} short copies={asks} />
      {asks && <p className="quiet tasks-by-hand">{say("by_hand")}</p>}
      <Collapse
        size="small"
        ghost
        defaultActiveKey={asks ? ["script"] : []}
        items={[
          { key: "script", label: say("script"), children: <Script task={task} name={name} /> },
        ]}
      />
      <Problem error={failure} />
      <div className="tasks-thumb">
        {asks ? (
          <Button type="primary" loading={sending} onClick={() => end("requested")}>
            {code("outcome", "requested")}
          </Button>
        ) : (
          <Button type="primary" loading={sending} onClick={() => setOpen("how")}>
            {say("done")}
          </Button>
        )}
        <Button onClick={() => setOpen("when")}>{say("later")}</Button>
        {asks && <Button onClick={() => setOpen("how")}>{say("not")}</Button>}
        <Button onClick={() => setOpen("who")}>{say("customer")}</Button>
      </div>
      <How task={task} open={open === "how"} close={() => setOpen(null)} end={end} />
      <Later task={task} open={open === "when"} close={() => setOpen(null)} />
      <Who task={task} open={open === "who"} close={() => setOpen(null)} />
      <Sheet title={say("match")} open={open === "match"} close={() => setOpen(null)}>
        <Match task={task} onDone={() => setOpen(null)} />
      </Sheet>
    </article>
  );
}

function Sheet(props: { title: string; open: boolean; close: () => void; children: ReactNode }) {
  const { title, open, close, children } = props;
  return (
    <Drawer
      title={title}
      open={open}
      onClose={close}
      placement="bottom"
      size="auto"
      destroyOnHidden
      className="tasks-sheet"
    >
      {children}
    </Drawer>
  );
}

function How(props: {
  task: SchemaTask;
  open: boolean;
  close: () => void;
  end: (outcome: Outcome) => void;
}) {
  const { task, open, close, end } = props;
  const say = useTasks();
  const code = useCode();
  const { modal } = App.useApp();
  const outcomes = task.kind === "call" ? KEYS.map(([, outcome]) => outcome) : REQUEST.slice(1);
  const press = (outcome: Outcome) => {
    if (!ASKED_AGAIN.includes(outcome)) return end(outcome);
    const what = outcome === "do_not_call" ? "sure_do_not_call" : "sure_wrong_person";
    void modal.confirm({
      title: say(what),
      okText: say("sure_yes"),
      cancelText: say("cancel"),
      onOk: () => end(outcome),
    });
  };
  return (
    <Sheet title={say("how")} open={open} close={close}>
      <Flex vertical gap={8}>
        {outcomes.map((outcome) => (
          <Button
            key={outcome}
            size="large"
            block
            className={`tone-${toneOf(outcome)}`}
            onClick={() => press(outcome)}
          >
            {code("outcome", outcome)}
          </Button>
        ))}
      </Flex>
    </Sheet>
  );
}

function Later({ task, open, close }: { task: SchemaTask; open: boolean; close: () => void }) {
  const say = useTasks();
  const now = useNow();
  const { message } = App.useApp();
  const act = useAct("post", "/api/v1/tasks/{task}/snooze", {
    onSuccess: ({ snoozed_until }) => {
      close();
      if (snoozed_until) void message.success(say("put_off", { at: minute(snoozed_until) }));
    },
  });
  const due = new Date(task.due_at).getTime();
  const choices = (
    [
      ["in_half", now.getTime() + HOUR / 2],
      ["in_two", now.getTime() + 2 * HOUR],
      ["before_due", due - HOUR],
    ] as const
  ).filter(([, at]) => at > now.getTime() && at < due);
  const put = (at: number) =>
    act.mutate({
      params: { path: { task: task.id } },
      body: { until: new Date(at).toISOString() },
    });
  return (
    <Sheet title={say("when")} open={open} close={close}>
      <Flex vertical gap={8}>
        <Problem error={act.error} />
        {choices.length === 0 && <p className="quiet">{say("too_late")}</p>}
        {choices.map(([name, at]) => (
          <Button key={name} size="large" block loading={act.isPending} onClick={() => put(at)}>
            {say(name)} · <span className="number">{minute(new Date(at))}</span>
          </Button>
        ))}
      </Flex>
    </Sheet>
  );
}

function Who({ task, open, close }: { task: SchemaTask; open: boolean; close: () => void }) {
  const say = useTasks();
  const about = api.useQuery(
    "get",
    "/api/v1/tasks/{task}/about",
    { params: { path: { task: task.id } } },
    { enabled: open },
  );
  return (
    <Sheet title={task.name_masked || say("customer")} open={open} close={close}>
      <Shown query={about}>{(found) => <About about={found} />}</Shown>
    </Sheet>
  );
}
