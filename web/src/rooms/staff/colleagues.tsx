import { Alert, Button, Flex, Form, Popconfirm, Select, Table, type TableProps } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, useAct } from "@/api/client";
import type { SchemaAtStore, SchemaColleagues } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { Problem } from "@/ui/states";
import { useStaff } from "./words";

type Offered = SchemaColleagues["offered"][number];
type Gone = SchemaColleagues["gone"][number];
const ROLES = ["guide", "operator"] as const;

/** Members of WeCom whom nobody took in yet, and staff whom it lists no more; nothing without either. */
export function Colleagues({ stores }: { stores: readonly SchemaAtStore[] }) {
  const { data } = api.useQuery("get", "/api/v1/colleagues");
  if (!data) return null;
  return (
    <>
      {data.gone.length > 0 && <Left people={data.gone} />}
      {data.offered.length > 0 && <Offer of={data} stores={stores} />}
    </>
  );
}

function Left({ people }: { people: Gone[] }) {
  const say = useStaff();
  return (
    <Alert
      type="warning"
      showIcon
      title={say("listed_no_more", { count: people.length })}
      description={
        <ul className="staff-gone">
          {people.map((one) => (
            <li key={one.code}>
              {one.name}{" "}
              <span className="staff-code" data-raw>
                {one.code}
              </span>{" "}
              · {say(one.state === "left" ? "gone_left" : "gone_unseen")}
              {one.state === "left" && (
                <>
                  {" · "}
                  <Link to="/tasks/handover">{say("hand_over")}</Link>
                </>
              )}
            </li>
          ))}
        </ul>
      }
    />
  );
}

function Offer({ of, stores }: { of: SchemaColleagues; stores: readonly SchemaAtStore[] }) {
  const say = useStaff();
  const columns: TableProps<Offered>["columns"] = [
    {
      key: "who",
      title: say("who"),
      render: (_, one) => (
        <>
          {one.name || say("name_hidden")}
          <span className="staff-code" data-raw>
            {one.code}
          </span>
        </>
      ),
    },
    {
      key: "departments",
      title: say("departments"),
      render: (_, one) => <span data-raw>{one.departments.join(" · ")}</span>,
    },
    {
      key: "contact",
      title: say("contact"),
      render: (_, one) => say(one.contact ? "contact_yes" : "contact_no"),
    },
    { key: "take", title: "", render: (_, one) => <Take one={one} stores={stores} /> },
  ];
  return (
    <section className="panel" aria-labelledby="offered">
      <h2 id="offered">{say("offered", { count: of.offered.length + of.more })}</h2>
      <p className="quiet">{say("offered_why")}</p>
      <Table<Offered>
        aria-labelledby="offered"
        size="small"
        columns={columns}
        dataSource={of.offered}
        rowKey="code"
        pagination={of.offered.length > 10 ? { pageSize: 10, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
      />
      {of.more > 0 && <p className="quiet">{say("offered_more", { count: of.more })}</p>}
    </section>
  );
}

/** One press takes somebody in; as what and where is asked for in between. */
function Take({ one, stores }: { one: Offered; stores: readonly SchemaAtStore[] }) {
  const say = useStaff();
  const code = useCode();
  const [role, setRole] = useState<(typeof ROLES)[number]>("guide");
  const [store, setStore] = useState("");
  const act = useAct("post", "/api/v1/colleagues/{code}");
  return (
    <>
      <Popconfirm
        icon={null}
        title={say("take_in_who", { name: one.name || one.code })}
        description={
          <Form layout="vertical">
            <Form.Item label={say("role")}>
              <Select
                value={role}
                onChange={setRole}
                options={ROLES.map((value) => ({ value, label: code("role", value) }))}
              />
            </Form.Item>
            <Form.Item label={say("store")} extra={say("take_in_help")}>
              <Select
                showSearch={{ optionFilterProp: "label" }}
                value={store}
                onChange={setStore}
                options={[
                  { value: "", label: say("head_office") },
                  ...stores.map((at) => ({ value: at.code, label: at.name })),
                ]}
              />
            </Form.Item>
          </Form>
        }
        okText={say("take_in")}
        cancelText={say("cancel")}
        onConfirm={() =>
          act.mutate({
            params: { path: { code: one.code } },
            body: { role, store: store || null, name: "", by: "" },
          })
        }
      >
        <Button size="small" loading={act.isPending}>
          {say("take_in")}
        </Button>
      </Popconfirm>
      <Flex>
        <Problem error={act.error} />
      </Flex>
    </>
  );
}
