import { App, Button, Form as Fields, Flex, Input, InputNumber, Modal, Radio, Select } from "antd";
import { api } from "@/api/client";
import type { SchemaKnownWay } from "@/api/schema";
import { useMay } from "@/api/session";
import { Problem } from "@/ui/states";
import { useNames, usePeople } from "./names";
import { useGroups } from "./words";

type Kind = SchemaKnownWay["kind"];
const KINDS: readonly Kind[] = ["code", "link", "group"];

interface Said {
  kind: Kind;
  state: string;
  title: string;
  shifts: { staff?: string[]; hours?: string }[];
  instead: string[];
  per_day: number | null;
  groups: string[];
}

/** A new code or link, or who is behind the one that there is. */
export function Form({ way, close }: { way?: SchemaKnownWay; close: () => void }) {
  const say = useGroups();
  const name = useNames();
  const { message } = App.useApp();
  const [fields] = Fields.useForm<Said>();
  const kind = Fields.useWatch("kind", fields) ?? way?.kind ?? "code";
  const act = api.useMutation("post", "/api/v1/ways", {
    onSuccess: (made) => {
      const who = made.behind.map(name).join(", ");
      void message.success(made.kind === "group" ? say("made_group") : say("saved", { who }));
      close();
    },
  });
  const finish = (said: Said) => act.mutate({ body: asked(said, way) });
  const missing = { required: true, whitespace: true, message: say("missing") };
  return (
    <Modal
      title={way ? `${say("edit")} · ${way.state}` : say("new_way")}
      open
      width={640}
      onCancel={close}
      okText={say("save")}
      cancelText={say("cancel")}
      confirmLoading={act.isPending}
      okButtonProps={{ htmlType: "submit", form: "way" }}
    >
      <Problem error={act.error} />
      <Fields<Said>
        id="way"
        form={fields}
        layout="vertical"
        requiredMark={false}
        onFinish={finish}
        initialValues={{
          kind: way?.kind ?? "code",
          title: way?.title ?? "",
          shifts: way?.shifts.length ? way.shifts : [{ staff: [], hours: "" }],
          instead: way?.instead ?? [],
          per_day: way?.per_day ?? 0,
          groups: [],
        }}
      >
        {!way && (
          <>
            <Fields.Item name="kind" label={say("kind")} extra={say(`kind_${kind}_help`)}>
              <Radio.Group
                options={KINDS.map((one) => ({ value: one, label: say(`kind_${one}`) }))}
              />
            </Fields.Item>
            <Fields.Item
              name="state"
              label={say("state")}
              extra={say("state_help")}
              rules={[missing]}
            >
              <Input maxLength={64} autoCapitalize="off" autoFocus />
            </Fields.Item>
          </>
        )}
        <Fields.Item name="title" label={say("way_title")}>
          <Input maxLength={30} />
        </Fields.Item>
        {kind === "group" ? <Into /> : <Rota />}
      </Fields>
    </Modal>
  );
}

function asked(said: Said, way?: SchemaKnownWay) {
  const group = (way?.kind ?? said.kind) === "group";
  const shifts = (said.shifts ?? [])
    .filter((one) => one.staff?.length)
    .map((one) => ({ staff: one.staff ?? [], hours: (one.hours ?? "").trim() }));
  return {
    kind: way?.kind ?? said.kind,
    state: way?.state ?? said.state.trim(),
    title: (said.title ?? "").trim(),
    shifts: group ? [] : shifts,
    instead: group ? [] : (said.instead ?? []),
    per_day: group ? 0 : (said.per_day ?? 0),
    groups: group ? (said.groups ?? []) : [],
    by: "",
  };
}

function Rota() {
  const say = useGroups();
  const people = usePeople();
  const search = { optionFilterProp: "label" };
  return (
    <>
      <Fields.Item label={say("shifts")} extra={say("shifts_help")}>
        <Fields.List name="shifts">
          {(rows, { add, remove }) => (
            <Flex vertical gap={8}>
              {rows.map(({ key, name }) => (
                <Flex key={key} gap={8} align="center" wrap>
                  <Fields.Item name={[name, "staff"]} noStyle>
                    <Select
                      mode="multiple"
                      aria-label={`${say("shift_staff")} ${name + 1}`}
                      placeholder={say("shift_staff")}
                      showSearch={search}
                      options={people}
                      style={{ flex: "1 1 220px" }}
                    />
                  </Fields.Item>
                  <Fields.Item name={[name, "hours"]} noStyle>
                    <Input
                      aria-label={`${say("shift_hours")} ${name + 1}`}
                      placeholder="mon-fri 09:00-18:00"
                      maxLength={200}
                      style={{ flex: "1 1 200px" }}
                    />
                  </Fields.Item>
                  <Button size="small" onClick={() => remove(name)}>
                    {say("remove")}
                  </Button>
                </Flex>
              ))}
              <div>
                <Button size="small" onClick={() => add({ staff: [], hours: "" })}>
                  {say("add_shift")}
                </Button>
              </div>
            </Flex>
          )}
        </Fields.List>
      </Fields.Item>
      <Fields.Item name="instead" label={say("instead")} extra={say("instead_help")}>
        <Select mode="multiple" showSearch={search} options={people} />
      </Fields.Item>
      <Fields.Item name="per_day" label={say("per_day")} extra={say("per_day_help")}>
        <InputNumber min={0} max={10_000} precision={0} />
      </Fields.Item>
    </>
  );
}

function Into() {
  const say = useGroups();
  const may = useMay()("groups.read");
  const { data } = api.useQuery(
    "get",
    "/api/v1/groups",
    { params: { query: { limit: 1000 } } },
    { enabled: may },
  );
  const chats = (data?.groups ?? []).map((one) => ({
    value: one.chat,
    label: one.title || one.chat,
  }));
  return (
    <Fields.Item
      name="groups"
      label={say("leads_into")}
      extra={say("leads_into_help")}
      rules={[{ required: true, message: say("missing") }]}
    >
      <Select
        mode="multiple"
        maxCount={5}
        showSearch={{ optionFilterProp: "label" }}
        options={chats}
      />
    </Fields.Item>
  );
}
