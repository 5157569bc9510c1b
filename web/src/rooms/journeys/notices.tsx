import { Alert, Button, Flex, Input, Modal, Popconfirm } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import type { SchemaDetail } from "@/api/schema";
import { useMay, useSession } from "@/api/session";
import { Problem } from "@/ui/states";
import { useTongue } from "./said";

/** What stands in the way of a journey or waits for somebody: a pause, a pilot, an approval. */
export function Notices({ detail }: { detail: SchemaDetail }) {
  const { say } = useTongue();
  const may = useMay();
  const { code } = detail;
  const resume = useAct("post", "/api/v1/resume");
  const error = resume.error;
  return (
    <Flex vertical gap={8}>
      <Problem error={error} />
      {detail.paused && (
        <Alert
          type="error"
          showIcon
          title={say("paused_since")}
          action={
            may("touches.stop") && (
              <Button
                size="small"
                loading={resume.isPending}
                onClick={() => resume.mutate({ body: { scope: `journey:${code}`, by: "" } })}
              >
                {say("resume")}
              </Button>
            )
          }
        />
      )}
      {detail.pilot !== null && <Pilot detail={detail} />}
      <Waiting code={code} />
    </Flex>
  );
}

function Pilot({ detail }: { detail: SchemaDetail }) {
  const { say, many } = useTongue();
  const may = useMay();
  const { code, version } = detail;
  const act = useAct("post", "/api/v1/journeys/{code}/widen");
  return (
    <>
      <Problem error={act.error} />
      <Alert
        type="warning"
        showIcon
        title={say("pilot_runs", {
          version,
          in: many(detail.piloted ?? 0),
          of: many(detail.pilot ?? 0),
        })}
        action={
          may("journeys.publish") && (
            <Popconfirm
              title={say("widen_sure", { version })}
              okText={say("widen")}
              cancelText={say("cancel")}
              onConfirm={() => act.mutate({ params: { path: { code } }, body: { by: "" } })}
            >
              <Button size="small" loading={act.isPending}>
                {say("widen")}
              </Button>
            </Popconfirm>
          )
        }
      />
    </>
  );
}

function Waiting({ code }: { code: string }) {
  const { say, many } = useTongue();
  const may = useMay();
  const { data: here } = useSession();
  const [refusing, setRefusing] = useState(false);
  const [reason, setReason] = useState("");
  const query = api.useQuery("get", "/api/v1/approvals", {});
  const act = useAct("post", "/api/v1/journeys/{code}/approve", {
    onSuccess: () => setRefusing(false),
  });
  const one = query.data?.waiting.find((row) => row.code === code);
  if (!one) return null;
  const decide = (yes: boolean) =>
    act.mutate({ params: { path: { code } }, body: { yes, reason: yes ? "" : reason, by: "" } });
  const mine = one.asked_by === here?.code;
  return (
    <>
      <Problem error={act.error} />
      <Alert
        type="warning"
        showIcon
        title={say("approval_of", {
          version: one.version,
          who: one.asked_by,
          count: many(one.people),
        })}
        description={mine ? say("you_asked") : undefined}
        action={
          may("journeys.approve") &&
          !mine && (
            <Flex gap={8}>
              <Button
                size="small"
                type="primary"
                loading={act.isPending}
                onClick={() => decide(true)}
              >
                {say("approve")}
              </Button>
              <Button size="small" disabled={act.isPending} onClick={() => setRefusing(true)}>
                {say("refuse")}
              </Button>
            </Flex>
          )
        }
      />
      <Modal
        open={refusing}
        title={say("refuse_title", { version: one.version })}
        onCancel={() => setRefusing(false)}
        okText={say("refuse")}
        cancelText={say("cancel")}
        confirmLoading={act.isPending}
        okButtonProps={{ disabled: !reason.trim() }}
        onOk={() => decide(false)}
      >
        <label htmlFor="journey-refuse">{say("refuse_reason")}</label>
        <Input.TextArea
          id="journey-refuse"
          value={reason}
          maxLength={400}
          onChange={({ target }) => setReason(target.value)}
        />
      </Modal>
    </>
  );
}
