import { CopyOutlined, PhoneOutlined } from "@ant-design/icons";
import { App, Button, Flex, Tag } from "antd";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { SchemaAboutTask, SchemaRevealed, SchemaTask } from "@/api/schema";
import { useNow } from "@/ui/clock";
import { useCode } from "@/ui/codes";
import { minute } from "@/ui/format";
import { Problem } from "@/ui/states";
import { Code, Money, type Tone, useReason, When } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { spoken } from "./outcomes";
import { useTasks } from "./words";

/** Copies, and says so. */
export function Copy(props: { text: string; label: string; large?: boolean }) {
  const { text, label, large = false } = props;
  const say = useTasks();
  const { message } = App.useApp();
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => void message.success(say("copied")),
      () => void message.warning(say("copy_failed")),
    );
  return (
    <Button icon={<CopyOutlined />} size={large ? "large" : "middle"} onClick={() => void copy()}>
      {label}
    </Button>
  );
}

/** Copies what is on its way: some browsers take it only while the tap lasts. */
async function copyLater(text: Promise<string>): Promise<void> {
  if (typeof ClipboardItem === "undefined") return navigator.clipboard.writeText(await text);
  const coming = text.then((said) => new Blob([said], { type: "text/plain" }));
  return navigator.clipboard.write([new ClipboardItem({ "text/plain": coming })]);
}

/** Phone and name in clear, for the one who does the task; each look is audited. */
export function useReveal(task: string) {
  const [shown, show] = useState<{ task: string; found: SchemaRevealed } | null>(null);
  const ask = api.useMutation("post", "/api/v1/tasks/{task}/reveal", {
    onSuccess: (found) => show({ task, found }),
  });
  const wanted = { params: { path: { task } }, body: { reason: "to do this task", by: "" } };
  const reveal = () => {
    if (!ask.isPending) ask.mutate(wanted);
  };
  const phone = async () => {
    const found = await ask.mutateAsync(wanted);
    if (!found.phone) throw new Error("there is no number");
    return found.phone;
  };
  return { reveal, phone, pending: ask.isPending, error: ask.error, found: known(shown, task) };
}

function known(shown: { task: string; found: SchemaRevealed } | null, task: string) {
  return shown?.task === task ? shown.found : null;
}

export type Reveal = ReturnType<typeof useReveal>;

/** A number as WeCom finds it: Chinese ones without their country's code. */
const searched = (phone: string) => phone.replace(/^\+86/, "");

/** The masked number with a way to the whole one; `copies`: one tap has it ready to be searched for. */
export function PhoneNumber(props: {
  task: SchemaTask;
  reveal: Reveal;
  hint?: string;
  short?: boolean;
  copies?: boolean;
}) {
  const { task, reveal, hint, short = false, copies = false } = props;
  const say = useTasks();
  const { message } = App.useApp();
  const { found } = reveal;
  const copy = () => {
    const phone = reveal.phone().then(searched);
    copyLater(phone).then(
      () => void message.success(say("copied")),
      () => phone.then(() => void message.warning(say("copy_failed"))).catch(() => {}),
    );
  };
  if (found?.phone) {
    return (
      <Flex gap={12} align="center" wrap>
        <a className="tasks-phone number" href={`tel:${found.phone}`}>
          <PhoneOutlined /> {found.phone}
        </a>
        <Copy text={copies ? searched(found.phone) : found.phone} label={say("copy_number")} />
      </Flex>
    );
  }
  return (
    <Flex vertical gap={8}>
      <Flex gap={12} align="center" wrap>
        <span className="tasks-phone number">{task.phone_masked || "—"}</span>
        <Button
          onClick={copies ? copy : reveal.reveal}
          loading={reveal.pending}
          icon={copies ? <CopyOutlined /> : <PhoneOutlined />}
          title={say("number_why")}
        >
          {say(copies ? "copy_number" : "show_number")} {hint && <kbd>{hint}</kbd>}
        </Button>
        {(found || !short) && (
          <span className="quiet">{found ? say("number_gone") : say("number_why")}</span>
        )}
      </Flex>
      <Problem error={reveal.error} />
    </Flex>
  );
}

/** What to say, with the blank filled as far as the name may be shown, and one tap to copy it. */
export function Script({ task, name }: { task: SchemaTask; name: string }) {
  const say = useTasks();
  const words = spoken(task.script, name || task.name_masked);
  return (
    <Flex vertical gap={8}>
      <p className="tasks-script">{words}</p>
      <Flex gap={8} wrap>
        <Copy text={spoken(task.script, name)} label={say("copy_script")} />
        {task.link && <Copy text={task.link} label={say("copy_link")} />}
      </Flex>
    </Flex>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="tasks-part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** The customer card: what they bought, what we promise, what was tried, what was noted. */
export function About({ about }: { about: SchemaAboutTask }) {
  const say = useTasks();
  return (
    <div className="tasks-about">
      {about.friend && <Tag color="cyan">{say("friend_already")}</Tag>}
      <Part title={say("promise")}>
        <Promised about={about} />
      </Part>
      <Part title={say("bought")}>
        <Bought about={about} />
      </Part>
      <Part title={say("earlier")}>
        <Earlier about={about} />
      </Part>
      <Others about={about} />
      <Notes about={about} />
    </div>
  );
}

function Promised({ about }: { about: SchemaAboutTask }) {
  const say = useTasks();
  const [language] = useLanguage();
  const now = useNow();
  const { promise } = about;
  if (!promise) return <span className="quiet">{say("no_promise")}</span>;
  const over = promise.cutoff_at !== null && new Date(promise.cutoff_at) <= now;
  const at = promise.cutoff_at ? minute(promise.cutoff_at) : "";
  return (
    <Flex vertical gap={4}>
      <span className="tasks-offer">
        {promise.title[language]}{" "}
        <span className="quiet">
          {say("worth")} <Money minor={promise.value_minor} currency={promise.currency} />
        </span>
      </span>
      <span>
        {promise.parcel_no ? say("in_parcel", { parcel: promise.parcel_no }) : say("no_parcel")}
      </span>
      {at && (
        <span className={over ? "tone-waits" : "quiet"}>
          {say(over ? "cutoff_over" : "cutoff", { at })}
        </span>
      )}
    </Flex>
  );
}

function Bought({ about }: { about: SchemaAboutTask }) {
  const say = useTasks();
  const { order } = about;
  if (!order) return <span className="quiet">{say("no_order")}</span>;
  return (
    <Flex vertical gap={4}>
      {order.items.map((one) => (
        <Flex key={`${one.sku} ${one.amount_minor}`} justify="space-between" gap={12}>
          <span>
            {one.title} <span className="quiet number">× {one.quantity}</span>
          </span>
          <Money minor={one.amount_minor} currency={order.currency} />
        </Flex>
      ))}
      <span className="quiet">
        {order.shop_name} · <span data-raw>{order.order_no}</span> · {say("bought_at")}{" "}
        <When at={order.paid_at} /> · {say("orders_before", { count: about.orders })}
      </span>
      {order.state !== "paid" && (
        <span>
          <Code set="order" code={order.state} tone="waits" />
        </span>
      )}
    </Flex>
  );
}

const WAITS = ["withheld", "wished", "owed", "unknown"];

function tone(state: string): Tone {
  if (WAITS.includes(state)) return "waits";
  return state === "failed" ? "harm" : "plain";
}

function Earlier({ about }: { about: SchemaAboutTask }) {
  const say = useTasks();
  const why = useReason();
  const code = useCode();
  if (about.touches.length === 0) return <span className="quiet">{say("no_earlier")}</span>;
  return (
    <ul className="tasks-touches">
      {about.touches.map((one) => (
        <li key={`${one.step} ${one.at}`}>
          <span>{code("channel", one.channel)}</span>
          <Code set="touch" code={one.state} tone={tone(one.state)} />
          {one.intent && <span>{say("intent", { grade: one.intent })}</span>}
          {one.outcome && <span>{code("outcome", one.outcome)}</span>}
          {one.reason && <span className="tone-waits">{why(one.reason)}</span>}
          <span className="quiet">
            <When at={one.at} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Others({ about }: { about: SchemaAboutTask }) {
  const say = useTasks();
  const code = useCode();
  if (about.others.length === 0) return null;
  return (
    <Part title={say("others")}>
      {about.others.map((one) => (
        <div key={one.id}>
          {code("task_kind", one.kind)} · <span data-raw>{one.staff}</span> · {say("due")}{" "}
          <When at={one.due_at} />
        </div>
      ))}
    </Part>
  );
}

function Notes({ about }: { about: SchemaAboutTask }) {
  const say = useTasks();
  if (about.notes.length === 0) return null;
  return (
    <Part title={say("notes")}>
      {about.notes.map((one) => (
        <div key={`${one.at} ${one.text}`}>
          {one.text}{" "}
          <span className="quiet">
            <span data-raw>{one.by}</span> · <When at={one.at} />
          </span>
        </div>
      ))}
    </Part>
  );
}

/** To the whole of what is known of them. */
export function ToCustomer({ customer, name }: { customer: string; name: string }) {
  const say = useTasks();
  return <Link to={`/customers/${customer}`}>{name || say("nameless")}</Link>;
}

/** The quiet hour that work which may wait was put into, and why that one. */
export function Planned({ task }: { task: SchemaTask }) {
  const say = useTasks();
  const [language] = useLanguage();
  const why = task.planned_why[language];
  if (!why) return null;
  return (
    <div className="quiet small">
      {task.planned_for && (
        <>
          {say("planned")} <When at={task.planned_for} /> ·{" "}
        </>
      )}
      {why}
    </div>
  );
}
