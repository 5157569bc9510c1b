import { Button, Flex, Form, Input } from "antd";
import { useState } from "react";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useDone } from "@/ui/done";
import { day } from "@/ui/format";
import { When } from "@/ui/value";
import { Ask, Why } from "./ask";
import { Fact } from "./parts";
import { useHiding } from "./reveal";
import { useCustomers } from "./words";

type Told = components["schemas"]["TheChildren"];
type Child = components["schemas"]["Child"];
const MOST = 200; // characters

// No Idempotency-Key on what says or shows a note: neither it nor its answer is kept anywhere.

/** That there is a note on a child's health, and until when; its words only to who says why. */
export function Note({ customer, told, child }: { customer: string; told: Told; child: Child }) {
  const say = useCustomers();
  const may = useMay()("customers.health");
  const [asked, ask] = useState<"write" | "read" | "delete" | null>(null);
  const act = api.useMutation(
    "post",
    "/api/v1/customers/{customer}/children/{child}/health/reveal",
    { gcTime: 0, onSuccess: () => begin() },
  );
  const [left, begin] = useHiding(act.reset);
  const until = child.health_until;
  const path = { customer, child: child.child };
  if (until === null && !may) return null;
  const act_on = (what: typeof asked, label: string) => (
    <Button size="small" type="link" onClick={() => ask(what)}>
      {label}
    </Button>
  );
  return (
    <Fact label={say("health_of", { number: child.child })}>
      {until === null ? (
        act_on("write", say("health_tell"))
      ) : (
        <Flex wrap align="center">
          <span>{say("health_until", { day: day(until) })}</span>
          {may && act_on("read", say("health_read"))}
          {may && act_on("write", say("health_change"))}
          {may && act_on("delete", say("health_delete"))}
        </Flex>
      )}
      {left > 0 && act.data && (
        <Flex gap={8} wrap role="status">
          <strong data-raw>{act.data.note}</strong>
          <span className="quiet small number">{say("revealed", { seconds: left })}</span>
        </Flex>
      )}
      {asked === "write" && (
        <Write customer={customer} told={told} child={child} done={() => ask(null)} />
      )}
      {asked === "read" && (
        <Ask<{ why: string }>
          title={say("health_read_title", { number: child.child })}
          act={say("reveal_do")}
          error={act.error}
          busy={act.isPending}
          send={({ why }) =>
            act.mutate({ params: { path }, body: { reason: why } }, { onSuccess: () => ask(null) })
          }
          done={() => ask(null)}
        >
          <Why label={say("reveal_why")} />
        </Ask>
      )}
      {asked === "delete" && <Delete path={path} done={() => ask(null)} />}
    </Fact>
  );
}

function Write(props: { customer: string; told: Told; child: Child; done: () => void }) {
  const { customer, told, child, done } = props;
  const say = useCustomers();
  const saved = useDone();
  const act = api.useMutation("put", "/api/v1/customers/{customer}/children/{child}/health", {
    gcTime: 0,
    onSuccess: () => {
      saved(say("done"));
      done();
    },
  });
  const fresh = told.health_consent_at === null;
  return (
    <Ask<{ note: string; evidence?: string }>
      title={say("health_write_title", { number: child.child })}
      act={say("save")}
      error={act.error}
      busy={act.isPending}
      send={({ note, evidence = "" }) =>
        act.mutate({
          params: { path: { customer, child: child.child } },
          body: { note, evidence, by: "" },
        })
      }
      done={done}
    >
      <p className="quiet">{say("health_help", { count: told.health_days })}</p>
      <Form.Item
        name="note"
        label={say("health_note")}
        extra={child.health_until === null ? say("health_note_help") : say("health_note_instead")}
        rules={[{ required: true, whitespace: true, message: say("needed") }]}
      >
        <Input maxLength={MOST} autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="evidence"
        label={say("health_evidence")}
        extra={say(fresh ? "health_evidence_first" : "child_evidence_help")}
        rules={[{ required: fresh, whitespace: true, message: say("needed") }]}
      >
        <Input maxLength={500} autoComplete="off" />
      </Form.Item>
    </Ask>
  );
}

function Delete(props: { path: { customer: string; child: number }; done: () => void }) {
  const { path, done } = props;
  const say = useCustomers();
  const gone = useDone();
  const act = api.useMutation(
    "post",
    "/api/v1/customers/{customer}/children/{child}/health/forget",
    {
      onSuccess: () => {
        gone(say("health_deleted"));
        done();
      },
    },
  );
  return (
    <Ask
      title={say("health_delete_title", { number: path.child })}
      act={say("health_delete")}
      danger
      error={act.error}
      busy={act.isPending}
      send={() => act.mutate({ params: { path }, body: { by: "" } })}
      done={done}
    >
      <p>{say("health_delete_what")}</p>
    </Ask>
  );
}

/** The parent's separate consent to notes on health, and how it is taken back. */
export function HealthConsent({ customer, told }: { customer: string; told: Told }) {
  const say = useCustomers();
  const may = useMay()("customers.health");
  const [asked, ask] = useState(false);
  const gone = useDone();
  const act = api.useMutation("post", "/api/v1/customers/{customer}/children/health/forget", {
    onSuccess: () => {
      gone(say("health_forgotten"));
      ask(false);
    },
  });
  if (told.health_consent_at === null) return null;
  const count = told.children.filter((one) => one.health_until !== null).length;
  return (
    <>
      <Fact label={say("health_consent")}>
        {say("given")} <When at={told.health_consent_at} />
      </Fact>
      <p className="quiet small" data-raw>
        {told.health_evidence}
      </p>
      {may && (
        <Button size="small" danger onClick={() => ask(true)}>
          {say("health_forget")}
        </Button>
      )}
      {asked && (
        <Ask
          title={say("health_forget")}
          act={say("child_forget_do")}
          danger
          error={act.error}
          busy={act.isPending}
          send={() => act.mutate({ params: { path: { customer } }, body: { by: "" } })}
          done={() => ask(false)}
        >
          <p>{say("health_forget_what", { count })}</p>
        </Ask>
      )}
    </>
  );
}
