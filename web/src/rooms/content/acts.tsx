import { Alert, Button, Dropdown, Flex, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useAct } from "@/api/client";
import { useMay } from "@/api/session";
import { useDone } from "@/ui/done";
import { Problem } from "@/ui/states";
import type { Shown } from "./draft";
import { OWN } from "./material";
import { useUses } from "./uses";
import { useContent } from "./words";

type Asked = "approve" | "refuse" | "retire" | null;

/** What whoever is here may do with the version that is looked at. */
function useAllowed(of: Shown) {
  const may = useMay();
  const { material } = of;
  const state = of.versions.find((one) => one.version === of.version)?.state ?? material.state;
  const stands = material.retired_at === null;
  const writes = may("content.write");
  const decides = may("content.approve") && stands;
  return {
    mine: material.playbook === OWN || !material.playbook,
    writes,
    submits: writes && stands && state === "draft",
    approves: decides && state !== "approved",
    refuses: decides && state !== "refused",
    retires: writes && stands,
    waits: state === "draft" || state === "in_review",
  };
}

/** What can be done with the version that is looked at: edit, ask for review, decide, retire. */
export function Acts({ of }: { of: Shown }) {
  const say = useContent();
  const go = useNavigate();
  const told = useDone();
  const [asked, ask] = useState<Asked>(null);
  const can = useAllowed(of);
  const { code } = of.material;
  const close = () => ask(null);
  const copy = `/content/materials/_new/edit?from=${code}`;
  const submit = useAct("post", "/api/v1/materials/{code}/submit", {
    onSuccess: () => told(say("submitted")),
  });
  const main = can.waits && can.approves ? "approve" : can.submits ? "submit" : "edit";
  const kind = (name: typeof main) => (main === name ? "primary" : "default");
  return (
    <Flex gap={8} wrap>
      <More of={of} choose={(key) => (key === "copy" ? go(copy) : ask(key))} />
      {can.writes && (
        <Button
          type={kind("edit")}
          onClick={() => go(can.mine ? `/content/materials/${code}/edit` : copy)}
        >
          {say(can.mine ? "edit" : "copy")}
        </Button>
      )}
      {can.submits && (
        <Button
          type={kind("submit")}
          loading={submit.isPending}
          onClick={() =>
            submit.mutate({ params: { path: { code } }, body: { version: of.version, by: "" } })
          }
        >
          {say("submit")}
        </Button>
      )}
      {can.approves && (
        <Button type={kind("approve")} onClick={() => ask("approve")}>
          {say("approve")}
        </Button>
      )}
      <Problem error={submit.error} />
      {asked === "approve" && <Approve of={of} close={close} />}
      {asked === "refuse" && <Refuse of={of} close={close} />}
      {asked === "retire" && <Retire of={of} close={close} />}
    </Flex>
  );
}

type Chosen = "copy" | "refuse" | "retire";

/** What is done less often. */
function More({ of, choose }: { of: Shown; choose: (chosen: Chosen) => void }) {
  const say = useContent();
  const can = useAllowed(of);
  const items = [
    ...(can.writes && can.mine ? [{ key: "copy", label: say("copy") }] : []),
    ...(can.refuses ? [{ key: "refuse", label: say("refuse") }] : []),
    ...(can.retires ? [{ key: "retire", label: say("retire"), danger: true }] : []),
  ];
  if (items.length === 0) return null;
  return (
    <Dropdown trigger={["click"]} menu={{ items, onClick: ({ key }) => choose(key as Chosen) }}>
      <Button>{say("more")}</Button>
    </Dropdown>
  );
}

interface Deciding {
  of: Shown;
  close: () => void;
}

function useReview(close: () => void, told: string) {
  const done = useDone();
  return useAct("post", "/api/v1/materials/{code}/review", {
    onSuccess: () => {
      done(told);
      close();
    },
  });
}

function Approve({ of, close }: Deciding) {
  const say = useContent();
  const { version } = of;
  const act = useReview(close, say("approved", { version }));
  return (
    <Modal
      open
      title={say("approve_title", { version })}
      okText={say("approve")}
      cancelText={say("cancel")}
      confirmLoading={act.isPending}
      onCancel={close}
      onOk={() =>
        act.mutate({
          params: { path: { code: of.material.code } },
          body: { version, verdict: "approve", why: "", by: "" },
        })
      }
    >
      <Problem error={act.error} />
      <p>{say("approve_why")}</p>
    </Modal>
  );
}

function Refuse({ of, close }: Deciding) {
  const say = useContent();
  const [form] = Form.useForm<{ why: string }>();
  const { version } = of;
  const act = useReview(close, say("refused", { version }));
  return (
    <Modal
      open
      title={say("refuse_title", { version })}
      okText={say("refuse")}
      cancelText={say("cancel")}
      confirmLoading={act.isPending}
      okButtonProps={{ danger: true }}
      onCancel={close}
      onOk={() => form.submit()}
    >
      <Problem error={act.error} />
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={({ why }) =>
          act.mutate({
            params: { path: { code: of.material.code } },
            body: { version, verdict: "refuse", why, by: "" },
          })
        }
      >
        <Form.Item
          name="why"
          label={say("refuse_why")}
          extra={say("refuse_help")}
          rules={[{ required: true, whitespace: true, message: say("refuse_needed") }]}
        >
          <Input.TextArea rows={3} maxLength={500} autoFocus />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function Retire({ of, close }: Deciding) {
  const say = useContent();
  const told = useDone();
  const { code, title } = of.material;
  const used = useUses(code);
  const act = useAct("post", "/api/v1/materials/{code}/retire", {
    onSuccess: () => {
      told(say("retired_done", { code }));
      close();
    },
  });
  return (
    <Modal
      open
      title={say("retire_title", { title: title || code })}
      okText={say("retire")}
      cancelText={say("cancel")}
      okButtonProps={{ danger: true }}
      confirmLoading={act.isPending}
      onCancel={close}
      onOk={() => act.mutate({ params: { path: { code } }, body: { by: "" } })}
    >
      <Flex vertical gap={12}>
        <Problem error={act.error} />
        <span>{say("retire_why")}</span>
        {used.said && (
          <Alert
            type={used.said.length ? "warning" : "info"}
            showIcon
            title={
              used.said.length
                ? say("retire_used", { count: used.said.length, where: used.said.join("、") })
                : say("retire_free")
            }
          />
        )}
      </Flex>
    </Modal>
  );
}
