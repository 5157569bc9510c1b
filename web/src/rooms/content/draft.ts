import { type Document, isScalar, LineCounter, parseDocument, Scalar, stringify } from "yaml";
import type { components } from "@/api/schema";

export type Shown = components["schemas"]["MaterialShown"];
export type Line = components["schemas"]["MaterialLine"];
export type Finding = components["schemas"]["LineProblem"];
export type Locale = "zh" | "en";
export const LOCALES: readonly Locale[] = ["zh", "en"];
type Doc = Record<string, unknown>;

/** A way to say it: its place in the text (-1: the first), what it is called, and how often it is drawn. */
export interface Variant {
  place: number;
  code: string;
  weight: number;
  zh: string;
  en: string;
}

/** What a text of one material says, as far as a form shows it. */
export interface Said {
  code: string;
  channel: string;
  title: string;
  tags: string[];
  owner: string;
  valid_from: string;
  valid_until: string;
  variants: Variant[];
}

const PLAIN = { lineWidth: 0 } as const;
const BOTH = ["heading", "description", "benefit"] as const;
const ONCE = ["picture", "colour", "url", "appid", "page"] as const;
export const BLANK = `- code: ""
  channel: wecom_message
  title: ""
  tags: []
  variables: {}
  zh: ""
  en: ""
`;

/** A material as it would be written in a file; `code`: another one, for a copy. */
export function textOf(of: Shown, code = of.material.code): string {
  const { material, texts } = of;
  const variants = [...new Set(texts.map((one) => one.variant))].sort();
  const said = (variant: string, locale: Locale) =>
    texts.find((one) => one.variant === variant && one.locale === locale);
  const ways = variants.map((variant) => {
    const [zh, en] = [said(variant, "zh"), said(variant, "en")];
    return { code: variant, weight: (zh ?? en)?.weight ?? 1, zh: zh?.body, en: en?.body };
  });
  const [first, ...others] = ways;
  const [zh, en] = [said(variants[0] ?? "", "zh"), said(variants[0] ?? "", "en")];
  const form = { ...en?.form, ...zh?.form };
  return written([
    {
      code,
      channel: material.channel,
      ...(material.kind !== "text" && { kind: material.kind }),
      title: material.title,
      ...(material.tags.length && { tags: material.tags }),
      ...(material.owner && { owner: material.owner }),
      ...(material.valid_from && { valid_from: material.valid_from }),
      ...(material.valid_until && { valid_until: material.valid_until }),
      ...full("variables", zh?.variables ?? en?.variables),
      ...full("links", zh?.links ?? en?.links),
      ...(first && first.weight !== 1 && { weight: first.weight }),
      zh: first?.zh ?? "",
      en: first?.en ?? "",
      ...(others.length && {
        variants: others.map(({ weight, ...one }) => ({
          ...one,
          ...(weight !== 1 && { weight }),
        })),
      }),
      ...Object.fromEntries(
        BOTH.filter((name) => form[name]).map((name) => [
          name,
          { zh: zh?.form[name] ?? "", en: en?.form[name] ?? "" },
        ]),
      ),
      ...Object.fromEntries(
        ONCE.filter((name) => form[name]).map((name) => [name, form[name] as string]),
      ),
      ...codeOf(form),
    },
  ]);
}

/** Where the code of a poster stands, and whether it is everybody's. */
function codeOf(form: Record<string, string>): Doc {
  const [x, y, size] = (form.qr ?? "").split(" ").map(Number);
  return { ...(form.qr && { qr: { x, y, size } }), ...(form.same_code && { same_code: true }) };
}

function full(name: string, some: Record<string, string> | undefined): Doc {
  return some && Object.keys(some).length ? { [name]: some } : {};
}

/** Days stay words: a bare 2026-03-01 is what people write, and the server reads. */
function written(value: unknown): string {
  return stringify(value, { ...PLAIN, defaultStringType: "PLAIN" });
}

/** What a text says; null: it is not a list with one material in it. */
export function read(text: string): Said | null {
  const doc = parseDocument(text);
  const list = doc.errors.length ? null : (doc.toJS() as unknown);
  const one = Array.isArray(list) && list.length === 1 ? (list[0] as Doc) : null;
  if (one === null || typeof one !== "object" || Array.isArray(one)) return null;
  const word = (name: string, of: Doc = one) => (of[name] == null ? "" : String(of[name]));
  const others = Array.isArray(one.variants) ? (one.variants as Doc[]) : [];
  const way = (of: Doc, place: number, code: string): Variant => ({
    place,
    code,
    weight: typeof of.weight === "number" ? of.weight : 1,
    zh: word("zh", of),
    en: word("en", of),
  });
  return {
    code: word("code"),
    channel: word("channel"),
    title: word("title"),
    tags: Array.isArray(one.tags) ? one.tags.map(String) : [],
    owner: word("owner"),
    valid_from: word("valid_from"),
    valid_until: word("valid_until"),
    variants: [
      way(one, -1, others.length ? "a" : ""),
      ...others.map((other, place) => way(other ?? {}, place, word("code", other ?? {}))),
    ],
  };
}

/** The way to a variant's part in the text. */
export const partOf = (variant: Pick<Variant, "place">, name: string): (string | number)[] =>
  variant.place < 0 ? [name] : ["variants", variant.place, name];

/** The same text with another value at this place; everything else stays as it was written. */
export function write(text: string, path: readonly (string | number)[], value: unknown): string {
  return changed(text, (doc) => {
    const whole = [0, ...path];
    const empty = value === "" && !LOCALES.includes(path.at(-1) as Locale);
    if (empty && path[0] !== "code" && path[0] !== "title") doc.deleteIn(whole);
    else if (typeof value === "string") doc.setIn(whole, scalar(value));
    else doc.setIn(whole, value);
  });
}

/** One more way to say it, the next letter. */
export function vary(text: string): string {
  const said = read(text);
  const first = said?.variants[0];
  const letter = "bcdefghijklmnopqrstuvwxyz"[(said?.variants.length ?? 1) - 1];
  if (!first || !letter) return text;
  return changed(text, (doc) => {
    const way = { code: letter, zh: first.zh, en: first.en };
    if (doc.hasIn([0, "variants"])) doc.addIn([0, "variants"], doc.createNode(way));
    else doc.setIn([0, "variants"], doc.createNode([way]));
  });
}

/** Without this way to say it. */
export function unvary(text: string, place: number): string {
  return changed(text, (doc) => {
    doc.deleteIn([0, "variants", place]);
    if (read(String(doc))?.variants.length === 1) doc.deleteIn([0, "variants"]);
  });
}

function changed(text: string, change: (doc: Document) => void): string {
  const doc = parseDocument(text);
  if (doc.errors.length) return text;
  change(doc as unknown as Document);
  return doc.toString(PLAIN);
}

/** What has lines is a block, so that a line of the file is a line of the text. */
function scalar(value: string): Scalar {
  const made = new Scalar(value);
  if (value.includes("\n")) made.type = Scalar.BLOCK_LITERAL;
  return made;
}

/** What is said of a text, in its cell: `zh` of the first variant is ".zh", of another "b.zh". */
export interface Placed {
  cell: string;
  line: number; // of the text, from 1
  why: string;
}

const CELL = /^[^.]*?(?:\.([a-z]))?\.(zh|en)(?:\.|$)/;

/** Findings beside the lines that they speak of; what belongs to no text has the cell "". */
export function placed(text: string, said: Said | null, findings: readonly Finding[]): Placed[] {
  const counter = new LineCounter();
  const doc = parseDocument(text, { lineCounter: counter });
  return findings.map(({ where, line, why }) => {
    const whose = cellAt(where, said);
    if (!whose) return { cell: "", line: line ?? 1, why: `${where} ${why}`.trim() };
    const node = doc.getIn([0, ...partOf(whose.variant, whose.locale)], true);
    const before = isScalar(node) ? linesBefore(node, counter) : 0;
    const at = line === null ? 1 : line - before;
    return { cell: cellOf(whose.variant, whose.locale), line: Math.max(at, 1), why };
  });
}

/** Which text a place names: `hello.b.zh`, `hello.zh`. */
function cellAt(where: string, said: Said | null): { variant: Variant; locale: Locale } | null {
  const found = CELL.exec(where);
  if (!found || !said) return null;
  const [, code = ""] = found;
  const variant = code ? said.variants.find((one) => one.code === code) : said.variants[0];
  return variant ? { variant, locale: found[2] as Locale } : null;
}

/** How many lines of the file come before the first of a text. */
function linesBefore(node: Scalar, counter: LineCounter): number {
  const begin = node.range ? counter.linePos(node.range[0]).line : 1;
  return String(node.type).startsWith("BLOCK") ? begin : begin - 1;
}

export const cellOf = (variant: Pick<Variant, "place" | "code">, locale: Locale): string =>
  `${variant.place < 0 ? "" : variant.code}.${locale}`;
