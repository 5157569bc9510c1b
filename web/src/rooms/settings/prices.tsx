import { Button, Form, Input, InputNumber, Modal, Table, type TableProps } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay, useSession } from "@/api/session";
import { useCode } from "@/ui/codes";
import { digits, money } from "@/ui/format";
import { Page } from "@/ui/page";
import { Nothing, Problem, Shown } from "@/ui/states";
import { Count } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { Review, Unsaved, useDone } from "./draft";
import { useSettings } from "./words";
import "./settings.css";

type Price = components["schemas"]["PriceRow"];
type Gift = components["schemas"]["StockRow"];

/** What things cost the brand, and how many gifts lie in the warehouse. */
export function Component() {
  const say = useSettings();
  const prices = api.useQuery("get", "/api/v1/settings/prices", {});
  const stock = api.useQuery("get", "/api/v1/settings/stock", {});
  return (
    <Page title={say("prices")} under={say("prices_under")}>
      <div className="sections">
        <section className="panel">
          <h2>{say("price_list")}</h2>
          <p className="quiet">{say("price_help")}</p>
          <Shown query={prices}>{(found) => <Prices saved={found.prices} />}</Shown>
        </section>
        <section className="panel">
          <h2>{say("stock")}</h2>
          <p className="quiet">{say("stock_help")}</p>
          <Shown query={stock}>{(found) => <Stock gifts={found.gifts} />}</Shown>
        </section>
      </div>
    </Page>
  );
}

function Prices({ saved }: { saved: Price[] }) {
  const say = useSettings();
  const code = useCode();
  const done = useDone();
  const [language] = useLanguage();
  const may = useMay()("settings.write");
  const currency = useSession().data?.brand.currency ?? "CNY";
  const places = digits(currency);
  const [draft, setDraft] = useState<Record<string, Partial<Price>>>({});
  const [reviewing, setReviewing] = useState(false);
  const rows = saved.map((one) => ({ ...one, ...draft[one.kind] }));
  const changed = rows.filter((row, place) => {
    const old = saved[place];
    return old && (old.unit_minor !== row.unit_minor || old.note !== row.note);
  });
  const before = (kind: string) => saved.find((one) => one.kind === kind);
  const back = useAct("put", "/api/v1/settings/prices", { onSuccess: () => done(say("undone")) });
  const act = useAct("put", "/api/v1/settings/prices", {
    onSuccess: () => {
      const old = changed.flatMap(({ kind }) => {
        const { unit_minor, note } = before(kind) ?? {};
        return typeof unit_minor === "number" ? [{ kind, unit_minor, note: note ?? "" }] : [];
      });
      setDraft({});
      setReviewing(false);
      done(
        say("saved_prices", { count: changed.length }),
        old.length === changed.length
          ? () => back.mutate({ body: { by: "", prices: old } })
          : undefined,
      );
    },
  });
  const set = (kind: string, some: Partial<Price>) =>
    setDraft((all) => ({ ...all, [kind]: { ...all[kind], ...some } }));
  const asMoney = (minor: number | null | undefined) =>
    minor === null || minor === undefined ? say("unset") : money(minor, language, currency);
  const columns: TableProps<Price>["columns"] = [
    { key: "kind", title: say("what"), render: (_, row) => code("price", row.kind) },
    {
      key: "unit",
      title: say("unit_price", { currency }),
      className: "money",
      align: "right",
      render: (_, row) => (
        <InputNumber
          aria-label={`${say("unit_price", { currency })} ${code("price", row.kind)}`}
          min={0}
          precision={places}
          step={10 ** -places}
          value={row.unit_minor === null ? null : row.unit_minor / 10 ** places}
          disabled={!may}
          onChange={(value) =>
            value !== null && set(row.kind, { unit_minor: Math.round(value * 10 ** places) })
          }
        />
      ),
    },
    {
      key: "note",
      title: say("note"),
      render: (_, row) => (
        <Input
          aria-label={`${say("note")} ${code("price", row.kind)}`}
          value={row.note}
          maxLength={200}
          disabled={!may || row.unit_minor === null}
          onChange={(event) => set(row.kind, { note: event.target.value })}
        />
      ),
    },
  ];
  return (
    <>
      <Table<Price>
        aria-label={say("price_list")}
        size="small"
        pagination={false}
        scroll={{ x: "max-content" }}
        columns={columns}
        dataSource={rows}
        rowKey="kind"
      />
      <Unsaved
        many={changed.length}
        review={() => setReviewing(true)}
        discard={() => setDraft({})}
      />
      <Review
        open={reviewing}
        lines={changed.map((row) => (
          <>
            <span className="quiet">{code("price", row.kind)}</span>
            <br />
            <strong>
              {asMoney(before(row.kind)?.unit_minor)} → {asMoney(row.unit_minor)} {row.note}
            </strong>
          </>
        ))}
        effect={say("price_effect")}
        error={act.error}
        busy={act.isPending}
        save={() =>
          act.mutate({
            body: {
              by: "",
              prices: changed.map(({ kind, unit_minor, note }) => ({
                kind,
                unit_minor: unit_minor ?? 0,
                note,
              })),
            },
          })
        }
        close={() => setReviewing(false)}
      />
    </>
  );
}

function Stock({ gifts }: { gifts: Gift[] }) {
  const say = useSettings();
  const [language] = useLanguage();
  const may = useMay()("settings.write");
  const [open, setOpen] = useState<Gift | null>(null);
  if (gifts.length === 0) return <Nothing what={say("no_gifts")} />;
  const number = (of: number | null) => (of === null ? "—" : <Count of={of} />);
  const columns: TableProps<Gift>["columns"] = [
    {
      key: "gift",
      title: say("gift"),
      render: (_, row) => (
        <>
          {row.titles.map((title) => title[language]).join(" · ") || <code>{row.sku}</code>}
          <div className="quiet small">
            <code>{row.sku}</code>
          </div>
        </>
      ),
    },
    {
      key: "on_hand",
      title: say("on_hand"),
      className: "money",
      align: "right",
      render: (_, row) => number(row.on_hand),
    },
    {
      key: "reserved",
      title: say("reserved"),
      className: "money",
      align: "right",
      render: (_, row) => number(row.reserved),
    },
    {
      key: "free",
      title: say("free"),
      className: "money",
      align: "right",
      render: (_, row) =>
        row.on_hand === null ? (
          <span className="tone-waits">{say("never_counted")}</span>
        ) : (
          <strong className={row.on_hand - (row.reserved ?? 0) > 0 ? "" : "tone-harm"}>
            <Count of={row.on_hand - (row.reserved ?? 0)} />
          </strong>
        ),
    },
    {
      key: "count",
      title: "",
      render: (_, row) =>
        may && (
          <Button size="small" onClick={() => setOpen(row)}>
            {say("count_stock")}
          </Button>
        ),
    },
  ];
  return (
    <>
      <Table<Gift>
        aria-label={say("stock")}
        size="small"
        pagination={false}
        scroll={{ x: "max-content" }}
        columns={columns}
        dataSource={gifts}
        rowKey="sku"
      />
      {open && <CountIt key={open.sku} gift={open} close={() => setOpen(null)} />}
    </>
  );
}

function CountIt({ gift, close }: { gift: Gift; close: () => void }) {
  const say = useSettings();
  const done = useDone();
  const [form] = Form.useForm<{ on_hand: number; reason: string }>();
  const back = useAct("put", "/api/v1/settings/stock", { onSuccess: () => done(say("undone")) });
  const act = useAct("put", "/api/v1/settings/stock", {
    onSuccess: () => {
      const { on_hand } = form.getFieldsValue();
      const was = gift.on_hand;
      close();
      done(
        say("saved_stock", { sku: gift.sku, count: on_hand }),
        was === null
          ? undefined
          : () =>
              back.mutate({
                body: { by: "", sku: gift.sku, on_hand: was, was: on_hand, reason: say("undo") },
              }),
      );
    },
  });
  return (
    <Modal
      open
      title={say("count_of", { sku: gift.sku })}
      okText={say("save")}
      cancelText={say("back")}
      onCancel={close}
      onOk={() => form.submit()}
      okButtonProps={{ loading: act.isPending }}
    >
      <Problem error={act.error} />
      <Form
        form={form}
        layout="vertical"
        initialValues={{ on_hand: gift.on_hand, reason: "" }}
        onFinish={({ on_hand, reason }) =>
          act.mutate({ body: { by: "", sku: gift.sku, on_hand, was: gift.on_hand, reason } })
        }
      >
        <Form.Item
          name="on_hand"
          label={say("on_hand")}
          extra={say("count_help", { reserved: gift.reserved ?? 0 })}
          rules={[{ required: true, message: say("missing") }]}
        >
          <InputNumber min={0} precision={0} autoFocus />
        </Form.Item>
        <Form.Item name="reason" label={say("why")} extra={say("why_help")}>
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
