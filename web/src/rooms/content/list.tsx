import { Button, Checkbox, Flex, Input, Select, Table, type TableProps, Tag } from "antd";
import { lazy, Suspense, useState } from "react";
import { Link, useNavigate } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import { type CodeSet, useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { Page } from "@/ui/page";
import { Soon } from "@/ui/soon";
import { Nothing, Shown } from "@/ui/states";
import { When } from "@/ui/value";
import type { Line } from "./draft";
import { Owner, ReviewState, Valid } from "./parts";
import { useContent } from "./words";
import "./content.css";

const Bring = lazy(() => import("./bring"));
const NAMES = ["q", "kind", "tag", "state", "retired"] as const;
type Filtered = Record<(typeof NAMES)[number], string>;
type Set = (change: Partial<Filtered>) => void;
const PAGE = 50;

/** The shelf: what there is to say, how it stands in review, and when it is valid. */
export function Component() {
  const say = useContent();
  const may = useMay();
  const go = useNavigate();
  const [filters, set] = useFilters(NAMES);
  const [bringing, bring] = useState(false);
  const query = api.useQuery("get", "/api/v1/materials", {
    params: { query: { retired: filters.retired === "1" } },
  });
  const every = query.data?.materials ?? [];
  const rows = every.filter((one) => fits(one, filters));
  const acts = may("content.write") && (
    <Flex gap={8} wrap>
      <Button onClick={() => bring(true)}>{say("bring")}</Button>
      <Button type="primary" onClick={() => go("/content/materials/_new/edit")}>
        {say("new")}
      </Button>
    </Flex>
  );
  const filtered = NAMES.some((name) => name !== "retired" && filters[name]);
  return (
    <Page title={say("title")} under={say("under")} primary={acts}>
      <Filters filters={filters} set={set} every={every} filtered={filtered} />
      <Shown query={query}>
        {() =>
          rows.length === 0 ? (
            <Nothing what={say(filtered ? "none_found" : "none")}>
              {filtered && <Clear set={set} />}
            </Nothing>
          ) : (
            <Rows rows={rows} />
          )
        }
      </Shown>
      <Suspense fallback={<Soon />}>{bringing && <Bring close={() => bring(false)} />}</Suspense>
    </Page>
  );
}

function Rows({ rows }: { rows: Line[] }) {
  const say = useContent();
  const code = useCode();
  const columns: TableProps<Line>["columns"] = [
    {
      key: "title",
      title: say("called"),
      render: (_, row) => (
        <Link to={`/content/materials/${row.code}`} className="content-name">
          <strong data-raw>{row.title || row.code}</strong>
          <code className="quiet">{row.code}</code>
        </Link>
      ),
    },
    { key: "kind", title: say("kind"), render: (_, row) => code("material_kind", row.kind) },
    { key: "channel", title: say("channel"), render: (_, row) => code("channel", row.channel) },
    { key: "state", title: say("state"), render: (_, row) => <ReviewState of={row} /> },
    { key: "valid", title: say("valid"), render: (_, row) => <Valid of={row} /> },
    {
      key: "tags",
      title: say("tags"),
      render: (_, row) =>
        row.tags.map((one) => (
          <Tag key={one} data-raw>
            {one}
          </Tag>
        )),
    },
    { key: "owner", title: say("owner"), render: (_, row) => <Owner of={row} /> },
    {
      key: "made",
      title: say("made"),
      render: (_, row) => (
        <>
          <span className="number">{say("version_n", { version: row.version })}</span>{" "}
          {row.made_at && <When at={row.made_at} />}
        </>
      ),
    },
  ];
  return (
    <Table<Line>
      aria-label={say("title")}
      size="small"
      rowKey="code"
      pagination={rows.length > PAGE ? { pageSize: PAGE, showSizeChanger: false } : false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      columns={columns}
    />
  );
}

function fits(one: Line, { q, kind, tag, state }: Filtered): boolean {
  const text = `${one.title} ${one.code} ${one.tags.join(" ")} ${one.owner}`.toLowerCase();
  return (
    text.includes(q.toLowerCase()) &&
    (!kind || one.kind === kind) &&
    (!tag || one.tags.includes(tag)) &&
    (!state || one.state === state)
  );
}

const KINDS = ["text", "image", "poster", "card", "link", "article", "video"] as const;
const STATES = ["draft", "in_review", "approved", "refused"] as const;

function Filters(props: { filters: Filtered; set: Set; every: Line[]; filtered: boolean }) {
  const { filters, set, every, filtered } = props;
  const say = useContent();
  const tags = [...new Set(every.flatMap((one) => one.tags))].sort();
  return (
    <Flex wrap gap={8} align="center" className="filters">
      <Input.Search
        className="content-search"
        allowClear
        value={filters.q}
        placeholder={say("search")}
        aria-label={say("search")}
        onChange={(event) => set({ q: event.target.value })}
      />
      <OneOf name="kind" set="material_kind" codes={KINDS} filters={filters} change={set} />
      <OneOf name="state" set="material_state" codes={STATES} filters={filters} change={set} />
      <Select
        aria-label={say("tag")}
        placeholder={say("tag")}
        allowClear
        showSearch
        popupMatchSelectWidth={false}
        value={filters.tag || undefined}
        options={tags.map((one) => ({ value: one, label: one }))}
        onChange={(chosen?: string) => set({ tag: chosen ?? "" })}
      />
      <Checkbox
        checked={filters.retired === "1"}
        onChange={(event) => set({ retired: event.target.checked ? "1" : "" })}
      >
        {say("show_retired")}
      </Checkbox>
      {filtered && <Clear set={set} />}
    </Flex>
  );
}

function OneOf(props: {
  name: "kind" | "state";
  set: CodeSet;
  codes: readonly string[];
  filters: Filtered;
  change: Set;
}) {
  const { name, set, codes, filters, change } = props;
  const say = useContent();
  const code = useCode();
  return (
    <Select
      aria-label={say(name)}
      placeholder={say(name)}
      allowClear
      popupMatchSelectWidth={false}
      value={filters[name] || undefined}
      options={codes.map((one) => ({ value: one, label: code(set, one) }))}
      onChange={(chosen?: string) => change({ [name]: chosen ?? "" })}
    />
  );
}

function Clear({ set }: { set: Set }) {
  const say = useContent();
  return (
    <Button onClick={() => set({ q: "", kind: "", tag: "", state: "" })}>{say("clear")}</Button>
  );
}
