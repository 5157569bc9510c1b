import { api } from "@/api/client";
import type { components, SchemaPredicate, SchemaPredicateField } from "@/api/schema";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { count, priced } from "@/ui/format";
import { useNames } from "@/ui/names";
import { type Language, useLanguage } from "@/ui/words";
import { type Doc, deniedOf, groupOf, isDoc, partsOf } from "./tree";
import { type Say, useSegments } from "./words";

export type Form = SchemaPredicate;
export type Field = SchemaPredicateField;
export type Family = components["schemas"]["PredicateFamily"];

/** All that is needed to say a condition in the language of the page. */
export interface Tongue {
  say: Say;
  language: Language;
  families: readonly Family[];
  forms: ReadonlyMap<string, Form>;
  /** Of a journey: the steps that a condition can speak of. */
  steps?: readonly string[];
  /** What a value that names something is called; the value itself where nobody knows. */
  called: (key: string, field: string, value: string) => string;
}

export function useTongue(families: readonly Family[]): Tongue {
  const say = useSegments();
  const code = useCode();
  const names = useNames();
  const may = useMay();
  const [language] = useLanguage();
  const segments = api.useQuery(
    "get",
    "/api/v1/segments",
    {},
    { enabled: may("segments.read"), staleTime: 60_000 },
  );
  const titles = new Map(segments.data?.segments.map((one) => [one.code, one.title[language]]));
  const namers: Record<string, (value: string) => string> = {
    "segment.code": (value) => titles.get(value) ?? value,
    "event.kind": (value) => code("event", value),
    "date.name": (value) => (value === "birthday" ? say("birthday") : value),
    channel: (value) => code("channel", value),
    purpose: (value) => code("purpose", value),
    journey: names.journey,
    offer: names.offer,
    shop: names.shop,
  };
  const called = (key: string, field: string, value: string) =>
    (namers[`${key}.${field}`] ?? namers[field])?.(value) ?? value;
  const forms = new Map(families.flatMap((one) => one.forms).map((one) => [one.key, one]));
  return { say, language, families, forms, called };
}

/** One condition as it is written: its form's key and the fields that are set. */
export interface Leaf {
  key: string;
  fields: Doc;
}

export function leafOf(doc: Doc, forms: Tongue["forms"]): Leaf {
  const [key = ""] = Object.keys(doc);
  const value = doc[key];
  const short = forms.get(key)?.short;
  return { key, fields: isDoc(value) ? value : short ? { [short]: value } : {} };
}

/** The other way; a bare value where one field says it all. */
export function docOf({ key, fields }: Leaf, forms: Tongue["forms"]): Doc {
  const short = forms.get(key)?.short;
  const names = Object.keys(fields);
  const bare = short && names.length === 1 && names[0] === short;
  return { [key]: bare ? fields[short] : fields };
}

export interface Clause {
  parts: { name: string; text: string; lead: boolean }[];
}

const WINDOWS = ["within", "older_than"];
const FIRST = ["text", "step", "any"];

/** A condition as parts of a sentence: its lead, and a part for each field that is set. */
export function clause(doc: Doc, denied: boolean, tongue: Tongue): Clause {
  const { forms, language } = tongue;
  const { key, fields } = leafOf(doc, forms);
  const form = forms.get(key);
  if (!form) return { parts: [{ name: "", text: key, lead: true }] };
  const no = form.short === "yes" && fields.yes === false;
  const lead = { name: "", text: (denied !== no ? form.denied : form.lead)[language], lead: true };
  const set = form.fields.filter(({ name }) => fields[name] !== undefined && name !== "yes");
  const rank = (one: Field) => (FIRST.includes(one.takes) ? 0 : 1);
  const window = (one: Field) => form.key !== "sequence" && WINDOWS.includes(one.name);
  const said = (some: Field[]) =>
    some.flatMap((one) => {
      const text = part(form, one, fields[one.name], tongue);
      return text ? [{ name: one.name, text, lead: false }] : [];
    });
  const about = said(set.filter((one) => !window(one)).sort((a, b) => rank(a) - rank(b)));
  const when = said(set.filter(window));
  return { parts: language === "zh" ? [...when, lead, ...about] : [lead, ...about, ...when] };
}

function part(form: Form, field: Field, value: unknown, tongue: Tongue): string {
  const template = field.said[tongue.language];
  if (field.takes === "flag") return value === true ? template.replace(" {}", "") : "";
  const text = Array.isArray(value)
    ? value
        .map((one) => told(form, field, one, tongue))
        .join(tongue.language === "zh" ? "、" : ", ")
    : told(form, field, value, tongue);
  return template.replace("{}", text || "…");
}

function told(form: Form, field: Field, value: unknown, tongue: Tongue): string {
  const { language, called } = tongue;
  if (field.takes === "step" && isDoc(value)) {
    const step = clauseText(value, false, tongue);
    return language === "zh" ? `「${step}」` : `“${step}”`;
  }
  const text = String(value ?? "");
  switch (field.takes) {
    case "span":
      return span(text, language);
    case "number":
      return count(Number(text), language);
    case "amount":
      return form.key === "spent" ? amount(text, language) : text;
    case "choice": {
      const found = field.choices.find((one) => one.value === text);
      return found?.title[language] ?? text;
    }
    default:
      return called(form.key, field.name, text);
  }
}

export function clauseText(doc: Doc, denied: boolean, tongue: Tongue): string {
  const { parts } = clause(doc, denied, tongue);
  const joined = (place: number) => (place === 0 ? "" : parts[place - 1]?.lead ? " " : " · ");
  return parts.map((one, place) => joined(place) + one.text).join("");
}

/** A whole set in one line. */
export function sentence(doc: Doc, tongue: Tongue, inside = false): string {
  const group = groupOf(doc);
  if (group) {
    const parts = partsOf(doc).map((one) => sentence(one, tongue, true));
    const text = parts.join(` ${tongue.say(group === "all" ? "and" : "or")} `);
    if (!inside || parts.length < 2) return text;
    return tongue.language === "zh" ? `（${text}）` : `(${text})`;
  }
  const denied = deniedOf(doc);
  if (!denied) return clauseText(doc, false, tongue);
  if (groupOf(denied) || deniedOf(denied))
    return `${tongue.say("not")} ${sentence(denied, tongue, true)}`;
  return clauseText(denied, true, tongue);
}

function amount(text: string, language: Language): string {
  const value = Number(text);
  return text && Number.isFinite(value) ? priced(value, language) : text;
}

const UNITS: Record<string, readonly [string, string]> = {
  s: ["秒", "second"],
  m: ["分钟", "minute"],
  h: ["小时", "hour"],
  d: ["天", "day"],
};

/** `90d` → 90 天, weeks as their days, as the normal form writes them; anything else as it is. */
export function span(text: string, language: Language): string {
  const found = /^(\d+)([smhdw])$/.exec(text);
  if (!found) return text;
  const weeks = found[2] === "w";
  const many = Number(found[1]) * (weeks ? 7 : 1);
  const [zh, en] = UNITS[weeks ? "d" : (found[2] ?? "")] ?? ["", ""];
  return language === "zh" ? `${many} ${zh}` : `${many} ${en}${many === 1 ? "" : "s"}`;
}
