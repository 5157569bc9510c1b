import { Alert, Button, Flex, Popconfirm, Progress, Select, Statistic, Table } from "antd";
import { type ReactNode, useState } from "react";
import { Link, useParams } from "react-router";
import { api, useAct } from "@/api/client";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { count, duration } from "@/ui/format";
import { Page } from "@/ui/page";
import { Places, Problem, Shown } from "@/ui/states";
import { Code, Count } from "@/ui/value";
import { Wide } from "@/ui/wide";
import { useLanguage } from "@/ui/words";
import { MappingForm } from "./mapping";
import { broughtBy, moves, SOON, toneOf, type Uploaded } from "./queries";
import "./imports.css";
import { useImports } from "./words";

export function Component() {
  const { upload = "" } = useParams();
  const say = useImports();
  const path = { params: { path: { upload } } } as const;
  const query = api.useQuery("get", "/api/v1/imports/{upload}", path, {
    refetchInterval: (asked) => (moves(asked.state.data?.state) ? SOON : false),
  });
  const found = query.data;
  return (
    <Page
      title={found ? found.file : say("title")}
      under={
        found && (
          <Flex gap={8} align="center" wrap>
            <Link to="/settings/imports">{say("title")}</Link>
            <Code set="upload" code={found.state} tone={toneOf(found.state)} />
          </Flex>
        )
      }
      primary={found && <Primary found={found} />}
    >
      <Shown query={query}>{(one) => <Whole key={one.id} found={one} />}</Shown>
    </Page>
  );
}

function useDo(found: Uploaded, what: "start" | "cancel" | "drop") {
  const act = useAct("post", `/api/v1/imports/{upload}/${what}`);
  const press = () => act.mutate({ params: { path: { upload: found.id } }, body: { by: "" } });
  return { press, busy: act.isPending, error: act.error };
}

/** One primary action: what comes next. */
function Primary({ found }: { found: Uploaded }) {
  const say = useImports();
  const may = useMay();
  const start = useDo(found, "start");
  const cancel = useDo(found, "cancel");
  const drop = useDo(found, "drop");
  if (!may("imports.write")) return null;
  const can = (what: Uploaded["can"][number]) => found.can.includes(what);
  return (
    <Flex vertical gap={8} align="flex-end">
      <Flex gap={8} wrap justify="flex-end">
        {can("drop") && (
          <Popconfirm title={say("drop_sure")} onConfirm={drop.press}>
            <Button loading={drop.busy}>{say("drop_file")}</Button>
          </Popconfirm>
        )}
        {can("rejects") && (
          <Button href={`/api/v1/imports/${found.id}/rejects`} download>
            {say("rejects")}
          </Button>
        )}
        {can("cancel") && (
          <Button danger onClick={cancel.press} loading={cancel.busy}>
            {say("cancel")}
          </Button>
        )}
        {can("start") && (
          <Button type="primary" onClick={start.press} loading={start.busy}>
            {say(found.state === "ready" ? "start" : "go_on")}
          </Button>
        )}
      </Flex>
      <Problem error={start.error ?? cancel.error ?? drop.error} />
    </Flex>
  );
}

function Whole({ found }: { found: Uploaded }) {
  const [changing, change] = useState(false);
  const say = useImports();
  const may = useMay();
  const describes = may("imports.write") && found.look && found.can.includes("read");
  return (
    <Flex vertical gap={16}>
      <Said found={found} />
      {(found.state === "importing" || found.state === "queued") && <Under found={found} />}
      {found.look && <Facts found={found} />}
      {found.dry && found.state !== "done" && <Dry found={found} />}
      {describes && (changing || found.state === "unknown") ? (
        <MappingForm found={found} saved={() => change(false)} />
      ) : (
        found.look && <Preview found={found} />
      )}
      {describes && !changing && found.state !== "unknown" && (
        <div>
          <Button onClick={() => change(true)}>{say("change")}</Button>
        </div>
      )}
    </Flex>
  );
}

/** What has become of it, in words. */
function Said({ found }: { found: Uploaded }) {
  const say = useImports();
  const wrong = found.error || found.problems.length > 0;
  const why = wrong ? <Places detail={found.error} problems={found.problems} /> : undefined;
  if (found.state === "looking")
    return <Alert type="info" showIcon role="status" title={say("looking")} />;
  if (found.state === "done") return <Done found={found} />;
  if (found.state === "cancelled")
    return <Alert type="warning" showIcon role="status" title={say("cancelled")} />;
  if (found.state === "dropped")
    return <Alert type="info" showIcon role="status" title={say("dropped")} />;
  if (found.state === "failed" || found.state === "refused")
    return <Alert type="error" showIcon role="alert" title={say(found.state)} description={why} />;
  if (why)
    return (
      <Alert type="error" showIcon role="alert" title={say("not_recognised")} description={why} />
    );
  return null;
}

function Done({ found }: { found: Uploaded }) {
  const say = useImports();
  const report = found.report;
  if (!report) return null;
  const parts = [
    report.orders > 0 && say("done_orders", { count: report.orders }),
    report.refunds > 0 && say("done_refunds", { count: report.refunds }),
    report.corrections > 0 && say("done_corrections", { count: report.corrections }),
    report.cancellations > 0 && say("done_cancellations", { count: report.cancellations }),
    report.itemised > 0 && say("done_itemised", { count: report.itemised }),
    report.unpaid > 0 && say("unpaid", { count: report.unpaid }),
    report.duplicates > 0 && say("done_known", { count: report.duplicates }),
    report.rejected > 0 && say("done_rejected", { count: report.rejected }),
  ].filter(Boolean);
  const brought = broughtBy(report) > 0;
  return (
    <Alert
      type={report.rejected > 0 ? "warning" : "success"}
      showIcon
      role="status"
      title={say("done_title")}
      description={
        <>
          <div>{parts.join(" · ")}</div>
          {!brought && <div>{say("nothing_new")}</div>}
          {report.rejected > 0 && <div>{say("mend")}</div>}
          <Link to="/settings/imports">{say("another")}</Link>
        </>
      }
    />
  );
}

function Under({ found }: { found: Uploaded }) {
  const say = useImports();
  const code = useCode();
  const [language] = useLanguage();
  const at = found.progress;
  const shown = (value: number) => count(value, language);
  if (!at) return <Alert type="info" showIcon role="status" title={say("queued")} />;
  const waits = at.stage === "waiting";
  const percent = waits || at.total === 0 ? 0 : Math.round((at.done / at.total) * 100);
  return (
    <section className="panel" role="status" aria-label={code("upload_stage", at.stage)}>
      <Flex vertical gap={4}>
        <strong>{code("upload_stage", at.stage)}</strong>
        <Progress percent={Math.min(percent, 99)} aria-label={code("upload_stage", at.stage)} />
        <span className="quiet number">
          {waits
            ? say("waiting", { count: at.total })
            : say("progress", { done: shown(at.done), total: shown(at.total) })}
          {!waits && at.per_second > 0 && ` · ${say("speed", { rate: shown(at.per_second) })}`}
          {!waits &&
            at.seconds_left !== null &&
            ` · ${say("left", { time: duration(at.seconds_left) })}`}
        </span>
        {found.stopping && <span className="tone-waits">{say("stopping")}</span>}
      </Flex>
    </section>
  );
}

const ENCODINGS: Record<string, string> = { "utf-8": "UTF-8", gb18030: "GB18030", excel: "Excel" };

/** "抖店订单导出, GB18030, 1,204 rows, masked phones in 980". */
function Facts({ found }: { found: Uploaded }) {
  const say = useImports();
  const [language] = useLanguage();
  const look = found.look;
  if (!look) return null;
  const title = (found.mapping?.title as Record<string, string> | undefined)?.[language];
  const told = look.recognised ? say(`recognised_${look.recognised}`) : say("not_recognised");
  return (
    <p style={{ margin: 0 }}>
      <strong>{told}</strong>{" "}
      <span className="number">
        {say("facts", {
          mapping: title ?? look.kind.toUpperCase(),
          encoding: ENCODINGS[look.encoding] ?? look.encoding,
          count: look.lines,
        })}
      </span>
      {look.sheet && (
        <span>
          {" · "}
          {say("sheet")} <Sheet found={found} />
        </span>
      )}
      {found.dry && found.dry.masked_phones > 0 && (
        <span className="tone-waits">
          {" · "}
          {say("masked", { count: found.dry.masked_phones })}
        </span>
      )}
      {found.dry && found.dry.unpaid > 0 && (
        <span className="quiet">
          {" · "}
          {say("unpaid", { count: found.dry.unpaid })}
        </span>
      )}
    </p>
  );
}

/** Which sheet of a workbook is read; another one is looked at anew. */
function Sheet({ found }: { found: Uploaded }) {
  const say = useImports();
  const may = useMay()("imports.write");
  const read = useAct("post", "/api/v1/imports/{upload}/mapping");
  const { sheet = "", sheets = [] } = found.look ?? {};
  const still = found.state === "unknown" || found.state === "ready";
  if (!may || !still || sheets.length < 2) return sheet;
  return (
    <Select
      size="small"
      aria-label={say("sheet")}
      value={sheet}
      loading={read.isPending}
      disabled={read.isPending}
      popupMatchSelectWidth={false}
      options={sheets.map((value) => ({ value }))}
      onChange={(chosen) =>
        read.mutate({
          params: { path: { upload: found.id } },
          body: { mapping: null, sheet: chosen, by: "" },
        })
      }
    />
  );
}

function Dry({ found }: { found: Uploaded }) {
  const say = useImports();
  const [language] = useLanguage();
  const dry = found.dry;
  if (!dry) return null;
  const number = (value: number): ReactNode => count(value, language);
  return (
    <section className="panel" aria-label={say("dry")}>
      <h2>{say("dry")}</h2>
      {!dry.whole && (
        <p className="tone-waits">{say("dry_part", { rows: count(dry.rows, language) })}</p>
      )}
      <Flex gap={40} wrap>
        <Statistic title={say("dry_new")} value={dry.new} formatter={() => number(dry.new)} />
        <Statistic title={say("dry_known")} value={dry.known} formatter={() => number(dry.known)} />
        <Statistic
          title={say("dry_rejected")}
          value={dry.rejected}
          formatter={() => number(dry.rejected)}
          {...(dry.rejected > 0 ? { className: "tone-waits" } : {})}
        />
        {dry.guests > 0 && (
          <Statistic
            title={say("dry_guests")}
            value={dry.guests}
            formatter={() => number(dry.guests)}
          />
        )}
      </Flex>
      {dry.reasons.length > 0 && (
        <Wide label={say("reasons")}>
          <Table
            aria-label={say("reasons")}
            size="small"
            pagination={false}
            style={{ marginTop: 12 }}
            dataSource={dry.reasons}
            rowKey={(one) => `${one.field} ${one.why}`}
            columns={[
              {
                title: say("column"),
                dataIndex: "field",
                render: (text: string) => <span data-raw>{text}</span>,
              },
              {
                title: say("why"),
                dataIndex: "why",
                render: (text: string) => <span data-raw>{text}</span>,
              },
              { title: say("rows"), align: "right", render: (_, one) => <Count of={one.rows} /> },
            ]}
          />
        </Wide>
      )}
    </section>
  );
}

const FIELDS = {
  "order.column": "f_order",
  "time.column": "f_time",
  "line.sku": "f_sku",
  "line.title": "f_title",
  "line.category": "f_category",
  "line.quantity": "f_quantity",
  "line.amount": "f_amount",
  "line.price": "f_price",
  "customer.buyer": "f_buyer",
  "customer.member": "f_member",
  "customer.phone": "f_phone",
  "customer.name": "f_name",
  "customer.address": "f_address",
} as const;

function Preview({ found }: { found: Uploaded }) {
  const say = useImports();
  const look = found.look;
  if (!look) return null;
  const spoken = (fields: readonly string[]) =>
    fields
      .map((one) => (one in FIELDS ? say(FIELDS[one as keyof typeof FIELDS]) : one))
      .join(" · ");
  return (
    <section>
      <h2>{say("preview")}</h2>
      <Wide label={say("preview")}>
        <Table
          aria-label={say("preview")}
          size="small"
          pagination={false}
          dataSource={look.columns}
          rowKey="name"
          columns={[
            {
              title: say("column"),
              dataIndex: "name",
              render: (text: string) => <span data-raw>{text}</span>,
            },
            {
              title: say("field"),
              render: (_, one) =>
                one.fields.length > 0 ? (
                  <span className="tone-ours">{spoken(one.fields)}</span>
                ) : (
                  <span className="quiet">{say("not_read")}</span>
                ),
            },
            {
              title: say("sample"),
              className: "number",
              render: (_, one) => <span data-raw>{one.samples.join(" · ")}</span>,
            },
          ]}
        />
      </Wide>
    </section>
  );
}
