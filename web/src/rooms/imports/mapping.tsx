import { Button, Flex, Form, Input, Select } from "antd";
import { useAct } from "@/api/client";
import { Problem } from "@/ui/states";
import type { Uploaded } from "./queries";
import { type Say, useImports } from "./words";

type Said = string | string[];
type Part = Record<string, Said>;
type Document = Record<string, Part | Said | undefined>;

const FORMATS = [
  "iso",
  "%Y/%m/%d %H:%M:%S",
  "%Y/%m/%d %H:%M",
  "%Y/%m/%d",
  "%Y.%m.%d %H:%M:%S",
  "%Y%m%d%H%M%S",
  "%Y年%m月%d日 %H:%M:%S",
  "%Y年%m月%d日",
];
const COLUMNS = {
  part_order: [
    [["order", "column"], "f_order"],
    [["time", "column"], "f_time"],
  ],
  part_line: [
    [["line", "sku"], "f_sku"],
    [["line", "title"], "f_title"],
    [["line", "category"], "f_category"],
    [["line", "quantity"], "f_quantity"],
    [["line", "amount"], "f_amount"],
    [["line", "price"], "f_price"],
  ],
  part_customer: [
    [["customer", "buyer"], "f_buyer"],
    [["customer", "member"], "f_member"],
    [["customer", "phone"], "f_phone"],
    [["customer", "name"], "f_name"],
    [["customer", "address"], "f_address"],
  ],
} as const;

/** Says what each column is: the mapping, as a form. What is wrong comes back field by field. */
export function MappingForm({ found, saved }: { found: Uploaded; saved: () => void }) {
  const say = useImports();
  const [form] = Form.useForm<Document>();
  const read = useAct("post", "/api/v1/imports/{upload}/mapping", { onSuccess: saved });
  const look = found.look;
  if (!look) return null;
  const columns = look.columns.map((one) => ({
    value: one.name,
    label: one.samples[0] ? `${one.name} · ${one.samples[0]}` : one.name,
  }));
  const given = (found.mapping ?? look.draft) as Document;
  const begin = shownOf(
    {
      ...given,
      time: { format: "iso", ...(given.time as Record<string, string>) },
      customer: { masked_phone: "refuse", ...(given.customer as Record<string, string>) },
    },
    look.columns.map((one) => one.name),
  );
  const sure = found.mapping ? {} : look.sure;
  const missing = found.mapping ? [] : look.missing;
  const column = (name: readonly [string, string], label: Parameters<Say>[0]) => (
    <Form.Item
      key={name.join(".")}
      name={[...name]}
      label={say(label)}
      extra={
        missing.includes(name.join(".")) ? (
          <span className="tone-waits">{say("missing")}</span>
        ) : (
          sureOf(sure[name.join(".")], say)
        )
      }
    >
      <Select
        allowClear
        showSearch
        options={columns}
        popupMatchSelectWidth={false}
        placeholder={say("not_read")}
      />
    </Form.Item>
  );
  const send = (values: Document) =>
    read.mutate({
      params: { path: { upload: found.id } },
      body: { mapping: documentOf(values, found) as never, sheet: look.sheet, by: "" },
    });
  return (
    <section className="panel" aria-label={say("form")}>
      <h2>{say("form")}</h2>
      <Form form={form} layout="vertical" initialValues={begin} onFinish={send} size="small">
        <div className="import-form">
          <fieldset>
            <legend>{say("part_shop")}</legend>
            <Form.Item
              name={["shop", "code"]}
              label={say("f_shop_code")}
              rules={[
                { required: true, message: say("needed") },
                { pattern: /^[a-z0-9][a-z0-9._-]{0,39}$/, message: say("code_form") },
              ]}
            >
              <Input />
            </Form.Item>
            <Form.Item
              name={["shop", "name"]}
              label={say("f_shop_name")}
              rules={[{ required: true, message: say("needed") }]}
            >
              <Input />
            </Form.Item>
            <Form.Item
              name={["shop", "platform"]}
              label={say("f_platform")}
              rules={[{ required: true, message: say("needed") }]}
            >
              <Input />
            </Form.Item>
            <Form.Item name="currency" label={say("f_currency")}>
              <Select
                options={["CNY", "HKD", "TWD", "USD", "EUR", "GBP", "SGD", "JPY"].map((value) => ({
                  value,
                }))}
              />
            </Form.Item>
          </fieldset>
          <fieldset>
            <legend>{say("part_order")}</legend>
            {COLUMNS.part_order.map(([name, label]) => column(name, label))}
            <Form.Item name={["time", "format"]} label={say("f_format")}>
              <Select
                options={FORMATS.map((value) => ({
                  value,
                  label: value === "iso" ? say("f_iso") : value,
                }))}
              />
            </Form.Item>
          </fieldset>
          <fieldset>
            <legend>{say("part_line")}</legend>
            {COLUMNS.part_line.map(([name, label]) => column(name, label))}
            <Form.Item name={["line", "fixed_sku"]} label={say("f_fixed_sku")}>
              <Input />
            </Form.Item>
          </fieldset>
          <fieldset>
            <legend>{say("part_customer")}</legend>
            {COLUMNS.part_customer.map(([name, label]) => column(name, label))}
            <Form.Item name={["customer", "masked_phone"]} label={say("f_masked")}>
              <Select
                options={(["refuse", "leave_out", "keep"] as const).map((value) => ({
                  value,
                  label: say(`masked_${value}`),
                }))}
              />
            </Form.Item>
          </fieldset>
        </div>
        <Flex vertical gap={12} align="flex-start">
          <Problem error={read.error} />
          <Button type="primary" htmlType="submit" loading={read.isPending} size="middle">
            {say("save")}
          </Button>
        </Flex>
      </Form>
    </section>
  );
}

/** Where a mapping says several names, the one that this file has. */
function shownOf(document: Document, columns: string[]): Document {
  const shown: Document = {};
  for (const [name, part] of Object.entries(document)) {
    if (typeof part !== "object" || Array.isArray(part)) shown[name] = part;
    else {
      shown[name] = Object.fromEntries(
        Object.entries(part ?? {}).map(([field, said]) => [
          field,
          Array.isArray(said) ? (said.find((one) => columns.includes(one)) ?? "") : said,
        ]),
      );
    }
  }
  return shown;
}

function sureOf(sure: number | undefined, say: Say) {
  return sure === undefined ? undefined : say("sure", { percent: Math.round(sure * 100) });
}

function partOf(said: Part, was: Part = {}, seen: Part = {}): Part | undefined {
  const part: Part = {};
  for (const [field, value] of Object.entries({ ...was, ...said })) {
    const kept = value === seen[field] ? (was[field] ?? value) : value;
    if (kept && kept.length > 0) part[field] = kept;
  }
  return Object.keys(part).length > 0 ? part : undefined;
}

/** What was filled in, over how the file was read before: parts that the form does not show stay,
 * and so do several names for a column of which nothing was changed. */
function documentOf(values: Document, found: Uploaded): Document {
  const before = (found.mapping ?? found.look?.draft ?? {}) as Document;
  const shown = shownOf(before, found.look?.columns.map((one) => one.name) ?? []);
  const document: Document = { ...before };
  for (const name of ["mapping", "source", "title"]) delete document[name];
  for (const [name, part] of Object.entries(values)) {
    if (typeof part !== "object" || Array.isArray(part)) document[name] = part;
    else document[name] = partOf(part ?? {}, before[name] as Part, shown[name] as Part);
  }
  const order = document.order as Record<string, Said> | undefined;
  if (!order?.column) document.order = undefined;
  const delimiter = found.look?.delimiter;
  if (delimiter && delimiter !== ",") document.delimiter = delimiter;
  return document;
}
