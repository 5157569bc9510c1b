import { Alert, Flex, Input, Modal, Segmented } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import { useDone } from "@/ui/done";
import { save } from "@/ui/file";
import { Problem } from "@/ui/states";
import { useUsers } from "./keep";
import type { Tongue } from "./say";
import type { Detail } from "./segment";
import { useSegments } from "./words";

/** The members as a file; what it is for is kept in the audit log. */
export function Export({ of, close }: { of: Detail; close: () => void }) {
  const say = useSegments();
  const told = useDone();
  const [reason, setReason] = useState("");
  const [form, setForm] = useState<"csv" | "xlsx">("csv");
  const [needed, need] = useState(false);
  const send = api.useMutation("post", "/api/v1/segments/{segment}/export", {
    gcTime: 0, // a file of people is kept nowhere
    onSuccess: (found) => {
      save(`${of.code}.${form}`, found as unknown as Blob);
      told(say("exported"));
      close();
    },
  });
  const go = () => {
    if (!reason.trim()) return need(true);
    send.mutate({
      params: { path: { segment: of.code } },
      body: { reason, form, by: "" },
      parseAs: "blob",
    } as never);
  };
  return (
    <Modal
      open
      title={say("export")}
      okText={say("take_out")}
      cancelText={say("cancel")}
      confirmLoading={send.isPending}
      onOk={go}
      onCancel={close}
    >
      <Flex vertical gap={12}>
        <Problem error={send.error} />
        <p style={{ margin: 0 }}>{say("export_why")}</p>
        <Segmented
          aria-label={say("as")}
          style={{ alignSelf: "flex-start" }}
          value={form}
          options={[
            { value: "csv", label: "CSV" },
            { value: "xlsx", label: "Excel" },
          ]}
          onChange={setForm}
        />
        <label htmlFor="seg-reason">{say("reason")}</label>
        <Input
          id="seg-reason"
          maxLength={300}
          value={reason}
          status={needed && !reason.trim() ? "error" : ""}
          onChange={(event) => setReason(event.target.value)}
        />
        {needed && !reason.trim() && (
          <span className="tone-harm" role="alert">
            {say("needed")}
          </span>
        )}
      </Flex>
    </Modal>
  );
}

/** Out of use, unless somebody needs it: then it says who. */
export function Retire(props: { of: Detail; tongue: Tongue; close: () => void }) {
  const { of, tongue, close } = props;
  const { say, language } = tongue;
  const told = useDone();
  const users = useUsers(say);
  const used = of.used_by.length > 0;
  const act = useAct("post", "/api/v1/segments/{segment}/retire", {
    onSuccess: () => {
      told(say("retired_done"));
      close();
    },
  });
  return (
    <Modal
      open
      title={say("retire_title", { title: of.title[language] })}
      okText={say("retire")}
      cancelText={say("cancel")}
      okButtonProps={{ danger: true, disabled: used }}
      confirmLoading={act.isPending}
      onOk={() => act.mutate({ params: { path: { segment: of.code } }, body: { by: "" } })}
      onCancel={close}
    >
      <Flex vertical gap={12}>
        <Problem error={act.error} />
        <span>{say("retire_why")}</span>
        <Alert
          type={used ? "warning" : "info"}
          showIcon
          title={used ? say("retire_used", { users: users(of.used_by) }) : say("retire_free")}
        />
      </Flex>
    </Modal>
  );
}
