import { Alert, Button, Flex, Input, type InputRef, Select } from "antd";
import { type RefObject, useEffect, useRef, useState } from "react";
import { Navigate } from "react-router";
import { api } from "@/api/client";
import type { SchemaTask } from "@/api/schema";
import { useMay, useSession } from "@/api/session";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { duration, minute } from "@/ui/format";
import { Page } from "@/ui/page";
import { Nothing, Problem } from "@/ui/states";
import { When } from "@/ui/value";
import { type Calling, useCalling, useKeys } from "./calling";
import { Day, useDay } from "./day";
import { Match } from "./match";
import { KEYS, type Outcome, outcomeOf, toneOf } from "./outcomes";
import { About, PhoneNumber, Planned, Script, ToCustomer, useReveal } from "./parts";
import { useReports } from "./reports";
import "./tasks.css";
import { useTasks } from "./words";

/** The call desk: one customer at a time, by keys. */
export function Component() {
  const say = useTasks();
  const may = useMay();
  const { data: here } = useSession();
  const [{ staff }] = useFilters(["staff"]);
  const whose = staff || here?.code || "";
  if (here && !may("tasks.work")) return <Navigate to="/tasks" replace />;
  return (
    <Page title={say("desk")} primary={may("tasks.manage") && <Whose />}>
      <Desk key={whose} staff={whose} />
    </Page>
  );
}

/** An operator may work anybody's list. */
function Whose() {
  const say = useTasks();
  const [{ staff }, set] = useFilters(["staff"]);
  const team = api.useQuery("get", "/api/v1/tasks/team", {});
  const options = (team.data?.team ?? []).map((one) => ({
    value: one.code,
    label: `${one.name} · ${one.open}`,
  }));
  return (
    <Select
      aria-label={say("whose")}
      placeholder={say("choose")}
      className="tasks-whose"
      value={staff || undefined}
      options={options}
      showSearch={{ optionFilterProp: "label" }}
      onChange={(code) => set({ staff: code })}
    />
  );
}

function Desk({ staff }: { staff: string }) {
  const calling = useCalling(staff);
  const day = useDay(staff);
  const { next } = calling;
  return (
    <Flex vertical gap={16}>
      <Day day={next?.day && !day.data ? next.day : day.data} />
      <Unheard />
      <LastOne calling={calling} />
      <Problem error={calling.refused} />
      {calling.matching ? (
        <Match task={calling.matching} onDone={calling.take} />
      ) : (
        <Stage calling={calling} />
      )}
    </Flex>
  );
}

function Stage({ calling }: { calling: Calling }) {
  const say = useTasks();
  const { next } = calling;
  const idle = !next?.task || calling.over;
  useKeys((event) => {
    const onButton = event.target instanceof Element && event.target.closest("button, a");
    if (idle && event.key === "Enter" && !onButton) calling.take();
  });
  if (calling.over)
    return (
      <div className="panel">
        <Nothing what={say(calling.taking ? "coming" : "not_come")}>
          <Button type="primary" onClick={calling.take} loading={calling.taking}>
            {say("next")} <kbd>Enter</kbd>
          </Button>
        </Nothing>
      </div>
    );
  if (next?.task) return <Call key={next.task.id} calling={calling} task={next.task} />;
  const start = (
    <Button type="primary" size="large" onClick={calling.take} loading={calling.taking}>
      {say(next ? "look_again" : "start")} <kbd>Enter</kbd>
    </Button>
  );
  return (
    <div className="panel">
      {next ? (
        <Nothing
          what={
            <>
              <strong>{say("all_done")}</strong>
              <br />
              {say("desk_empty")}
            </>
          }
        >
          {start}
        </Nothing>
      ) : (
        <Nothing what={say("start_why")}>{start}</Nothing>
      )}
    </div>
  );
}

function Call({ calling, task }: { calling: Calling; task: SchemaTask }) {
  const say = useTasks();
  const reveal = useReveal(task.id);
  const note = useRef<InputRef>(null);
  const name = reveal.found?.name ?? "";
  useKeys((event) => {
    const outcome = outcomeOf(event);
    if (outcome) {
      event.preventDefault();
      calling.press(outcome);
    } else if (event.key === "Escape") calling.leave();
    else if (!event.repeat && event.key.toLowerCase() === "v") reveal.reveal();
    else if (event.key.toLowerCase() === "n") {
      event.preventDefault();
      note.current?.focus();
    }
  });
  return (
    <div className="tasks-desk">
      <section className="panel tasks-call" aria-label={say("who")}>
        <Flex justify="space-between" align="baseline" gap={12} wrap>
          <h2 className="tasks-name">{name || task.name_masked || say("nameless")}</h2>
          <Held calling={calling} />
        </Flex>
        <PhoneNumber task={task} reveal={reveal} hint="V" />
        <div className="quiet">
          {say("due")} <When at={task.due_at} />
          {task.tries > 0 && ` · ${say("tries", { count: task.tries })}`} ·{" "}
          <ToCustomer customer={task.customer} name={say("customer")} />
        </div>
        <Planned task={task} />
        <h3>{say("script")}</h3>
        <Script task={task} name={name} />
        <Outcomes calling={calling} note={note} />
      </section>
      {calling.next?.about && (
        <aside className="panel">
          <About about={calling.next.about} />
        </aside>
      )}
    </div>
  );
}

function Outcomes(props: { calling: Calling; note: RefObject<InputRef | null> }) {
  const { calling, note } = props;
  const say = useTasks();
  const code = useCode();
  return (
    <Flex vertical gap={12}>
      <h3>{say("outcomes")}</h3>
      {calling.failure && (
        <Flex vertical gap={8}>
          <strong>{say("not_recorded")}</strong>
          <Problem error={calling.failure} />
          <div>
            <Button type="primary" onClick={calling.take}>
              {say("next")}
            </Button>
          </div>
        </Flex>
      )}
      {calling.asked ? (
        <Sure calling={calling} outcome={calling.asked} />
      ) : (
        <div className="tasks-keys">
          {KEYS.map(([key, outcome]) => (
            <Button
              key={key}
              size="large"
              className={`tone-${toneOf(outcome)}`}
              disabled={calling.sending !== null || calling.failure !== null}
              loading={calling.sending === outcome}
              onClick={() => calling.press(outcome)}
            >
              <kbd aria-label={say("key", { key })}>{key}</kbd> {code("outcome", outcome)}
            </Button>
          ))}
        </div>
      )}
      <Input
        ref={note}
        aria-label={say("note")}
        placeholder={`${say("note")} · ${say("note_hint")}`}
        maxLength={500}
        value={calling.note}
        onChange={(event) => calling.setNote(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" || event.key === "Enter") note.current?.blur();
        }}
      />
    </Flex>
  );
}

/** What can't be taken back is asked once more; Enter says yes, Escape no. */
function Sure({ calling, outcome }: { calling: Calling; outcome: Outcome }) {
  const say = useTasks();
  const yes = useRef<HTMLButtonElement>(null);
  useEffect(() => yes.current?.focus(), []);
  const what = outcome === "do_not_call" ? "sure_do_not_call" : "sure_wrong_person";
  return (
    <Alert
      type={outcome === "do_not_call" ? "error" : "warning"}
      role="alertdialog"
      aria-label={say(what)}
      title={say(what)}
      action={
        <Flex gap={8}>
          <Button ref={yes} danger={outcome === "do_not_call"} onClick={calling.sure}>
            {say("sure_yes")} <kbd>Enter</kbd>
          </Button>
          <Button type="text" onClick={calling.leave}>
            {say("cancel")} <kbd>Esc</kbd>
          </Button>
        </Flex>
      }
    />
  );
}

/** For how long nobody else gets this customer. */
function Held({ calling }: { calling: Calling }) {
  const say = useTasks();
  const [now, tick] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => tick(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, Math.round((calling.heldUntil - now) / 1000));
  if (left > 0)
    return <span className="number quiet">{say("keep", { time: duration(left) })}</span>;
  return (
    <Flex gap={8} align="center" wrap>
      <span className="tone-waits">{say("kept_over")}</span>
      <Button size="small" onClick={calling.take}>
        {say("keep_again")}
      </Button>
    </Flex>
  );
}

function LastOne({ calling }: { calling: Calling }) {
  const say = useTasks();
  const code = useCode();
  if (!calling.last) return null;
  const { task, told } = calling.last;
  const follows = told.again_at
    ? say("last_again", { at: minute(told.again_at) })
    : code("followed", told.follows);
  const values = { who: task.name_masked, outcome: code("outcome", told.outcome), follows };
  return (
    <div role="status" className="quiet tasks-last">
      {say("last", values)}
    </div>
  );
}

/** What the server has not heard yet. */
export function Unheard() {
  const say = useTasks();
  const reports = useReports();
  const [slow, setSlow] = useState(false);
  const waits = reports.length > 0;
  useEffect(() => {
    setSlow(false);
    if (!waits) return;
    const timer = setTimeout(() => setSlow(true), 1500);
    return () => clearTimeout(timer);
  }, [waits]);
  if (!waits || !slow) return null;
  return (
    <Alert
      type="warning"
      showIcon
      role="status"
      title={say("kept_here", { count: reports.length })}
    />
  );
}
