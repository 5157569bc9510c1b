import texts from "@/api/texts.json";
import { type Path, parsed, saidOf, whereOf } from "@/ui/text/spots";
import { type Doc, isDoc } from "@/ui/text/yaml";

export type Both = { zh: string; en: string };
/** A field of a text, as the engine declares it (`src/siyu/kernel/asked.py`). */
export interface Ask {
  name: string;
  title: Both;
  help: Both | null;
  takes: string; // empty: the fields of `form`
  form: string;
  many: boolean;
  keyed: boolean;
  required: boolean;
  default: unknown;
  least: number | null;
  most: number | null;
  only: Record<string, string[]>;
  choices: Record<string, Both>;
}
export type FormName = "Plan" | "Service" | "Page";

const FORMS = texts as unknown as Record<string, Ask[]>;

export const asksOf = (form: string): readonly Ask[] => FORMS[form] ?? [];
export const orderOf = (form: string): string[] => asksOf(form).map((one) => one.name);
/** Where a part of a list, or of what is kept by codes, is asked for by itself. */
export const partOf = (ask: Ask): Ask => ({ ...ask, many: false, keyed: false });

/** Whether a field belongs here: what it hangs on says so, or it is said all the same. */
export function belongs(ask: Ask, form: string, said: Doc): boolean {
  if (said[ask.name] !== undefined) return true;
  return Object.entries(ask.only).every(([name, some]) => {
    const other = asksOf(form).find((one) => one.name === name);
    return some.includes(String(said[name] ?? other?.default ?? ""));
  });
}

/** What is there at the least once a field, or one more of its parts, is begun. */
export function begins(ask: Ask): unknown {
  if (ask.many) return [begins(partOf(ask))];
  if (ask.keyed) return Object.fromEntries(["a", "b"].map((key) => [key, begins(partOf(ask))]));
  if (ask.form) return formBegins(ask.form);
  return BEGINS[ask.takes]?.(ask) ?? "";
}

function formBegins(form: string): Doc {
  const made: Doc = {};
  for (const one of asksOf(form)) {
    const hangs = Object.keys(one.only).length > 0 && belongs(one, form, made);
    if (one.required || hangs) made[one.name] = begins(one);
  }
  return made;
}

const BEGINS: Record<string, (ask: Ask) => unknown> = {
  words: () => ({ zh: "", en: "" }),
  prose: () => ({ zh: "", en: "" }),
  count: (ask) => ask.least ?? 1,
  number: () => 1,
  flag: () => true,
  choice: (ask) => Object.keys(ask.choices)[0],
  days: () => "mon-fri",
  time: () => "10:00",
  week: () => "mon-fri 10:00-18:00",
  span: () => "1d",
};

/** A name that no other part has: `a`, `b`, …, `new-2`. */
export function freshKey(said: Doc): string {
  const letter = [..."abcdefghijklmnopqrstuvwxyz"].find((one) => !(one in said));
  return letter ?? `new-${Object.keys(said).length + 1}`;
}

/** Null: no form can be drawn of this text. */
export function saidBy(text: string): Doc | null {
  const root = parsed(text);
  const said = root && saidOf(root);
  return isDoc(said) ? said : null;
}

// ── Whether a value can be drawn as what it should be ────────────────────────────────────────────

const DAY = "(?:mon|tue|wed|thu|fri|sat|sun)";
const CLOCK = /^([01]?\d|2[0-3]):[0-5]\d$/;
const SHAPES: Record<string, RegExp> = {
  days: new RegExp(`^${DAY}(-${DAY})?$`),
  time: CLOCK,
  span: /^\d{1,6}[smhdw]$/,
  date: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
  week: new RegExp(`^${DAY}(-${DAY})? [\\d:, -]+(; *${DAY}(-${DAY})? [\\d:, -]+)*$`),
};

const isText = (value: unknown) => typeof value === "string" || typeof value === "number";
const isBoth = (value: unknown): boolean =>
  isDoc(value) &&
  Object.entries(value).every(([name, one]) => (name === "zh" || name === "en") && isText(one));

/** `plain`: it is one value that does not read as what it should be; `deep`: nothing of the kind. */
export type Fit = "good" | "plain" | "deep";

export function fits(ask: Ask, value: unknown): Fit {
  if (value === undefined || value === null) return "good";
  if (ask.many) return listed(ask, value);
  if (ask.keyed) return keyed(ask, value);
  if (ask.form) return isDoc(value) ? "good" : "deep";
  if (ask.takes === "words" || ask.takes === "prose") return isBoth(value) ? "good" : "deep";
  if (typeof value === "object") return "deep";
  return reads(ask, value) ? "good" : "plain";
}

function reads(ask: Ask, value: unknown): boolean {
  if (ask.takes === "count" || ask.takes === "number") return typeof value === "number";
  if (ask.takes === "flag") return typeof value === "boolean";
  if (value === "" || ask.takes === "choice") return true; // a strange choice is one of the choices
  const shape = SHAPES[ask.takes];
  return shape ? shape.test(String(value)) : typeof value === "string";
}

function listed(ask: Ask, value: unknown): Fit {
  if (!Array.isArray(value)) return typeof value === "object" ? "deep" : "plain";
  const part = partOf(ask);
  const good = (one: unknown) => one !== null && fits(part, one) === "good";
  return ask.form || (value as unknown[]).every(good) ? "good" : "deep";
}

function keyed(ask: Ask, value: unknown): Fit {
  return isDoc(value) && (ask.form || Object.values(value).every(isBoth)) ? "good" : "deep";
}

// ── What is drawn, and what of it is wrong ───────────────────────────────────────────────────────

/** A field that is drawn, with its place in the text. */
export interface Drawn {
  ask: Ask;
  path: Path;
  value: unknown;
  form: string; // what it is a field of
}

/** Every field of a text that is drawn, parts of lists among them. */
export function drawn(form: string, said: Doc, path: Path = []): Drawn[] {
  return asksOf(form)
    .filter((ask) => belongs(ask, form, said))
    .flatMap((ask) => {
      const value = said[ask.name];
      const here = { ask, path: [...path, ask.name], value, form };
      return [here, ...inside(here)];
    });
}

function inside({ ask, path, value }: Drawn): Drawn[] {
  if (fits(ask, value) !== "good" || !ask.form) return [];
  if (ask.many)
    return ((value ?? []) as unknown[]).flatMap((one, place) =>
      isDoc(one) ? drawn(ask.form, one, [...path, place]) : [],
    );
  if (ask.keyed)
    return Object.entries((value ?? {}) as Doc).flatMap(([key, one]) =>
      isDoc(one) ? drawn(ask.form, one, [...path, key]) : [],
    );
  return isDoc(value) ? drawn(ask.form, value, path) : [];
}

export const within = (where: string, place: string): boolean =>
  where === place || where.startsWith(`${place}.`) || where.startsWith(`${place}[`);

function partsOf({ ask, value }: Drawn): (string | number)[] {
  if (fits(ask, value) !== "good") return [];
  if (ask.many && ask.form && Array.isArray(value)) return [...value.keys()];
  return ask.keyed && isDoc(value) ? Object.keys(value) : [];
}

/** The field that a problem of its mapping names: nothing is said in it, and something has to be. */
function missing(
  one: { where: string; why?: string },
  fields: readonly Drawn[],
): string | undefined {
  const names = ({ ask, path, value }: Drawn) =>
    ask.required &&
    value === undefined &&
    (whereOf(path.slice(0, -1)) || "text") === one.where &&
    one.why?.includes(`\`${ask.name}\``);
  const found = fields.find(names);
  return found && whereOf(found.path);
}

/** At which drawn place each problem is shown: the narrowest that it lies in; empty: at none. */
export function placed<One extends { where: string; why?: string }>(
  problems: readonly One[],
  fields: readonly Drawn[],
): Map<string, One[]> {
  const places = fields
    .flatMap((one) => [
      whereOf(one.path),
      ...partsOf(one).map((key) => whereOf([...one.path, key])),
    ])
    .sort((one, two) => two.length - one.length);
  const found = new Map<string, One[]>();
  for (const one of problems) {
    const place = missing(one, fields) ?? places.find((here) => within(one.where, here)) ?? "";
    found.set(place, [...(found.get(place) ?? []), one]);
  }
  return found;
}
