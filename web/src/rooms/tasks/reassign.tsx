import { App, Button, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import type { SchemaAllMoved } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { Problem } from "@/ui/states";
import { useTasks } from "./words";

/** Give what is selected to somebody else; each task by itself. */
export function Reassign({ tasks, onDone }: { tasks: readonly string[]; onDone: () => void }) {
  const say = useTasks();
  const told = useTold();
  const [open, setOpen] = useState(false);
  const team = api.useQuery("get", "/api/v1/tasks/team", {
    params: { query: { limit: 1000 } },
  });
  const act = useAct("post", "/api/v1/tasks/reassign", {
    onSuccess: (answer) => {
      setOpen(false);
      onDone();
      told(answer);
    },
  });
  const people = (team.data?.team ?? []).map((one) => ({
    value: one.code,
    label: one.at_work ? one.name : `${one.name} · ${say("off")}`,
  }));
  return (
    <>
      <Button type="primary" disabled={tasks.length === 0} onClick={() => setOpen(true)}>
        {say("reassign")}
      </Button>
      <Modal
        title={say("reassign_title", { count: tasks.length })}
        open={open}
        onCancel={() => setOpen(false)}
        okText={say("reassign")}
        cancelText={say("cancel")}
        confirmLoading={act.isPending}
        okButtonProps={{ htmlType: "submit", form: "reassign" }}
        destroyOnHidden
      >
        <Problem error={act.error} />
        <Form
          id="reassign"
          layout="vertical"
          initialValues={{ to: "", reason: "" }}
          onFinish={(said: { to: string; reason: string }) =>
            act.mutate({ body: { ...said, tasks: [...tasks], by: "" } })
          }
        >
          <Form.Item name="to" label={say("to")}>
            <Select
              showSearch={{ optionFilterProp: "label" }}
              options={[{ value: "", label: say("to_auto") }, ...people]}
            />
          </Form.Item>
          <Form.Item name="reason" label={say("reason")}>
            <Input maxLength={200} />
          </Form.Item>
        </Form>
      </Modal>
    </>
  );
}

/** What became of them, in one line; whatever stayed says why. */
function useTold(): (answer: SchemaAllMoved) => void {
  const say = useTasks();
  const code = useCode();
  const { message } = App.useApp();
  return ({ moved, tasks }) => {
    const stayed = new Map<string, number>();
    for (const { refused } of tasks)
      if (refused) stayed.set(refused, (stayed.get(refused) ?? 0) + 1);
    const lines = [...stayed].map(([why, count]) =>
      say("stayed", { count, why: code("task_refusal", why) }),
    );
    const said = [say("moved", { moved }), ...lines].join(" · ");
    void (lines.length ? message.warning(said, 8) : message.success(said));
  };
}

/** Everything that somebody has open, to others. */
export function HandOver({ staff }: { staff: string }) {
  const say = useTasks();
  const { message } = App.useApp();
  const act = useAct("post", "/api/v1/staff/{who}/hand-over", {
    onSuccess: ({ moved, kept }) => void message.success(say("handed", { moved, kept })),
  });
  return (
    <>
      <Problem error={act.error} />
      <Button
        loading={act.isPending}
        onClick={() =>
          act.mutate({ params: { path: { who: staff } }, body: { reason: "", by: "" } })
        }
      >
        {say("hand_over")}
      </Button>
    </>
  );
}
