import type { SchemaGraph } from "@/api/schema";
import { isDoc } from "@/ui/text/yaml";
import { kindOf, placeOf } from "./forms";
import type { Drawable } from "./layout";
import { at, type Plan, type PlanStep, type Way, waysOf } from "./plan";

type Edge = SchemaGraph["edges"][number];

/** A plan as it is laid out: one node for each step, whatever they are called. */
export interface Sketch extends Drawable {
  nodes: { id: string; step: PlanStep }[];
  ways: Map<string, Way[]>; // by the two nodes that a line joins
}

/** Nodes are named as their steps; one without a name of its own by its place. */
export function keysOf(plan: Plan): string[] {
  const seen = new Set<string>();
  return plan.steps.map((step) => {
    const key = step.id && !seen.has(step.id) ? step.id : `▸${step.place}`;
    seen.add(key);
    return key;
  });
}

export const lineKey = (source: string, to: string): string => `${source}→${to}`;

export function sketchOf(plan: Plan, sentence: (condition: unknown) => string): Sketch {
  const keys = keysOf(plan);
  const known = new Set(keys);
  const ways = new Map<string, Way[]>();
  const edges: Edge[] = [];
  const every = waysOf(plan);
  for (const way of every) {
    const key = lineKey(way.source, way.to);
    if (!known.has(way.to)) continue;
    ways.set(key, [...(ways.get(key) ?? []), way]);
    if (way.code !== "entry") edges.push(edge(way, every, sentence));
  }
  return {
    nodes: plan.steps.map((step, place) => ({ id: keys[place] ?? "", step })),
    edges,
    ways,
  };
}

function edge(way: Way, every: readonly Way[], sentence: (condition: unknown) => string): Edge {
  const of = way.ref?.of;
  const chooses = every.some(
    (one) => one.source === way.source && (one.code === "case" || one.code === "arm"),
  );
  const said = way.code === "case" && of ? sentence(of.when) : "";
  return {
    source: way.source,
    to: way.to,
    code: way.code === "next" && chooses ? "none" : (way.code as Edge["code"]),
    words: said ? { zh: said, en: said } : null,
    name: way.code === "arm" ? String(of?.name ?? "") : "",
    share: way.code === "arm" ? Number(of?.share ?? 0) : null,
    weight: 0,
  };
}

/** What a step says in one line: its fields in their order, without its ways. */
export function gist(
  step: PlanStep,
  say: (takes: string, name: string, value: unknown) => string,
): string {
  const kind = kindOf(step.kind);
  const parts = (kind?.fields ?? []).flatMap((field): string[] => {
    const value = at(step.said, placeOf(kind as NonNullable<typeof kind>, field));
    if (value === undefined || value === null || field.many || field.takes === "step") return [];
    if (isDoc(value) && field.forms.length)
      return Object.entries(value).flatMap(([name, one]) =>
        typeof one === "object" || name === "else" ? [] : [say("", name, one)],
      );
    return [say(field.takes, field.name, value)];
  });
  return parts.slice(0, 3).join(" · ");
}
