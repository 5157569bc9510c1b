import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { api, type Failure } from "@/api/client";
import { queries } from "@/api/queries";
import { useStaff } from "./words";

interface Said {
  old: string;
  fresh: string;
  again: string;
}

/** A password of one's own. Every other device is signed out by it. */
export function ChangePassword({ changed }: { changed?: () => void }) {
  const say = useStaff();
  const [form] = Form.useForm<Said>();
  const [done, setDone] = useState(false);
  const act = api.useMutation("post", "/api/v1/session/password", {
    onSuccess: (here) => {
      queries.setQueryData(["get", "/api/v1/session", {}], here);
      form.resetFields();
      setDone(true);
      changed?.();
    },
  });
  const finish = ({ old, fresh }: Said) => {
    setDone(false);
    act.mutate({ body: { old, new: fresh } });
  };
  const missing = { required: true, message: say("missing") };
  return (
    <Form form={form} layout="vertical" requiredMark={false} onFinish={finish}>
      {act.error && (
        <Alert
          role="alert"
          type="error"
          showIcon
          title={say("change_failed")}
          description={why(act.error as unknown as Failure, say)}
        />
      )}
      {done && <Alert role="status" type="success" showIcon title={say("changed")} />}
      <Form.Item name="old" label={say("old")} rules={[missing]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <Form.Item
        name="fresh"
        label={say("new")}
        extra={say("new_help")}
        rules={[missing, { min: 10, message: say("short") }]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="again"
        label={say("again")}
        dependencies={["fresh"]}
        rules={[
          missing,
          {
            validator: (_, again) =>
              !again || again === form.getFieldValue("fresh")
                ? Promise.resolve()
                : Promise.reject(new Error(say("differs"))),
          },
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={act.isPending}>
        {say("change")}
      </Button>
    </Form>
  );
}

function why(failure: Failure, say: ReturnType<typeof useStaff>): string {
  if (failure.status === 429) return say("wait", { seconds: failure.again ?? 60 });
  if (failure.problems.some((one) => one.where === "old")) return say("wrong_old");
  if (failure.status === 400) return say("weak");
  return failure.message;
}
