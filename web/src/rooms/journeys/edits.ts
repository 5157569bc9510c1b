import { parse } from "yaml";
import { insert, move as moveEntry, remove as removeAt, set } from "@/ui/text/splice";
import type { Path } from "@/ui/text/spots";
import { type Doc, isDoc } from "@/ui/text/yaml";
import { type Asks, begins, type Kind, kindOf, placeOf, shapeBegins } from "./forms";
import {
  at,
  goesOn,
  type Plan,
  type PlanStep,
  pathOf,
  planOf,
  refsOf,
  successor,
  type Way,
} from "./plan";

/** Edits on the canvas. Each takes a text and gives a text; what it can't do leaves it as it is. */

const STEP_ORDER = ["id"];
const HEAD = [
  "journey",
  "title",
  "source",
  "enter",
  "reenter",
  "concurrent",
  "holdout",
  "ends_when",
  "steps",
];

/** A word of the journey itself; undefined: without it. */
export const setHead = (text: string, path: Path, value: unknown): string =>
  set(text, path, value, path.length === 1 ? HEAD : []);

/** A field of a step, by its way in the step's text; undefined: without it. */
export function setField(text: string, step: PlanStep, path: Path, value: unknown): string {
  const kind = kindOf(step.kind);
  const order =
    path.length === 1
      ? ["id", step.kind, ...(kind?.fields ?? []).map((one) => one.name), "go"]
      : (kind?.fields ?? []).map((one) => one.name);
  return set(text, pathOf(step, ...path), value, order);
}

/** A name for a new step that no other has. */
export function freshId(plan: Plan, key: string): string {
  const known = new Set(plan.steps.map((one) => one.id));
  if (!known.has(key)) return key;
  let number = 2;
  while (known.has(`${key}-${number}`)) number++;
  return `${key}-${number}`;
}

/** What a new step says: what its kind begins with, and what its fields must have. */
export function fresh(plan: Plan, kind: Kind, next: string): Doc {
  const id = freshId(plan, kind.key);
  const said = (parse(kind.begins) ?? {}) as Doc;
  const made: Doc = { id, ...said };
  for (const field of kind.fields) {
    const place = placeOf(kind, field);
    if (!field.required || at(made, place) !== undefined) continue;
    put(made, place, begins(field, { next, id }));
  }
  if (!(kind.key in made)) made[kind.key] = {};
  return made;
}

function put(made: Doc, path: readonly string[], value: unknown): void {
  const [first = "", second] = path;
  if (second === undefined) made[first] = value;
  else made[first] = { ...(isDoc(made[first]) ? (made[first] as Doc) : {}), [second]: value };
}

/** A new step at this place of the text; `go`: where it leads on, if not to the next one. */
export function addAt(text: string, place: number, key: string, go?: string): string {
  const plan = planOf(text);
  const kind = kindOf(key);
  if (!plan || !kind) return text;
  const next = go ?? plan.steps[place]?.id ?? "";
  const made = fresh(plan, kind, next);
  if (go && kind.goes_on) made.go = go;
  return insert(text, ["steps", place], made);
}

/** A new step in the middle of ways that join the same two steps. */
export function addOn(text: string, ways: readonly Way[], key: string): string {
  const plan = planOf(text);
  const kind = kindOf(key);
  const [way] = ways;
  if (!plan || !kind || !way) return text;
  if (way.code === "entry") return addAt(text, 0, key);
  const source = plan.steps.find((one) => one.id === way.source);
  const target = plan.steps.find((one) => one.id === way.to);
  if (!source || !target) return text;
  const id = freshId(plan, key);
  const refs = ways.flatMap((one) => one.ref ?? []);
  const pointed = refs.reduce((done, ref) => set(done, ref.path, id), text);
  if (refs.length < ways.length) return addAt(pointed, source.place + 1, key);
  const falls = (step: PlanStep | undefined) => step && goesOn(step) && step.said.go === undefined;
  // where nobody comes to the target from above, the new step may stand there; else at the end
  if (target.place > 0 && !falls(plan.steps[target.place - 1]))
    return addAt(pointed, target.place, key);
  const last = plan.steps.at(-1);
  const closed =
    last && falls(last) ? set(pointed, pathOf(last, "go"), way.to, STEP_ORDER) : pointed;
  return addAt(closed, plan.steps.length, key, way.to);
}

/** How many ways led to a step, and where they lead when it is gone. */
export function afterwards(plan: Plan, step: PlanStep): { ways: number; to: string | null } {
  const ways = plan.steps
    .flatMap((one) => (one === step ? [] : refsOf(one)))
    .filter((ref) => ref.to === step.id).length;
  return { ways, to: heir(plan, step) };
}

const heir = (plan: Plan, step: PlanStep): string | null =>
  successor(plan, step) ??
  plan.steps[step.place + 1]?.id ??
  plan.steps.findLast((one) => one !== step && !goesOn(one))?.id ??
  null;

/** Without a step: whoever came to it goes on where it led. */
export function removeStep(text: string, id: string): string {
  const plan = planOf(text);
  const step = plan?.steps.find((one) => one.id === id);
  if (!plan || !step) return text;
  const to = heir(plan, step);
  let done = text;
  for (const one of plan.steps) {
    if (one === step) continue;
    for (const ref of refsOf(one)) if (ref.to === id && to) done = set(done, ref.path, to);
  }
  const before = plan.steps[step.place - 1];
  const next = plan.steps[step.place + 1];
  const falls = before && goesOn(before) && before.said.go === undefined;
  if (falls && to && to !== next?.id) done = set(done, pathOf(before, "go"), to, STEP_ORDER);
  return removeAt(done, ["steps", step.place]);
}

/** A step at another place of the text. */
export function moveStep(text: string, id: string, by: -1 | 1): string {
  const plan = planOf(text);
  const step = plan?.steps.find((one) => one.id === id);
  return step && plan?.steps[step.place + by]
    ? moveEntry(text, ["steps", step.place], step.place + by)
    : text;
}

/** A step at this place of the text. */
export const moveTo = (text: string, from: number, to: number): string =>
  moveEntry(text, ["steps", from], to);

/** Ways that are drawn as one line, to another step. */
export const rewireAll = (text: string, ways: readonly Way[], to: string): string =>
  ways.reduce((done, way) => rewire(done, way, to), text);

/** A way to another step: what names its target names the new one; what only came next says so. */
export function rewire(text: string, way: Way, to: string): string {
  const plan = planOf(text);
  if (!plan || way.to === to) return text;
  if (way.ref) return set(text, way.ref.path, to);
  if (way.code === "entry") {
    const step = plan.steps.find((one) => one.id === to);
    return step ? moveEntry(text, ["steps", step.place], 0) : text;
  }
  return connect(text, way.source, to, true);
}

/** A new way from a step: one more case where it has several, else where it goes on. */
export function connect(text: string, from: string, to: string, on = false): string {
  const plan = planOf(text);
  const step = plan?.steps.find((one) => one.id === from);
  const kind = step && kindOf(step.kind);
  if (!plan || !step || !kind) return text;
  const several = kind.fields.find((one) => one.many && one.forms.length);
  if (several && !on) return oneMore(text, step, several, to);
  if (!goesOn(step)) return text;
  const next = plan.steps[step.place + 1];
  return set(text, pathOf(step, "go"), !to || next?.id === to ? undefined : to, STEP_ORDER);
}

function oneMore(text: string, step: PlanStep, field: Asks, to: string): string {
  const place = placeOf(kindOf(step.kind) as Kind, field);
  const some = at(step.said, place);
  const said = Array.isArray(some) ? (some as unknown[]) : [];
  const made = shapeBegins(field.forms[0] ?? "", { next: to, id: freeName(said) });
  const target = { ...made, go: to, ...("share" in made ? { share: 0 } : {}) };
  return addEntry(text, pathOf(step, ...place), said, target);
}

/** One more entry of a list; before an `else`, behind which nothing can be taken. */
export function addEntry(text: string, path: Path, said: readonly unknown[], value: Doc): string {
  const last = said.at(-1);
  const shut = isDoc(last) && last.else === true;
  return insert(text, [...path, shut ? said.length - 1 : said.length], value);
}

function freeName(some: unknown[]): string {
  const names = new Set(some.map((one) => (isDoc(one) ? String(one.name) : "")));
  return [..."abcdefghijklmnopqrstuvwxyz"].find((one) => !names.has(one)) ?? "more";
}

/** Another name for a step, wherever it is spoken of. */
export function rename(text: string, from: string, to: string): string {
  const plan = planOf(text);
  const step = plan?.steps.find((one) => one.id === from);
  if (!plan || !step || !to) return text;
  let done = text;
  for (const one of plan.steps)
    for (const ref of refsOf(one)) if (ref.to === from) done = set(done, ref.path, to);
  for (const path of spoken(plan.said, [], from, String(plan.said.journey)))
    done = set(done, path, to);
  return set(done, pathOf(step, "id"), to);
}

/** Conditions that ask for the touch or the task of a step. */
function spoken(said: unknown, path: Path, id: string, journey: string): Path[] {
  if (Array.isArray(said))
    return said.flatMap((one, place) => spoken(one, [...path, place], id, journey));
  if (!isDoc(said)) return [];
  const own = said.step === id && (said.journey === undefined || said.journey === journey);
  return [
    ...(own ? [[...path, "step"]] : []),
    ...Object.entries(said).flatMap(([name, one]) => spoken(one, [...path, name], id, journey)),
  ];
}

export const BLANK = `journey: ""
title: {zh: "", en: ""}
steps: []
`;

/** A value anywhere in the text; a step's own name changes wherever it is spoken of. */
export function setAt(text: string, path: Path, value: unknown): string {
  if (path[0] !== "steps") return setHead(text, path, value);
  const step = planOf(text)?.steps[path[1] as number];
  if (!step) return text;
  const inside = path.slice(2);
  if (inside.length === 1 && inside[0] === "id") return rename(text, step.id, String(value ?? ""));
  return setField(text, step, inside, value);
}
