import { App, DatePicker, Form, Input, Select } from "antd";
import type { Dayjs } from "dayjs";
import { api, useAct } from "@/api/client";
import { useCode } from "@/ui/codes";
import { Ask, Why } from "./ask";
import type { Hold as Held } from "./types";
import { useCustomers } from "./words";

const CHANNELS = ["*", "sms", "voice", "wecom"] as const;
const PURPOSES = ["*", "promotion", "order_invitation", "service"] as const;

/** A channel, or a group of them, as holds name it. */
export function useChannel(): (channel: string) => string {
  const say = useCustomers();
  const code = useCode();
  return (channel) => {
    if (channel === "*") return say("hold_everywhere");
    if (channel === "voice" || channel === "wecom" || channel === "sms")
      return code("consent_channel", channel);
    return code("channel", channel);
  };
}

function useDone(done: () => void): () => void {
  const { message } = App.useApp();
  const say = useCustomers();
  return () => {
    message.success(say("done"));
    done();
  };
}

/** Not to be contacted there any more. */
export function Hold({ customer, done }: { customer: string; done: () => void }) {
  const say = useCustomers();
  const code = useCode();
  const channel = useChannel();
  const onSuccess = useDone(done);
  const act = useAct("post", "/api/v1/customers/{customer}/suppressions", { onSuccess });
  type Said = { channel: string; purpose: string; until?: Dayjs | null; why: string };
  const send = ({ until, ...said }: Said) =>
    act.mutate({
      params: { path: { customer } },
      body: { ...said, ...(until && { until: until.endOf("day").toISOString() }) },
    });
  return (
    <Ask<Said>
      title={say("hold")}
      act={say("save")}
      error={act.error}
      busy={act.isPending}
      send={send}
      done={done}
    >
      <Form.Item name="channel" label={say("h_channel")} initialValue="*">
        <Select options={CHANNELS.map((one) => ({ value: one, label: channel(one) }))} />
      </Form.Item>
      <Form.Item name="purpose" label={say("h_purpose")} initialValue="*">
        <Select options={PURPOSES.map((one) => ({ value: one, label: code("purpose", one) }))} />
      </Form.Item>
      <Form.Item name="until" label={say("h_until")}>
        <DatePicker style={{ width: "100%" }} />
      </Form.Item>
      <Why />
    </Ask>
  );
}

export function Lift(props: { customer: string; hold: Held; done: () => void }) {
  const { customer, hold, done } = props;
  const say = useCustomers();
  const code = useCode();
  const channel = useChannel();
  const onSuccess = useDone(done);
  const act = useAct("post", "/api/v1/customers/{customer}/suppressions/lift", { onSuccess });
  const send = ({ why }: { why: string }) =>
    act.mutate({
      params: { path: { customer } },
      body: {
        channel: hold.channel,
        purpose: hold.purpose,
        reason: hold.reason as "by_hand" | "do_not_call",
        why,
      },
    });
  return (
    <Ask<{ why: string }>
      title={say("lift_title")}
      act={say("lift")}
      error={act.error}
      busy={act.isPending}
      send={send}
      done={done}
    >
      <p>
        {channel(hold.channel)} · {code("purpose", hold.purpose)} · {code("hold", hold.reason)}
      </p>
      <Why />
    </Ask>
  );
}

export function Complaint(props: { customer: string; settle: boolean; done: () => void }) {
  const { customer, settle, done } = props;
  const say = useCustomers();
  const bought = api.useQuery("get", "/api/v1/customers/{customer}/timeline", {
    params: { path: { customer }, query: { limit: 20, kinds: ["order"] } },
  });
  const orders = (bought.data?.lines ?? []).map((one) => one.order).filter(Boolean);
  const onSuccess = useDone(done);
  const act = useAct("post", "/api/v1/customers/{customer}/complaint", { onSuccess });
  type Said = { why: string; order?: string };
  const send = ({ why, order }: Said) => {
    const [shop = "", ...number] = (order ?? "").split("/");
    act.mutate({
      params: { path: { customer } },
      body: {
        state: settle ? "settled" : "open",
        why,
        ...(order && { shop, order_no: number.join("/") }),
      },
    });
  };
  return (
    <Ask<Said>
      title={say(settle ? "complaint_settle" : "complaint")}
      act={say("save")}
      error={act.error}
      busy={act.isPending}
      send={send}
      done={done}
    >
      {!settle && <p className="quiet">{say("complaint_note")}</p>}
      {!settle && (
        <Form.Item name="order" label={say("complaint_order")}>
          <Select allowClear options={orders.map((one) => ({ value: one, label: one }))} />
        </Form.Item>
      )}
      <Why />
    </Ask>
  );
}

const BASES = ["consent", "contract", "legitimate_interest"] as const;

export interface Question {
  channel: "sms" | "voice" | "wecom";
  purpose: "order_invitation" | "promotion" | "service";
  given: boolean;
}

/** The customer's own word, with where it can be seen. */
export function Word(props: { customer: string; about: Question; done: () => void }) {
  const { customer, about, done } = props;
  const say = useCustomers();
  const code = useCode();
  const onSuccess = useDone(done);
  const act = useAct("post", "/api/v1/customers/{customer}/consents", { onSuccess });
  type Said = { basis?: (typeof BASES)[number]; evidence?: string };
  const send = ({ basis, evidence = "" }: Said) =>
    act.mutate({
      params: { path: { customer } },
      body: {
        state: about.given ? "given" : "withdrawn",
        channels: [about.channel],
        purposes: [about.purpose],
        ...(about.given && basis && { basis }),
        evidence,
      },
    });
  const rules = [{ required: about.given, whitespace: true, message: say("needed") }];
  return (
    <Ask<Said>
      title={say(about.given ? "consent_give" : "consent_take")}
      act={say("save")}
      danger={!about.given}
      error={act.error}
      busy={act.isPending}
      send={send}
      done={done}
    >
      <p>
        {say("consent_of", {
          channel: code("consent_channel", about.channel),
          purpose: code("purpose", about.purpose),
        })}
      </p>
      {about.given && (
        <Form.Item name="basis" label={say("basis")} initialValue="consent">
          <Select options={BASES.map((one) => ({ value: one, label: code("basis", one) }))} />
        </Form.Item>
      )}
      <Form.Item name="evidence" label={say("evidence")} rules={rules}>
        <Input maxLength={500} autoComplete="off" />
      </Form.Item>
    </Ask>
  );
}
