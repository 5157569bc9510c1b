import { Button, Checkbox, Flex, Input, Spin, Table, type TableProps, Tag } from "antd";
import { useEffect, useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, fetcher } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useFilters } from "@/ui/filters";
import { rate } from "@/ui/format";
import { Page } from "@/ui/page";
import { Nothing, Shown } from "@/ui/states";
import { Count, When } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { tooSlow } from "./found";
import { NEW } from "./segment";
import { type Say, useSegments } from "./words";
import "./segments.css";

type Row = components["schemas"]["Segment"];

/** Which segments there are, what each is, and how many customers it finds. */
export function Component() {
  const say = useSegments();
  const [language] = useLanguage();
  const may = useMay();
  const go = useNavigate();
  const [{ q, retired }, filter] = useFilters(["q", "retired"]);
  const query = api.useQuery("get", "/api/v1/segments", {});
  const make = may("segments.write") && (
    <Button type="primary" onClick={() => go(`/customers/segments/${NEW}`)}>
      {say("new")}
    </Button>
  );
  const every = query.data?.segments ?? [];
  const sought = q.toLowerCase();
  const rows = every.filter(
    (one) =>
      (retired || !one.retired_at) &&
      `${one.code} ${one.title.zh} ${one.title.en} ${one.layer} ${layerName(one.layer, say)}`
        .toLowerCase()
        .includes(sought),
  );
  const layers = byLayer(rows);
  const counts = useCounts(
    layers.flatMap(([, bands]) => bands.filter((one) => !one.retired_at).map((one) => one.code)),
  );
  return (
    <Page title={say("title")} under={say("under")} primary={make}>
      <Shown query={query}>
        {() =>
          every.length === 0 ? (
            <Nothing what={say("none")} />
          ) : (
            <>
              <Flex gap={16} align="center" wrap className="seg-filters">
                <Input.Search
                  aria-label={say("search")}
                  placeholder={say("search")}
                  defaultValue={q}
                  allowClear
                  style={{ maxWidth: 320 }}
                  onChange={(event) => filter({ q: event.target.value })}
                />
                <Checkbox
                  checked={retired === "1"}
                  onChange={(event) => filter({ retired: event.target.checked ? "1" : "" })}
                >
                  {say("show_retired")}
                </Checkbox>
              </Flex>
              {layers.map(([layer, bands]) => (
                <section key={layer} className="panel" aria-label={layerName(layer, say)}>
                  {(layer || layers.length > 1) && (
                    <h2>
                      <span data-raw>{layerName(layer, say)}</span>
                      {bands[0]?.exclusive && (
                        <span className="quiet small"> {say("everybody_in_one")}</span>
                      )}
                    </h2>
                  )}
                  <Table<Row>
                    aria-label={layerName(layer, say)}
                    size="small"
                    rowKey="code"
                    pagination={
                      bands.length > 50 ? { pageSize: 50, showSizeChanger: false } : false
                    }
                    scroll={{ x: "max-content" }}
                    dataSource={bands}
                    columns={columns()}
                  />
                </section>
              ))}
              {rows.length === 0 && <Nothing what={say("none_found")} />}
            </>
          )
        }
      </Shown>
    </Page>
  );

  function columns(): TableProps<Row>["columns"] {
    return [
      {
        title: say("name"),
        render: (_, row) => (
          <Link to={`/customers/segments/${row.code}`} className="seg-name">
            <strong data-raw>{row.title[language] || row.code}</strong>
            <code className="quiet">{row.code}</code>
          </Link>
        ),
      },
      {
        title: say("customers"),
        align: "right",
        className: "money",
        render: (_, row) => <Figure of={row} counts={counts} />,
      },
      { title: say("state"), render: (_, row) => <State of={row} /> },
      {
        title: say("version"),
        align: "right",
        className: "money",
        render: (_, row) => <span className="number">{row.version}</span>,
      },
      {
        title: say("changed"),
        render: (_, row) => (
          <>
            <When at={row.set_at} /> <span data-raw>{say("by", { who: row.set_by })}</span>
          </>
        ),
      },
    ];
  }
}

const SHIPPED = ["rfm", "stage", "value", "need", "response"] as const;
const ORDER: readonly string[] = SHIPPED;

function layerName(layer: string, say: Say): string {
  const shipped = SHIPPED.find((one) => one === layer);
  if (shipped) return say(`layer_${shipped}`);
  return layer || say("other_layers");
}

/** What belongs to no layer first, then the layers that come with Siyu, then a brand's own. */
function byLayer(rows: readonly Row[]): [string, Row[]][] {
  const place = (layer: string) => {
    const shipped = ORDER.indexOf(layer);
    return layer === "" ? -1 : shipped < 0 ? ORDER.length : shipped;
  };
  const found = new Map<string, Row[]>();
  for (const row of rows) found.set(row.layer, [...(found.get(row.layer) ?? []), row]);
  return [...found].sort(([one], [other]) => place(one) - place(other) || one.localeCompare(other));
}

function State({ of }: { of: Row }) {
  const say = useSegments();
  const [language] = useLanguage();
  if (of.retired_at) return <Tag className="tone-out">{say("retired")}</Tag>;
  if (!of.live) return <span className="quiet">{say("on_demand")}</span>;
  const share = rate(of.to_fill ? of.filled / of.to_fill : 0, language, 0);
  return of.filling ? (
    <Tag className="tone-waits">{say("filling", { share })}</Tag>
  ) : (
    <Tag className="tone-ours">{say("live")}</Tag>
  );
}

function Figure({ of, counts: found }: { of: Row; counts: Counts }) {
  const say = useSegments();
  const many = found.known.get(of.code);
  if (of.retired_at) return <span className="quiet">—</span>;
  if (typeof many === "number") return <Count of={many} />;
  if (many === "too slow") return <span className="quiet">{say("too_slow")}</span>;
  if (many === null) return <span className="quiet">—</span>;
  if (found.asking === of.code) return <Spin size="small" />;
  if (!found.slow) return <span className="quiet">…</span>;
  return (
    <Button size="small" onClick={() => found.ask(of.code)}>
      {say("count_now")}
    </Button>
  );
}

const SLOW = 1_000; // ms: where one count takes longer, the others wait to be asked for

type Many = number | "too slow" | null; // null: it could not be counted

interface Counts {
  known: ReadonlyMap<string, Many>;
  asking: string | null;
  slow: boolean;
  ask: (code: string) => void;
}

/** One count after the other, so that a long list never loads the database with all at once. */
function useCounts(codes: readonly string[]): Counts {
  const [known, learn] = useState<ReadonlyMap<string, Many>>(new Map());
  const [asking, setAsking] = useState<string | null>(null);
  const [slow, setSlow] = useState(false);
  const next = slow ? undefined : codes.find((code) => !known.has(code));
  useEffect(() => {
    if (asking === null && next !== undefined) setAsking(next);
  }, [asking, next]);
  useEffect(() => {
    if (asking === null) return;
    let left = false;
    const began = performance.now();
    fetcher
      .POST("/api/v1/segments/count", { body: { code: asking, text: "" } })
      .then(
        ({ data }): Many => data?.customers ?? null,
        (error: unknown): Many => (tooSlow(error) ? "too slow" : null),
      )
      .then((many) => {
        if (left) return;
        learn((before) => new Map(before).set(asking, many));
        if (performance.now() - began > SLOW) setSlow(true);
        setAsking(null);
      });
    return () => {
      left = true;
    };
  }, [asking]);
  return { known, asking, slow, ask: setAsking };
}
