import { Alert, App, Button, Flex, Form, Input, Popconfirm, Select, Switch } from "antd";
import { api } from "@/api/client";
import type { SchemaFriendsGiven } from "@/api/schema";
import { Problem } from "@/ui/states";
import { Became } from "./standing";
import { useHandover } from "./words";
import "./handover.css";

interface Said {
  giver: string;
  taker: string;
  left: boolean;
  words: string;
}

/** Choose the two, count, and only then begin. */
export function Begin() {
  const say = useHandover();
  const { message } = App.useApp();
  const [fields] = Form.useForm<Said>();
  const left = Form.useWatch("left", fields) ?? false;
  const { data } = api.useQuery("get", "/api/v1/staff");
  const people = (data?.staff ?? []).map((one) => ({ value: one.code, label: one.name }));
  const working = (data?.staff ?? [])
    .filter((one) => one.active)
    .map((one) => ({ value: one.code, label: one.name }));
  const count = api.useMutation("post", "/api/v1/handovers/plan");
  const begin = api.useMutation("post", "/api/v1/handovers", {
    onSuccess: ({ moved, kept }) => {
      count.reset();
      fields.resetFields();
      void message.success(say("begun", { moved, kept }));
    },
  });
  const asked = () => {
    const { giver, taker, words } = fields.getFieldsValue();
    return { giver, taker, left, words: left ? "" : (words ?? "").trim() };
  };
  const chosen = [{ required: true, message: say("missing") }];
  const search = { optionFilterProp: "label" };
  return (
    <Form<Said>
      form={fields}
      layout="vertical"
      requiredMark={false}
      className="panel handover-form"
      initialValues={{ left: false, words: "" }}
      onValuesChange={(changed) => "words" in changed || count.reset()}
      onFinish={() => {
        const { giver, taker } = asked();
        count.mutate({ body: { giver, taker, left } });
      }}
    >
      <Problem error={count.error ?? begin.error} />
      <Flex gap={16} wrap>
        <Form.Item name="giver" label={say("giver")} rules={chosen} className="handover-who">
          <Select showSearch={search} options={people} />
        </Form.Item>
        <Form.Item name="taker" label={say("taker")} rules={chosen} className="handover-who">
          <Select showSearch={search} options={working} />
        </Form.Item>
      </Flex>
      <Form.Item name="left" label={say("left")} valuePropName="checked" extra={say("left_help")}>
        <Switch />
      </Form.Item>
      {!left && (
        <Form.Item name="words" label={say("words")} extra={say("words_help")}>
          <Input.TextArea maxLength={200} autoSize={{ minRows: 1, maxRows: 4 }} />
        </Form.Item>
      )}
      {count.data ? (
        <Counted
          of={count.data}
          who={people.find((one) => one.value === fields.getFieldValue("giver"))?.label ?? ""}
          busy={begin.isPending}
          begin={() => begin.mutate({ body: { ...asked(), reason: "", by: "" } })}
        />
      ) : (
        <Button type="primary" htmlType="submit" loading={count.isPending}>
          {say("count")}
        </Button>
      )}
    </Form>
  );
}

function Counted(props: { of: SchemaFriendsGiven; who: string; busy: boolean; begin: () => void }) {
  const { of, who, busy, begin } = props;
  const say = useHandover();
  return (
    <Flex vertical gap={12} align="flex-start">
      <Alert
        type="info"
        role="status"
        title={say("can", { count: of.free })}
        description={
          <>
            <Became of={of} />
            {of.free > 0 && <div className="small">{say("tasks_too", { who })}</div>}
          </>
        }
      />
      {of.free > 0 && (
        <Popconfirm
          title={say("sure", { count: of.free })}
          okText={say("begin", { count: of.free })}
          cancelText={say("back")}
          onConfirm={begin}
        >
          <Button type="primary" loading={busy}>
            {say("begin", { count: of.free })}
          </Button>
        </Popconfirm>
      )}
    </Flex>
  );
}
