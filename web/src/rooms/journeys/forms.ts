import nodes from "@/api/nodes.json";
import { type Doc, isDoc } from "@/ui/text/yaml";

export type Both = { zh: string; en: string };
/** A field, as the engine's own class declares it (`src/siyu/journeys/render/forms.py`). */
export interface Asks {
  name: string;
  title: Both;
  takes: string;
  choices: { value: string; title: Both | null }[];
  forms: string[];
  many: boolean;
  required: boolean;
  default: unknown;
  shuts: boolean;
  at: string;
}
export interface Shape {
  title: Both;
  fields: Asks[];
}
export interface Kind {
  key: string;
  title: Both;
  about: Both;
  shelf: string;
  begins: string;
  goes_on: boolean;
  fields: Asks[];
}
interface Forms {
  shelves: Record<string, Both>;
  journey: Asks[];
  kinds: Kind[];
  shapes: Record<string, Shape>;
}

const FORMS: Forms = nodes;
export const KINDS: readonly Kind[] = FORMS.kinds;
export const JOURNEY: readonly Asks[] = FORMS.journey;
export const SHELVES: readonly (readonly [string, Both])[] = Object.entries(FORMS.shelves);
const BY_KEY = new Map(KINDS.map((one) => [one.key, one]));

export const kindOf = (key: string): Kind | undefined => BY_KEY.get(key);
export const shapeOf = (name: string): Shape => FORMS.shapes[name] ?? { title: EMPTY, fields: [] };
const EMPTY: Both = { zh: "", en: "" };

/** The words that stand beside a step's own: `id`, `go`, and those of some kinds. */
export const BESIDE: ReadonlySet<string> = new Set(
  KINDS.flatMap((kind) => kind.fields.filter((one) => one.at === "beside").map((one) => one.name)),
);

/** Which of its forms a value is, by its first word, as the server tells them apart. */
export function formOf(asks: Asks, value: unknown): string | undefined {
  if (!isDoc(value)) return undefined;
  return asks.forms.find((name) => {
    const first = shapeOf(name).fields[0];
    if (!first || !(first.name in value)) return false;
    return !first.choices.length || first.choices.some((one) => one.value === value[first.name]);
  });
}

/** The way from a step to a field of its kind: `["wait"]`, `["send", "channel"]`, `["timeout"]`. */
export function placeOf(kind: Kind, asks: Asks): string[] {
  if (asks.at === "whole") return [kind.key];
  return asks.at === "beside" ? [asks.name] : [kind.key, asks.name];
}

/** What a field must say at the least: something that can be changed. */
export function begins(asks: Asks, given: { next: string; id: string }): unknown {
  const form = asks.takes === "" ? asks.forms[0] : undefined;
  const one = form ? shapeBegins(form, given) : PLAIN[asks.takes]?.(asks, given);
  return asks.many ? [one ?? ""] : (one ?? "");
}

export function shapeBegins(name: string, given: { next: string; id: string }): Doc {
  const { fields } = shapeOf(name);
  const required = fields.filter((one) => one.required);
  const said = Object.fromEntries(required.map((one) => [one.name, begins(one, given)]));
  const condition = fields.find((one) => one.takes === "condition");
  if (condition && !(condition.name in said))
    return { [condition.name]: { friend: true }, ...said }; // a way is asked for before it is gone
  const least = said.stop_when === undefined && !required.length ? fields[0] : undefined;
  return least ? { [least.name]: begins(least, given) } : said;
}

const PLAIN: Record<string, (asks: Asks, given: { next: string; id: string }) => unknown> = {
  text: (_, { id }) => id,
  count: () => 100,
  number: () => 1,
  flag: () => true,
  amount: () => "10.00",
  span: () => "1d",
  time: () => "10:00",
  times: () => "monday 10:00",
  choice: (asks) => asks.choices[0]?.value,
  condition: () => ({ friend: true }),
  set: () => ({ friend: true }),
  date: () => "birthday",
  event: () => "order.paid",
  step: (_, { next }) => next,
};
