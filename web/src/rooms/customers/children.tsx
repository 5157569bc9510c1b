import { Button, DatePicker, Form, Input, InputNumber } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { Fragment, useState } from "react";
import { api, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useNow } from "@/ui/clock";
import { useDone } from "@/ui/done";
import { Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { Ask } from "./ask";
import { HealthConsent, Note } from "./health";
import { Fact, Section } from "./parts";
import { useCustomers } from "./words";

type Told = components["schemas"]["TheChildren"];
const MOST = 9;

/** What a parent lets us keep of their children: months of birth, and the consent to them. */
export function Children({ customer }: { customer: string }) {
  const say = useCustomers();
  const may = useMay()("customers.care"); // whoever may not tell of a child sees none
  const [asked, ask] = useState<"tell" | "forget" | null>(null);
  const query = api.useQuery(
    "get",
    "/api/v1/customers/{customer}/children",
    { params: { path: { customer } } },
    { enabled: may },
  );
  if (!may) return null;
  const told = query.data;
  return (
    <Section
      title={say("children")}
      action={
        told && (
          <Button size="small" type="link" onClick={() => ask("tell")}>
            {say("child_tell")}
          </Button>
        )
      }
    >
      <Shown query={query} rows={1}>
        {(of) => <Kept customer={customer} of={of} forget={() => ask("forget")} />}
      </Shown>
      {asked === "tell" && told && <Tell customer={customer} told={told} done={() => ask(null)} />}
      {asked === "forget" && told && (
        <Forget customer={customer} told={told} done={() => ask(null)} />
      )}
    </Section>
  );
}

function Kept(props: { customer: string; of: Told; forget: () => void }) {
  const { customer, of, forget } = props;
  const say = useCustomers();
  const now = useNow(3600);
  if (of.consent_at === null) return <span className="quiet">{say("children_none")}</span>;
  return (
    <>
      {of.children.map((one) => (
        <Fragment key={one.child}>
          <Fact label={say("child_n", { number: one.child })}>
            <span className="number">
              {one.month} · {say("child_months", { count: age(one.month, now) })}
            </span>
          </Fact>
          <Note customer={customer} told={of} child={one} />
        </Fragment>
      ))}
      {of.children.length === 0 && <span className="quiet">{say("children_no_month")}</span>}
      <Fact label={say("child_consent")}>
        {say("given")} <When at={of.consent_at} />
      </Fact>
      <p className="quiet small" data-raw>
        {of.evidence}
      </p>
      <HealthConsent customer={customer} told={of} />
      <Button size="small" danger onClick={forget}>
        {say("child_forget")}
      </Button>
    </>
  );
}

/** The whole month of birth is month 0, as segments and texts count it. */
function age(month: string, now: Date): number {
  return dayjs(now)
    .startOf("month")
    .diff(dayjs(`${month}-01`), "month");
}

function Tell(props: { customer: string; told: Told; done: () => void }) {
  const { customer, told, done } = props;
  const say = useCustomers();
  const saved = useDone();
  const now = useNow(3600);
  const act = useAct("put", "/api/v1/customers/{customer}/children", {
    onSuccess: () => {
      saved(say("done"));
      done();
    },
  });
  type Said = { child: number; month: Dayjs; evidence?: string };
  const known = told.children.map((one) => one.child);
  const next = Array.from({ length: MOST }, (_, place) => place + 1).find(
    (one) => !known.includes(one),
  );
  const fresh = told.consent_at === null;
  return (
    <Ask<Said>
      title={say("child_tell")}
      act={say("save")}
      error={act.error}
      busy={act.isPending}
      send={({ child, month, evidence = "" }) =>
        act.mutate({
          params: { path: { customer } },
          body: { child, month: month.format("YYYY-MM"), evidence, health: "", by: "" },
        })
      }
      done={done}
    >
      <p className="quiet">{say("child_tell_help")}</p>
      <Form.Item name="child" label={say("child_which")} initialValue={next ?? 1}>
        <InputNumber min={1} max={MOST} precision={0} />
      </Form.Item>
      <Form.Item
        name="month"
        label={say("child_month")}
        rules={[{ required: true, message: say("needed") }]}
      >
        <DatePicker
          picker="month"
          style={{ width: "100%" }}
          disabledDate={(day) => day.isAfter(dayjs(now), "month")}
        />
      </Form.Item>
      <Form.Item
        name="evidence"
        label={say("evidence")}
        extra={fresh ? undefined : say("child_evidence_help")}
        rules={[{ required: fresh, whitespace: true, message: say("needed") }]}
      >
        <Input maxLength={500} autoComplete="off" />
      </Form.Item>
    </Ask>
  );
}

function Forget(props: { customer: string; told: Told; done: () => void }) {
  const { customer, told, done } = props;
  const say = useCustomers();
  const gone = useDone();
  const act = useAct("post", "/api/v1/customers/{customer}/children/forget", {
    onSuccess: () => {
      gone(say("child_forgotten"));
      done();
    },
  });
  return (
    <Ask
      title={say("child_forget")}
      act={say("child_forget_do")}
      danger
      error={act.error}
      busy={act.isPending}
      send={() => act.mutate({ params: { path: { customer } }, body: { by: "" } })}
      done={done}
    >
      <p>{say("child_forget_what", { count: told.children.length })}</p>
    </Ask>
  );
}
