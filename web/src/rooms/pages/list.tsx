import { Button, Checkbox, Flex, Modal, Select, Table, type TableProps, Tag, Tooltip } from "antd";
import { lazy, Suspense, useState } from "react";
import { api, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useDone } from "@/ui/done";
import { useFilters } from "@/ui/filters";
import { Page } from "@/ui/page";
import { Soon } from "@/ui/soon";
import { Nothing, Problem, Shown } from "@/ui/states";
import { Count, Rate, When } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { KINDS } from "./kinds";
import { usePages } from "./words";
import "./pages.css";

export type Row = components["schemas"]["BrandPage"];
type Open =
  | { is: "write"; code: string } // empty: a new one
  | { is: "brought" | "withdraw"; row: Row };

const Write = lazy(() => import("./write"));
const Brought = lazy(() => import("./brought"));

/** The brand's own pages, and whom each has brought. */
export function Component() {
  const say = usePages();
  const may = useMay()("content.write");
  const [{ kind, retired }, set] = useFilters(["kind", "retired"]);
  const [open, setOpen] = useState<Open | null>(null);
  const query = api.useQuery("get", "/api/v1/pages", {
    params: { query: { retired: retired === "1" } },
  });
  const close = () => setOpen(null);
  return (
    <Page
      title={say("title")}
      under={say("under")}
      primary={
        may && (
          <Button type="primary" onClick={() => setOpen({ is: "write", code: "" })}>
            {say("new")}
          </Button>
        )
      }
    >
      <Flex wrap gap={12} align="center" className="page-filters">
        <Select
          aria-label={say("kind")}
          placeholder={say("every_kind")}
          allowClear
          popupMatchSelectWidth={false}
          value={kind || undefined}
          options={KINDS.map((one) => ({ value: one, label: say(`kind_${one}`) }))}
          onChange={(chosen?: string) => set({ kind: chosen ?? "" })}
        />
        <Checkbox
          checked={retired === "1"}
          onChange={(event) => set({ retired: event.target.checked ? "1" : "" })}
        >
          {say("show_retired")}
        </Checkbox>
      </Flex>
      <Shown query={query}>
        {({ pages }) => {
          const rows = pages.filter((one) => !kind || one.kind === kind);
          return rows.length === 0 ? (
            <Nothing what={say(kind ? "none_found" : "none")} />
          ) : (
            <List rows={rows} may={may} open={setOpen} />
          );
        }}
      </Shown>
      <Suspense fallback={<Soon />}>
        {open?.is === "write" && <Write code={open.code} readOnly={!may} close={close} />}
        {open?.is === "brought" && <Brought of={open.row} close={close} />}
      </Suspense>
      {open?.is === "withdraw" && <Withdraw row={open.row} close={close} />}
    </Page>
  );
}

function List(props: { rows: Row[]; may: boolean; open: (open: Open) => void }) {
  const { rows, may, open } = props;
  const say = usePages();
  const [language] = useLanguage();
  const count = (key: "visits" | "given" | "friends") => ({
    key,
    title: say(key),
    align: "right" as const,
    className: "money",
    render: (_: unknown, row: Row) => <Count of={row[key]} />,
  });
  const columns: TableProps<Row>["columns"] = [
    {
      key: "page",
      title: say("page"),
      render: (_, row) => (
        <>
          <strong data-raw>{row.title[language] ?? row.code}</strong>
          <div className="quiet small">
            <code>/p/{row.code}</code> · {say("version_n", { version: row.version })} ·{" "}
            <span data-raw>{say("by", { who: row.set_by })}</span> <When at={row.set_at} />
          </div>
        </>
      ),
    },
    { key: "kind", title: say("kind"), render: (_, row) => say(`kind_${row.kind}`) },
    count("visits"),
    {
      key: "done",
      title: <Tooltip title={say("done_help")}>{say("done")}</Tooltip>,
      align: "right",
      className: "money",
      render: (_, row) =>
        row.kind === "entry" || row.kind === "wallet" ? (
          <span className="quiet">—</span>
        ) : (
          <Count of={row.done} />
        ),
    },
    count("given"),
    count("friends"),
    {
      key: "share",
      title: say("share"),
      align: "right",
      className: "money",
      render: (_, row) => <Rate of={row.visits ? row.friends / row.visits : null} />,
    },
    {
      key: "state",
      title: say("state"),
      render: (_, row) =>
        row.retired_at ? (
          <>
            <Tag className="tone-out">{say("offline")}</Tag> <When at={row.retired_at} />
          </>
        ) : (
          <Tag className="tone-ours">{say("online")}</Tag>
        ),
    },
    {
      key: "acts",
      title: "",
      render: (_, row) => <Acts row={row} may={may} open={open} />,
    },
  ];
  return (
    <Table<Row>
      aria-label={say("title")}
      size="small"
      rowKey="code"
      pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      columns={columns}
    />
  );
}

function Acts({ row, may, open }: { row: Row; may: boolean; open: (open: Open) => void }) {
  const say = usePages();
  const done = useDone();
  const { code, text } = row;
  const [language] = useLanguage();
  const title = row.title[language] ?? code;
  const again = useAct("put", "/api/v1/pages", {
    onSuccess: () => done(say("published", { title })),
  });
  return (
    <Flex gap={4} wrap={false}>
      <Button size="small" onClick={() => open({ is: "brought", row })}>
        {say("brought")}
      </Button>
      <Button size="small" onClick={() => open({ is: "write", code })}>
        {say(may ? "edit" : "look")}
      </Button>
      {may && row.retired_at && (
        <Button
          size="small"
          loading={again.isPending}
          onClick={() => again.mutate({ body: { text, by: "" } })}
        >
          {say("publish")}
        </Button>
      )}
      {may && !row.retired_at && (
        <Button size="small" danger onClick={() => open({ is: "withdraw", row })}>
          {say("withdraw")}
        </Button>
      )}
      <Problem error={again.error} />
    </Flex>
  );
}

function Withdraw({ row, close }: { row: Row; close: () => void }) {
  const say = usePages();
  const done = useDone();
  const { code, text } = row;
  const [language] = useLanguage();
  const title = row.title[language] ?? code;
  const back = useAct("put", "/api/v1/pages", {
    onSuccess: () => done(say("published", { title })),
  });
  const act = useAct("post", "/api/v1/pages/{page}/retire", {
    onSuccess: () => {
      done(say("withdrawn", { title }), () => back.mutate({ body: { text, by: "" } }));
      close();
    },
  });
  return (
    <Modal
      open
      title={say("withdraw_title", { title })}
      okText={say("withdraw")}
      cancelText={say("cancel")}
      okButtonProps={{ danger: true }}
      confirmLoading={act.isPending}
      onCancel={close}
      onOk={() => act.mutate({ params: { path: { page: code } }, body: { by: "" } })}
    >
      <Problem error={act.error} />
      <p>{say("withdraw_why")}</p>
    </Modal>
  );
}
