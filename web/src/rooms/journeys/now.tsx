import { Flex, Segmented, Select } from "antd";
import { lazy, Suspense } from "react";
import type { SchemaDetail, SchemaGraph, SchemaNode } from "@/api/schema";
import { useMay } from "@/api/session";
import { useNames } from "@/ui/names";
import { Soon } from "@/ui/soon";
import { Shown } from "@/ui/states";
import { People, SHOWS, type Show } from "./people";
import { useTongue } from "./said";
import { Steps } from "./steps";
import { Text, type Writing } from "./writing";

const Canvas = lazy(() => import("./canvas"));
const Edit = lazy(() => import("./edit"));

export const FILTERS = ["tab", "view", "node", "show", "version", "days"] as const;
type Filters = Record<(typeof FILTERS)[number], string>;
type Set = (change: Partial<Filters>) => void;

/** The drawing and its text beside each other: both always say the same. */
export function Now(props: {
  detail: SchemaDetail;
  writing: Writing;
  graph: {
    data: SchemaGraph | undefined;
    error: unknown;
    isPending: boolean;
    refetch: () => unknown;
  };
  days: number;
  filters: Filters;
  set: Set;
}) {
  const { detail, writing, graph, days, filters, set } = props;
  const drafted = filters.version ? null : (writing.checked?.graph ?? null);
  const choose = (node: string, show = "") => set({ node, show });
  const may = useMay();
  if (filters.view === "edit" && may("journeys.publish"))
    return (
      <Suspense fallback={<Soon />}>
        <Edit detail={detail} writing={writing} first={filters.node}>
          <Views view="edit" set={set} />
        </Edit>
      </Suspense>
    );
  return (
    <div className="journey-now">
      <div className="panel journey-drawing">
        <Shown query={graph} rows={12}>
          {(live) => {
            const shown = drafted ? merged(drafted, live) : live;
            const node = live.nodes.find((one) => one.id === filters.node);
            return (
              <>
                <Head graph={shown} detail={detail} days={days} filters={filters} set={set} />
                {filters.view === "list" ? (
                  <Steps graph={shown} live choose={choose} />
                ) : (
                  <Suspense fallback={<Soon />}>
                    <Canvas graph={shown} live chosen={filters.node} choose={choose} />
                  </Suspense>
                )}
                {node && (
                  <People
                    code={detail.code}
                    version={live.version}
                    days={days}
                    node={node}
                    show={SHOWS.find((one) => one === filters.show) ?? first(node)}
                    set={(show) => set({ show })}
                    close={() => set({ node: "", show: "" })}
                  />
                )}
              </>
            );
          }}
        </Shown>
      </div>
      <Text
        detail={detail}
        writing={writing}
        line={(drafted ?? graph.data)?.nodes.find((one) => one.id === filters.node)?.line}
      />
    </div>
  );
}

/** To look at, to read below each other, or to change: what is changed is the latest text. */
function Views({ view, set }: { view: string; set: Set }) {
  const { say } = useTongue();
  const may = useMay();
  return (
    <Segmented
      aria-label={say("view")}
      value={view || "drawing"}
      onChange={(next) =>
        set({
          view: next === "drawing" ? "" : next,
          ...(next === "edit" && { version: "", show: "" }),
          ...(view === "edit" && { node: "" }),
        })
      }
      options={[
        { value: "drawing", label: say("drawing") },
        { value: "list", label: say("as_list") },
        ...(may("journeys.publish") ? [{ value: "edit", label: say("edit") }] : []),
      ]}
    />
  );
}

/** What the figures are of, and what holds at every step. */
function Head(props: {
  graph: SchemaGraph;
  detail: SchemaDetail;
  days: number;
  filters: Filters;
  set: Set;
}) {
  const { graph, detail, days, filters, set } = props;
  const { say, in: said, many } = useTongue();
  const names = useNames();
  const cohort = graph.cohort;
  const versions = Array.from({ length: detail.latest }, (_, place) => detail.latest - place);
  return (
    <Flex vertical gap={8} className="journey-head">
      <Flex gap={8} align="center" wrap>
        <Views view={filters.view} set={set} />
        <Select
          aria-label={say("version")}
          value={filters.version || String(detail.version)}
          onChange={(version) =>
            set({ version: version === String(detail.version) ? "" : version, node: "" })
          }
          options={versions.map((version) => ({
            value: String(version),
            label: say("version_n", { version }),
          }))}
        />
        <Select
          aria-label={say("days")}
          value={String(days)}
          onChange={(value) => set({ days: value === "7" ? "" : value })}
          options={[1, 7, 30].map((count) => ({
            value: String(count),
            label: say("days_n", { count }),
          }))}
        />
      </Flex>
      {cohort && (
        <span className="quiet">
          {say("figures_are", {
            whom: say(cohort.more ? "cohort_more" : "cohort", { days, count: many(cohort.visits) }),
          })}
        </span>
      )}
      {detail.outranked.length > 0 && (
        <span className="quiet">
          {say("outranked", {
            by: detail.outranked
              .map((one) => `${names.journey(one.journey)} ${many(one.touches)}`)
              .join(" · "),
          })}
        </span>
      )}
      {graph.ends_when && (
        <span className="journey-ends">{say("ends_when", { what: said(graph.ends_when) })}</span>
      )}
    </Flex>
  );
}

/** A draft has no figures of its own: those of the steps and ways that are there still. */
export function merged(draft: SchemaGraph, live: SchemaGraph): SchemaGraph {
  const nodes = new Map(live.nodes.map((node) => [node.id, node]));
  const weights = new Map(live.edges.map((one) => [`${one.source}→${one.to}`, one.weight]));
  return {
    ...draft,
    cohort: live.cohort,
    nodes: draft.nodes.map((node) => {
      const { now, longest_since, elsewhere, parked, passed, sent, withheld, ended } =
        nodes.get(node.id) ?? node;
      return { ...node, now, longest_since, elsewhere, parked, passed, sent, withheld, ended };
    }),
    edges: draft.edges.map((one) => ({
      ...one,
      weight: weights.get(`${one.source}→${one.to}`) ?? 0,
    })),
  };
}

function first(node: SchemaNode): Show {
  return node.now > 0 || node.passed === 0 ? "now" : "passed";
}
