import { isMap, isSeq, type Node } from "yaml";
import { lineOf, nodeAt, type Path, parsed, saidOf } from "@/ui/text/spots";
import { type Doc, isDoc } from "@/ui/text/yaml";
import { type Asks, formOf, KINDS, type Kind, kindOf, placeOf, shapeOf } from "./forms";

/** A step as its text says it; `kind` empty: it says none, or several. */
export interface PlanStep {
  place: number;
  id: string;
  kind: string;
  said: Doc;
  line: number;
}

/** What a text says, whether it is right or not. */
export interface Plan {
  said: Doc;
  steps: PlanStep[];
}

/** A way that a step names. `path`: where its target is written, from the text's root; `of`: the
 * part that it belongs to (a case, an arm), `field` what its target is called. */
export interface Ref {
  path: Path;
  to: string;
  of: Doc;
  field: Asks | null;
}

export type WayCode = "entry" | "next" | "go" | "case" | "else" | "arm" | "otherwise";
/** A way on the canvas; `ref` null: it is only what comes next in the text. */
export interface Way {
  source: string;
  to: string;
  code: WayCode;
  ref: Ref | null;
}

/** What a text says; null: it can't be read, or its steps are no list of steps. */
export function planOf(text: string): Plan | null {
  const root = parsed(text);
  if (!root) return null;
  const steps = nodeAt(root, ["steps"]);
  const said = saidOf(root) as Doc;
  if (steps === null || said.steps === null) return { said, steps: [] };
  if (!isSeq(steps) || !steps.items.every(isMap)) return null;
  return {
    said,
    steps: steps.items.map((node, place) => stepOf(text, node as Node, place)),
  };
}

function stepOf(text: string, node: Node, place: number): PlanStep {
  const said = saidOf(node) as Doc;
  const kinds = KINDS.filter((one) => one.key in said);
  return {
    place,
    id: typeof said.id === "string" ? said.id : String(said.id ?? ""),
    kind: kinds.length === 1 ? (kinds[0]?.key ?? "") : "",
    said,
    line: lineOf(text, node.range?.[0] ?? 0),
  };
}

export const pathOf = (step: PlanStep, ...more: (string | number)[]): Path => [
  "steps",
  step.place,
  ...more,
];

export const at = (said: unknown, path: Path): unknown =>
  path.reduce<unknown>((here, key) => (here as Doc | null | undefined)?.[key as string], said);

/** Every step that a step names as a way on, in the order of its fields; `go` last. */
export function refsOf(step: PlanStep): Ref[] {
  const kind = kindOf(step.kind);
  const found: Ref[] = [];
  for (const field of kind?.fields ?? []) {
    const place = placeOf(kind as Kind, field);
    walk(field, at(step.said, place), pathOf(step, ...place), step.said, found);
  }
  if (typeof step.said.go === "string")
    found.push({ path: pathOf(step, "go"), to: step.said.go, of: step.said, field: null });
  return found;
}

function walk(field: Asks, value: unknown, path: Path, of: Doc, found: Ref[]): void {
  if (field.takes === "step" && typeof value === "string")
    found.push({ path, to: value, of, field });
  if (field.many && Array.isArray(value)) {
    value.forEach((one, place) => {
      walk({ ...field, many: false }, one, [...path, place], of, found);
    });
    return;
  }
  const form = field.forms.length === 1 && isDoc(value) ? field.forms[0] : formOf(field, value);
  if (!form || !isDoc(value)) return;
  for (const inner of shapeOf(form).fields)
    walk(inner, value[inner.name], [...path, inner.name], value, found);
}

/** Whether somebody can go on from a step to the next one (or to its `go`). */
export function goesOn(step: PlanStep): boolean {
  const kind = kindOf(step.kind);
  if (!kind) return true;
  if (!kind.goes_on) return false;
  return kind.fields.every((field) => {
    const value = at(step.said, placeOf(kind, field));
    if (field.shuts) return value !== true;
    if (!field.many || !field.forms.length || !Array.isArray(value)) return true;
    const inner = shapeOf(field.forms[0] ?? "").fields;
    const shuts = inner.filter((one) => one.shuts).map((one) => one.name);
    if (value.some((one) => isDoc(one) && shuts.some((name) => one[name] === true))) return false;
    const free = inner.find((one) => one.takes === "step" && !one.required);
    return !free || value.some((one) => isDoc(one) && one[free.name] === undefined);
  });
}

/** Every way of a plan; those to steps that are not there too. */
export function waysOf(plan: Plan): Way[] {
  const [first] = plan.steps;
  const entry: Way[] = first ? [{ source: "", to: first.id, code: "entry", ref: null }] : [];
  return [...entry, ...plan.steps.flatMap((step) => stepWays(plan, step))];
}

function stepWays(plan: Plan, step: PlanStep): Way[] {
  const refs = refsOf(step);
  const go = refs.find((ref) => ref.field === null && ref.of === step.said);
  const ways = refs
    .filter((ref) => ref !== go)
    .map((ref): Way => ({ source: step.id, to: ref.to, code: codeOf(ref), ref }));
  if (!goesOn(step)) return ways;
  const next = plan.steps[step.place + 1];
  if (go) return [...ways, { source: step.id, to: go.to, code: "go", ref: go }];
  return next ? [...ways, { source: step.id, to: next.id, code: "next", ref: null }] : ways;
}

function codeOf({ of, field }: Ref): WayCode {
  if (field?.name === "else" || field?.name === "otherwise") return "otherwise";
  if ("when" in of) return "case";
  if (of.else === true) return "else";
  return "share" in of ? "arm" : "otherwise";
}

/** Where somebody goes on from a step that is not there any more: its own next, else its first way. */
export function successor(plan: Plan, step: PlanStep): string | null {
  const ways = stepWays(plan, step).filter((way) => way.to !== step.id);
  const known = new Set(plan.steps.map((one) => one.id));
  const on = ways.find((way) => way.code === "next" || way.code === "go") ?? ways[0];
  return on && known.has(on.to) ? on.to : null;
}
