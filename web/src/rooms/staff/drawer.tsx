import { Button, Drawer, Flex, Form, Input, Select, Switch } from "antd";
import { useAct } from "@/api/client";
import type { SchemaAtStore, SchemaSet } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { Problem } from "@/ui/states";
import { Access } from "./access";
import { Figures } from "./figures";
import { Rota } from "./rota";
import type { Account, Person } from "./tree";
import { useStaff } from "./words";

const ROLES = ["guide", "operator", "engineer", "owner", "auditor"] as const;
type Role = (typeof ROLES)[number];

interface Said {
  code: string;
  name: string;
  role: Role;
  store: string | null;
  active: boolean;
}

/** Somebody, or somebody new: who they are, whether they can sign in, when they work. */
export default function Open(props: {
  person?: Person;
  account?: Account;
  stores: readonly SchemaAtStore[];
  everybody: SchemaSet;
  manages: boolean;
  whole: boolean;
  close: () => void;
}) {
  const { person, account, stores, everybody, manages, whole, close } = props;
  const say = useStaff();
  return (
    <Drawer
      open
      onClose={close}
      size={440}
      title={
        person ? (
          <>
            {person.name}
            <span className="staff-code" data-raw>
              {person.code}
            </span>
          </>
        ) : (
          say("add")
        )
      }
      className="staff-drawer"
      destroyOnHidden
    >
      <Flex vertical gap={24}>
        <Who person={person} stores={stores} manages={manages} close={close} />
        {person && whole && (
          <Access person={person} account={account} stores={stores} manages={manages} />
        )}
        {person && <Rota of={person.set} everybody={everybody} />}
        {person && <Figures code={person.code} />}
      </Flex>
    </Drawer>
  );
}

function Who(props: {
  person?: Person;
  stores: readonly SchemaAtStore[];
  manages: boolean;
  close: () => void;
}) {
  const { person, stores, manages, close } = props;
  const say = useStaff();
  const code = useCode();
  const act = useAct("put", "/api/v1/staff/{who}", { onSuccess: () => person ?? close() });
  const finish = ({ code: who, store, ...rest }: Said) =>
    act.mutate({
      params: { path: { who: person?.code ?? who.trim() } },
      body: { ...rest, store: store || null, by: "" },
    });
  const missing = { required: true, whitespace: true, message: say("missing") };
  return (
    <Form<Said>
      layout="vertical"
      requiredMark={false}
      disabled={!manages}
      onFinish={finish}
      initialValues={{
        name: person?.name,
        role: person?.role ?? "guide",
        store: person?.store ?? "",
        active: person?.active ?? true,
      }}
    >
      <Problem error={act.error} />
      {!person && (
        <Form.Item name="code" label={say("code")} extra={say("code_help")} rules={[missing]}>
          <Input autoCapitalize="off" autoFocus />
        </Form.Item>
      )}
      <Form.Item name="name" label={say("name")} rules={[missing]}>
        <Input />
      </Form.Item>
      <Flex gap={12}>
        <Form.Item name="role" label={say("role")} style={{ flex: 1 }}>
          <Select options={ROLES.map((one) => ({ value: one, label: code("role", one) }))} />
        </Form.Item>
        <Form.Item name="store" label={say("store")} style={{ flex: 1 }}>
          <Select
            showSearch={{ optionFilterProp: "label" }}
            options={[
              { value: "", label: say("head_office") },
              ...stores.map((one) => ({ value: one.code, label: one.name })),
            ]}
          />
        </Form.Item>
      </Flex>
      <Form.Item name="active" label={say("active")} valuePropName="checked" layout="horizontal">
        <Switch />
      </Form.Item>
      {manages && (
        <Button type="primary" htmlType="submit" loading={act.isPending}>
          {say("save")}
        </Button>
      )}
      {act.isSuccess && person && (
        <span role="status" className="tone-ours" style={{ marginLeft: 12 }}>
          {say("saved")}
        </span>
      )}
    </Form>
  );
}
