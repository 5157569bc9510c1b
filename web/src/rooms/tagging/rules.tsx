import { Button, Checkbox, Flex, Modal, Table, type TableProps, Tag } from "antd";
import { lazy, Suspense, useState } from "react";
import { api, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useDone } from "@/ui/done";
import { useFilters } from "@/ui/filters";
import { rate } from "@/ui/format";
import { Soon } from "@/ui/soon";
import { Nothing, Problem, Shown } from "@/ui/states";
import { Count, When } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { said } from "./said";
import { type Say, useTagging } from "./words";

export type Rule = components["schemas"]["TagRule"];

const Write = lazy(() => import("./write"));
const Past = lazy(() => import("./past"));
const BLANK = `rule: ""
when: {product: {sku: []}}
tag: ""
for: 365d
`;

type Open = { is: "write"; text: string; code: string } | { is: "past" | "drop"; rule: Rule };

/** The rules that stand, in words, with how often each has hit. */
export function Rules() {
  const say = useTagging();
  const may = useMay()("segments.write");
  const [{ dropped }, set] = useFilters(["dropped"]);
  const [open, setOpen] = useState<Open | null>(null);
  const query = api.useQuery("get", "/api/v1/tags/rules", {
    params: { query: { dropped: dropped === "1" } },
  });
  const close = () => setOpen(null);
  return (
    <section className="panel" aria-label={say("rules")}>
      <Flex justify="space-between" gap={8} wrap style={{ marginBottom: 12 }}>
        <Checkbox
          checked={dropped === "1"}
          onChange={(event) => set({ dropped: event.target.checked ? "1" : "" })}
        >
          {say("show_dropped")}
        </Checkbox>
        {may && (
          <Button type="primary" onClick={() => setOpen({ is: "write", text: BLANK, code: "" })}>
            {say("new")}
          </Button>
        )}
      </Flex>
      <Shown query={query}>
        {({ rules }) =>
          rules.length === 0 ? (
            <Nothing what={say("none")} />
          ) : (
            <List rules={rules} may={may} open={setOpen} />
          )
        }
      </Shown>
      <Suspense fallback={<Soon />}>
        {open?.is === "write" && <Write begin={open.text} readOnly={!may} close={close} />}
        {open?.is === "past" && <Past rule={open.rule} close={close} />}
      </Suspense>
      {open?.is === "drop" && <Drop rule={open.rule} close={close} />}
    </section>
  );
}

function List(props: { rules: Rule[]; may: boolean; open: (open: Open) => void }) {
  const { rules, may, open } = props;
  const say = useTagging();
  const [, set] = useFilters(["part", "rule"]);
  const columns: TableProps<Rule>["columns"] = [
    {
      key: "rule",
      title: say("rule"),
      render: (_, row) => (
        <>
          <code>{row.code}</code>{" "}
          {row.dropped_at && <Tag className="tone-out">{say("dropped")}</Tag>}
        </>
      ),
    },
    { key: "when", title: say("when"), render: (_, row) => <Says rule={row} /> },
    {
      key: "hits",
      title: say("count"),
      align: "right",
      className: "money",
      render: (_, row) => (
        <Button
          type="link"
          size="small"
          className="tag-number"
          aria-label={`${say("count")} ${row.code} ${row.hits}`}
          onClick={() => set({ part: "hits", rule: row.code })}
        >
          <Count of={row.hits} />
        </Button>
      ),
    },
    {
      key: "people",
      title: say("people"),
      align: "right",
      className: "money",
      render: (_, row) => <Count of={row.people} />,
    },
    {
      key: "last",
      title: say("last"),
      render: (_, row) =>
        row.last_at ? <When at={row.last_at} /> : <span className="quiet">{say("never")}</span>,
    },
    {
      key: "changed",
      title: say("changed"),
      render: (_, row) => (
        <>
          {say("version_n", { version: row.version })} · <When at={row.set_at} />{" "}
          <span data-raw>{say("by", { who: row.set_by })}</span>
        </>
      ),
    },
    {
      key: "acts",
      title: "",
      render: (_, row) => (
        <Flex gap={4}>
          <Button
            size="small"
            onClick={() => open({ is: "write", text: row.text, code: row.code })}
          >
            {say(may ? "edit" : "look")}
          </Button>
          {may && !row.dropped_at && (
            <>
              <Button size="small" onClick={() => open({ is: "past", rule: row })}>
                {say("past")}
              </Button>
              <Button size="small" danger onClick={() => open({ is: "drop", rule: row })}>
                {say("drop")}
              </Button>
            </>
          )}
        </Flex>
      ),
    },
  ];
  return (
    <Table<Rule>
      aria-label={say("rules")}
      size="small"
      rowKey="code"
      pagination={rules.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
      scroll={{ x: "max-content" }}
      dataSource={rules}
      columns={columns}
    />
  );
}

/** What a rule does, in a sentence. */
function Says({ rule }: { rule: Rule }) {
  const say = useTagging();
  const [language] = useLanguage();
  const found = said(rule.text, say);
  if (!found) return <code>{rule.code}</code>;
  const rest = [
    found.unless && `${say("unless")} ${found.unless}`,
    `${say("lasts")} ${spanOf(found.lasts, say)}`,
    found.confidence !== null &&
      found.confidence < 1 &&
      say("sure", { share: rate(found.confidence, language, 0) }),
  ].filter(Boolean);
  return (
    <div className="tag-when" data-raw>
      {found.when} → <Tag className="tone-ours">{found.tag}</Tag>
      <div className="quiet small">{rest.join(" · ")}</div>
    </div>
  );
}

/** `365d` as people say it; other spans as they were written. */
function spanOf(said: string, say: Say): string {
  const days = /^(\d+)d$/.exec(said);
  return days ? say("days", { count: Number(days[1]) }) : said || say("forever");
}

function Drop({ rule, close }: { rule: Rule; close: () => void }) {
  const say = useTagging();
  const done = useDone();
  const { code } = rule;
  const back = useAct("put", "/api/v1/tags/rules", {
    onSuccess: () => done(say("undone", { code })),
  });
  const act = useAct("post", "/api/v1/tags/rules/{rule}/drop", {
    onSuccess: () => {
      done(say("drop_done", { code }), () => back.mutate({ body: { text: rule.text, by: "" } }));
      close();
    },
  });
  return (
    <Modal
      open
      title={say("drop_title", { code })}
      okText={say("drop")}
      cancelText={say("cancel")}
      okButtonProps={{ danger: true }}
      confirmLoading={act.isPending}
      onCancel={close}
      onOk={() => act.mutate({ params: { path: { rule: code } }, body: { by: "" } })}
    >
      <Problem error={act.error} />
      <p>{say("drop_why")}</p>
    </Modal>
  );
}
