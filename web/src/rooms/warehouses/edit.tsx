import { Button, Drawer, Form, Input, InputNumber, Modal, Radio, Select, Switch } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import { useSession } from "@/api/session";
import { useCode } from "@/ui/codes";
import { Problem } from "@/ui/states";
import { figuresOf, type House, MOST, type Thing } from "./houses";
import { useWarehouses } from "./words";

interface Values {
  code: string;
  shops: string[];
  lag_minutes: number;
  audits: "after" | "hour";
  audit_minutes: number | null;
  ship_cutoff: string;
  margin_minutes: number;
  plans: boolean;
  time_zone: string;
  items: Record<string, string>;
}
type Body = Omit<Values, "audits" | "code" | "ship_cutoff"> & { ship_cutoff: string | null };

const HOUR = /^([01]\d|2[0-3]):[0-5]\d$/;

/** The figures of a warehouse, help beside each; what changes is said before it is saved. */
export function Edit(props: {
  house: House | undefined;
  taken: string[];
  things: Thing[];
  close: () => void;
}) {
  const { house, taken, things, close } = props;
  const say = useWarehouses();
  const code = useCode();
  const zone = useSession().data?.brand.time_zone ?? "";
  const shops = api.useQuery("get", "/api/v1/settings/shops", {});
  const [form] = Form.useForm<Values>();
  const audits = Form.useWatch("audits", form);
  const [wanted, setWanted] = useState<Values | null>(null);
  const begin = beginOf(house, zone);
  const minutes = (name: "lag_minutes" | "audit_minutes" | "margin_minutes") => (
    <Form.Item
      name={name}
      label={say(name)}
      extra={say(`${name}_help`)}
      rules={[{ required: true, message: say("needed") }]}
    >
      <InputNumber min={0} max={14 * 24 * 60} precision={0} suffix={say("minutes")} />
    </Form.Item>
  );
  return (
    <Drawer
      open
      size="large"
      title={house ? say("edit_title", { code: house.code }) : say("add")}
      onClose={close}
      footer={
        <Button type="primary" onClick={() => form.submit()}>
          {say("review")}
        </Button>
      }
    >
      <Form<Values>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={begin}
        onFinish={(values) => setWanted({ ...begin, ...values })}
      >
        {!house && (
          <Form.Item
            name="code"
            label={say("code")}
            extra={say("code_help")}
            rules={[
              { required: true, whitespace: true, message: say("needed") },
              { pattern: /^[^/?#%\s]{1,120}$/, message: say("code_form") },
              {
                validator: async (_, value: string) => {
                  if (taken.includes(value)) throw new Error(say("code_taken"));
                },
              },
            ]}
          >
            <Input maxLength={120} />
          </Form.Item>
        )}
        <Form.Item name="shops" label={say("shops")} extra={say("shops_help")}>
          <Select
            mode="tags"
            placeholder={say("all_others")}
            options={(shops.data?.shops ?? []).map((one) => ({
              value: one.code,
              label: one.name || one.code,
            }))}
          />
        </Form.Item>
        {minutes("lag_minutes")}
        <Form.Item name="audits" label={say("audits")} extra={say("audits_help")}>
          <Radio.Group
            options={[
              { value: "after", label: say("audits_after") },
              { value: "hour", label: say("audits_hour") },
            ]}
          />
        </Form.Item>
        {audits === "after" && minutes("audit_minutes")}
        <Form.Item
          name="ship_cutoff"
          label={say("ship_cutoff")}
          extra={say(audits === "hour" ? "ship_cutoff_hour_help" : "ship_cutoff_help")}
          rules={[
            { required: audits === "hour", message: say("needed") },
            { pattern: HOUR, message: say("hour_form") },
          ]}
        >
          <Input placeholder="16:00" maxLength={5} style={{ width: 120 }} />
        </Form.Item>
        <Form.Item
          name="time_zone"
          label={say("time_zone")}
          extra={say("time_zone_help", { zone })}
        >
          <Input placeholder={zone} maxLength={60} style={{ width: 240 }} />
        </Form.Item>
        {minutes("margin_minutes")}
        <Form.Item
          name="plans"
          label={say("plans_form")}
          extra={say("plans_help")}
          valuePropName="checked"
        >
          <Switch aria-label={say("plans_form")} />
        </Form.Item>
        <h3>{say("their_codes")}</h3>
        <p className="quiet">{say("their_codes_help")}</p>
        {things.map((one) => (
          <Form.Item
            key={one.code}
            name={["items", one.code]}
            label={
              <>
                {code("parcel_content", one.kind)}&nbsp;<code>{one.code}</code>
              </>
            }
          >
            <Input placeholder={one.code} maxLength={120} />
          </Form.Item>
        ))}
        {things.length === 0 && <p className="quiet">{say("no_things")}</p>}
      </Form>
      {wanted && (
        <Confirm house={house} wanted={wanted} back={() => setWanted(null)} done={close} />
      )}
    </Drawer>
  );
}

function beginOf(house: House | undefined, zone: string): Values {
  return {
    code: house?.code ?? "",
    shops: house?.shops ?? [],
    lag_minutes: house?.lag_minutes ?? 15,
    audits: house && house.audit_minutes === null ? "hour" : "after",
    audit_minutes: house ? house.audit_minutes : 30,
    ship_cutoff: house?.ship_cutoff?.slice(0, 5) ?? "",
    margin_minutes: house?.margin_minutes ?? 10,
    plans: house?.plans ?? true,
    time_zone: house?.time_zone ?? zone,
    items: house?.items ?? {},
  };
}

function bodyOf({ audits, code: _, ...values }: Values): Body {
  const items = Object.entries(values.items).filter(([ours, theirs]) => theirs && theirs !== ours);
  return {
    ...values,
    audit_minutes: audits === "hour" ? null : values.audit_minutes,
    ship_cutoff: values.ship_cutoff || null,
    items: Object.fromEntries(items),
  };
}

/** What the change does, before it is made: the cut-off in words, and whom it leaves alone. */
function Confirm(props: {
  house: House | undefined;
  wanted: Values;
  back: () => void;
  done: () => void;
}) {
  const { house, wanted, back, done } = props;
  const say = useWarehouses();
  const act = useAct("put", "/api/v1/warehouses/{code}", { onSuccess: done });
  const body = bodyOf(wanted);
  const figures = figuresOf(body, say);
  const before = house && figuresOf(house, say);
  return (
    <Modal
      open
      title={say("confirm", { code: wanted.code })}
      okText={say("save")}
      cancelText={say("back")}
      okButtonProps={{ loading: act.isPending }}
      onOk={() =>
        act.mutate({ params: { path: { code: wanted.code } }, body: { ...body, by: "" } })
      }
      onCancel={back}
    >
      <Problem error={act.error} />
      <p>
        {say("cutoff")}{" "}
        <strong>{before && before !== figures ? `${before} → ${figures}` : figures}</strong>
      </p>
      <p>{say("from_next_order")}</p>
      {house && house.waiting > 0 && (
        <p className="tone-waits">{say("keep_cutoff", { count: Math.min(house.waiting, MOST) })}</p>
      )}
    </Modal>
  );
}
