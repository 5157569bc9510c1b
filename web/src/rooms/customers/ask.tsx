import { Form, type FormInstance, Input, Modal } from "antd";
import type { ReactNode } from "react";
import { Problem } from "@/ui/states";
import { useCustomers } from "./words";

/** A dialog with one form and one button; it stays open, and says why, when the server refuses. */
export function Ask<Values extends object>(props: {
  title: string;
  act: string;
  danger?: boolean;
  error: unknown;
  busy: boolean;
  send: (values: Values) => void;
  done: () => void;
  form?: FormInstance<Values>;
  able?: boolean;
  children: ReactNode;
}) {
  const { title, act, danger, error, busy, send, done, able = true, children } = props;
  const say = useCustomers();
  const [own] = Form.useForm<Values>();
  const form = props.form ?? own;
  return (
    <Modal
      open
      destroyOnHidden
      title={title}
      okText={act}
      cancelText={say("cancel")}
      okButtonProps={{ danger: danger ?? false, disabled: !able, loading: busy }}
      onOk={() => form.submit()}
      onCancel={done}
    >
      <Form<Values> form={form} layout="vertical" requiredMark={false} onFinish={send}>
        <Problem error={error} />
        {children}
      </Form>
    </Modal>
  );
}

/** Why: one line, kept in the audit. */
export function Why({ label }: { label?: string }) {
  const say = useCustomers();
  return (
    <Form.Item
      name="why"
      label={label ?? say("why")}
      rules={[{ required: true, whitespace: true, message: say("needed") }]}
    >
      <Input maxLength={500} autoComplete="off" />
    </Form.Item>
  );
}
