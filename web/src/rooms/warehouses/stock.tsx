import { DownloadOutlined, UploadOutlined } from "@ant-design/icons";
import {
  Alert,
  Button,
  Flex,
  Form,
  Input,
  InputNumber,
  Modal,
  Table,
  type TableProps,
  Upload,
} from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useDone } from "@/ui/done";
import { asBody } from "@/ui/file";
import { Nothing, Problem, Shown } from "@/ui/states";
import { Count } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { Why } from "./shipped";
import { useWarehouses } from "./words";

type Gift = components["schemas"]["StockRow"];
type Recount = components["schemas"]["Recount"];

const MOST = 10_000; // open promises that are counted

/** What lies on the shelf: corrected one by one, or as a file that is tried first. */
export function Stock() {
  const say = useWarehouses();
  const may = useMay()("settings.write");
  const query = api.useQuery("get", "/api/v1/settings/stock", {});
  return (
    <section className="panel">
      <p className="quiet">{say("stock_help")}</p>
      <Shown query={query}>
        {({ gifts }) =>
          gifts.length === 0 ? (
            <Nothing what={say("no_gifts")} />
          ) : (
            <>
              <Files may={may} />
              <Gifts gifts={gifts} may={may} />
            </>
          )
        }
      </Shown>
    </section>
  );
}

function Gifts({ gifts, may }: { gifts: Gift[]; may: boolean }) {
  const say = useWarehouses();
  const [language] = useLanguage();
  const [open, setOpen] = useState<Gift | null>(null);
  const number = (key: "on_hand" | "reserved" | "promised" | "owed") => ({
    key,
    title: say(key),
    className: "money",
    align: "right" as const,
    render: (_: unknown, row: Gift) =>
      row[key] === null ? "—" : <Count of={row[key]} most={MOST_OF[key] ?? Infinity} />,
  });
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
    number("on_hand"),
    number("reserved"),
    {
      key: "free",
      title: say("free"),
      className: "money",
      align: "right",
      render: (_, row) => <Free of={row} />,
    },
    number("promised"),
    number("owed"),
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

const MOST_OF: Partial<Record<string, number>> = { promised: MOST, owed: MOST };

/** What can still be given away; less than is promised is said. */
function Free({ of }: { of: Gift }) {
  const say = useWarehouses();
  if (of.on_hand === null) return <span className="tone-waits">{say("never_counted")}</span>;
  return (
    <>
      <strong className={of.low ? "tone-harm" : ""}>
        <Count of={of.on_hand - (of.reserved ?? 0)} />
      </strong>
      {of.low && <div className="tone-harm small">{say("low")}</div>}
    </>
  );
}

/** The same as a file: out to be filled in, back to be tried, then taken. */
function Files({ may }: { may: boolean }) {
  const say = useWarehouses();
  const done = useDone();
  const [file, setFile] = useState<File | null>(null);
  const dry = api.useMutation("post", "/api/v1/settings/stock/file");
  const take = useAct("post", "/api/v1/settings/stock/file", {
    onSuccess: (found) => {
      setFile(null);
      done(say("counted", { count: found.changes.length }));
    },
  });
  const found = dry.data;
  return (
    <Flex vertical gap={12} style={{ marginBottom: 16 }}>
      <Flex gap={8} wrap>
        <Button icon={<DownloadOutlined />} href="/api/v1/settings/stock/file?form=xlsx" download>
          {say("stock_out")}
        </Button>
        {may && (
          <Upload
            showUploadList={false}
            disabled={dry.isPending}
            beforeUpload={(chosen) => {
              setFile(chosen);
              dry.mutate({ params: { query: { dry: true } }, ...asBody(chosen) });
              return false;
            }}
          >
            <Button icon={<UploadOutlined />} loading={dry.isPending}>
              {say("stock_in")}
            </Button>
          </Upload>
        )}
      </Flex>
      <Problem error={dry.error} />
      {file && found && (
        <Modal
          open
          title={say("stock_review", { count: found.changes.length })}
          okText={say("stock_take")}
          cancelText={say("back")}
          okButtonProps={{ loading: take.isPending, disabled: found.changes.length === 0 }}
          onOk={() => take.mutate(asBody(file) as never)}
          onCancel={() => setFile(null)}
        >
          <Problem error={take.error} />
          <p>{say("stock_same", { same: found.same, blank: found.blank })}</p>
          <Changes rows={found.changes} />
          {found.refused.length > 0 && (
            <>
              <Alert
                type="warning"
                showIcon
                title={say("rejected", { count: found.refused.length })}
              />
              <Why rows={found.refused} />
            </>
          )}
        </Modal>
      )}
    </Flex>
  );
}

function Changes({ rows }: { rows: Recount[] }) {
  const say = useWarehouses();
  if (rows.length === 0) return null;
  return (
    <Table<Recount>
      aria-label={say("stock_changes")}
      size="small"
      pagination={rows.length > 20 ? { pageSize: 20 } : false}
      dataSource={rows}
      rowKey="sku"
      columns={[
        { key: "sku", title: say("gift"), render: (_, row) => <code>{row.sku}</code> },
        {
          key: "was",
          title: say("was"),
          align: "right",
          render: (_, row) => (row.was === null ? "—" : <Count of={row.was} />),
        },
        {
          key: "now",
          title: say("counted_now"),
          align: "right",
          render: (_, row) => <Count of={row.on_hand} />,
        },
      ]}
    />
  );
}

function CountIt({ gift, close }: { gift: Gift; close: () => void }) {
  const say = useWarehouses();
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
          rules={[{ required: true, message: say("needed") }]}
        >
          <InputNumber min={0} precision={0} autoFocus />
        </Form.Item>
        <Form.Item name="reason" label={say("reason")} extra={say("reason_help")}>
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
