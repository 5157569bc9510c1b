import { type Document, isMap, isSeq, type Node, type ParsedNode, parseDocument } from "yaml";

/** Conditions as a text says them: `{all: […]}`, `{any: […]}`, `{not: …}`, or one condition by its key. */
export type Doc = Record<string, unknown>;
export type Group = "all" | "any";
/** The way to a condition: `["all", 0, "not"]`. */
export type Path = readonly (string | number)[];

/** What a segment's text says; `when` null: nothing yet. */
export interface Said {
  segment: string;
  title: { zh: string; en: string };
  layer: string;
  live: boolean;
  when: Doc | null;
}

export const groupOf = (doc: Doc): Group | null =>
  Array.isArray(doc.all) ? "all" : Array.isArray(doc.any) ? "any" : null;
export const partsOf = (doc: Doc): Doc[] => (doc.all ?? doc.any) as Doc[];
export const deniedOf = (doc: Doc): Doc | null => (isDoc(doc.not) ? doc.not : null);

export function isDoc(value: unknown): value is Doc {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As the server names a place: `all[0].not`. */
export function whereOf(path: Path): string {
  return path.reduce<string>(
    (said, step) =>
      typeof step === "number" ? `${said}[${step}]` : said ? `${said}.${step}` : step,
    "",
  );
}

export function at(doc: unknown, path: Path): unknown {
  return path.reduce<unknown>((here, step) => (here as Doc | undefined)?.[step as string], doc);
}

/** The same with another part at this place. */
export function put(doc: Doc, path: Path, part: Doc): Doc {
  const [step, ...rest] = path;
  if (step === undefined) return part;
  if (Array.isArray(doc)) {
    return doc.map((one, place) => (place === step ? put(one, rest, part) : one)) as never;
  }
  return { ...doc, [step]: put(doc[step] as Doc, rest, part) };
}

/** One more part of a group; beside a single condition it makes a group of both. */
export function add(doc: Doc | null, path: Path, part: Doc): Doc {
  if (doc === null) return { all: [part] };
  const here = at(doc, path) as Doc;
  const group = groupOf(here);
  return put(doc, path, group ? { [group]: [...partsOf(here), part] } : { all: [here, part] });
}

/** Without this part; a group or a denial that held nothing else goes too. */
export function remove(doc: Doc, path: Path): Doc | null {
  const step = path.at(-1);
  if (step === undefined) return null;
  if (step === "not") return remove(doc, path.slice(0, -1));
  const [holder, group] = [path.slice(0, -2), path.at(-2) as Group];
  const rest = partsOf(at(doc, holder) as Doc).filter((_, place) => place !== step);
  return rest.length ? put(doc, holder, { [group]: rest }) : remove(doc, holder);
}

/** Where a part is counted among its neighbours: a denial goes with what it denies. */
function slot(path: Path): Path {
  return path.at(-1) === "not" ? slot(path.slice(0, -1)) : path;
}

/** One place up or down; out of its group at the group's end. The same where it can't. */
export function move(doc: Doc, path: Path, by: -1 | 1): Doc {
  const from = slot(path);
  const place = from.at(-1);
  if (typeof place !== "number") return doc;
  const [holder, group] = [from.slice(0, -2), from.at(-2) as Group];
  const parts = [...partsOf(at(doc, holder) as Doc)];
  const moved = parts[place] as Doc;
  const other = parts[place + by];
  if (other) {
    parts[place] = other;
    parts[place + by] = moved;
    return put(doc, holder, { [group]: parts });
  }
  const outer = slot(holder);
  const above = outer.at(-1);
  if (typeof above !== "number") return doc;
  const [outside, kind] = [outer.slice(0, -2), outer.at(-2) as Group];
  const rest = parts.filter((_, one) => one !== place);
  const around = partsOf(at(doc, outside) as Doc).flatMap((one, here) => {
    if (here !== above) return [one];
    const left = rest.length ? [put(one, holder.slice(outer.length), { [group]: rest })] : [];
    return by < 0 ? [moved, ...left] : [...left, moved];
  });
  return put(doc, outside, { [kind]: around });
}

/** What is true becomes what is false, and back. */
export function deny(doc: Doc, path: Path): Doc {
  const here = at(doc, path) as Doc;
  return put(doc, path, deniedOf(here) ?? { not: here });
}

/** A group of its own around this part, to which more can be added. */
export function wrap(doc: Doc, path: Path, group: Group): Doc {
  return put(doc, path, { [group]: [at(doc, path)] });
}

/** All become any, any become all. */
export function turn(doc: Doc, path: Path): Doc {
  const here = at(doc, path) as Doc;
  return put(doc, path, { [groupOf(here) === "all" ? "any" : "all"]: partsOf(here) });
}

/** A group's parts stand where it stood. Only inside another group, or of one part. */
export function unwrap(doc: Doc, path: Path): Doc {
  const parts = partsOf(at(doc, path) as Doc);
  const place = path.at(-1);
  if (typeof place === "number") {
    const [holder, group] = [path.slice(0, -2), path.at(-2) as Group];
    const around = partsOf(at(doc, holder) as Doc);
    return put(doc, holder, { [group]: around.toSpliced(place, 1, ...parts) });
  }
  return parts.length === 1 ? put(doc, path, parts[0] as Doc) : doc;
}

// ── The text ─────────────────────────────────────────────────────────────────────────────────────

/** What a text says; null: it can't be read, or its conditions are none that could be drawn. */
export function read(text: string): Said | null {
  const document = parsed(text);
  const said: unknown = document.errors.length ? null : document.toJS();
  if (said === null && text.trim() === "") return fresh();
  if (!isDoc(said)) return null;
  const title = isDoc(said.title) ? said.title : {};
  if (said.when != null && !drawn(said.when)) return null;
  return {
    segment: words(said.segment),
    title: { zh: words(title.zh), en: words(title.en) },
    layer: words(said.layer),
    live: said.live === true,
    when: (said.when ?? null) as Doc | null,
  };
}

const fresh = (): Said => ({
  segment: "",
  title: { zh: "", en: "" },
  layer: "",
  live: false,
  when: null,
});
const words = (value: unknown) => (typeof value === "string" ? value : "");

/** Conditions that can be drawn as a sentence; null: only the text can say them. */
export const whenOf = (said: unknown): Doc | null => (drawn(said) ? (said as Doc) : null);

/** Every part has one key, every group a list: else only the text can mend it. */
function drawn(part: unknown): boolean {
  if (!isDoc(part) || Object.keys(part).length !== 1) return false;
  if ("all" in part || "any" in part) {
    const parts: unknown = part.all ?? part.any;
    return Array.isArray(parts) && parts.length > 0 && parts.every(drawn);
  }
  return "not" in part ? drawn(part.not) : true;
}

/** The text with these changes; what did not change keeps its comments. */
export function write(text: string, change: Partial<Said>): string {
  const document = parsed(text);
  const begun = isMap(document.contents) ? document : parsed("segment: ''\n");
  const before = (begun.toJS() ?? {}) as Doc;
  if (change.segment !== undefined) begun.set("segment", change.segment);
  if (change.title) begun.set("title", flow(begun, { ...change.title }));
  if (change.layer !== undefined) keep(begun, "layer", change.layer);
  if (change.live !== undefined) keep(begun, "live", change.live);
  if (change.when !== undefined) when(begun, before.when, change.when);
  return begun.toString({ lineWidth: 110, flowCollectionPadding: false, indentSeq: true });
}

const parsed = (text: string) => parseDocument(text, { version: "1.2", prettyErrors: false });
type Text = Document.Parsed<ParsedNode> | Document;

function keep(document: Text, name: string, value: string | boolean): void {
  if (!value) document.delete(name);
  else if (document.has(name)) document.set(name, value);
  else before(document, name, value);
}

/** A new word stands before the conditions, which come last. */
function before(document: Text, name: string, value: string | boolean): void {
  const map = document.contents;
  if (!isMap(map)) return;
  const pair = document.createPair(name, value);
  const place = map.items.findIndex((one) => String(one.key) === "when");
  map.items.splice(place < 0 ? map.items.length : place, 0, pair as never);
}

function when(document: Text, old: unknown, next: Doc | null): void {
  if (next === null) {
    document.delete("when");
    return;
  }
  const path = changed(old, next);
  document.setIn(["when", ...path], node(document, at(next, path)));
}

/** The smallest place that holds all that differs. */
function changed(old: unknown, next: unknown): Path {
  if (!isDoc(old) || !isDoc(next)) return [];
  const [key, ...more] = Object.keys(next);
  const [was, ...others] = Object.keys(old);
  if (key === undefined || key !== was || more.length || others.length) return [];
  if (key === "not") return ["not", ...changed(old.not, next.not)];
  const [parts, before] = [next[key], old[key]];
  if (key !== "all" && key !== "any") return [];
  if (!Array.isArray(parts) || !Array.isArray(before) || parts.length !== before.length) return [];
  const differ = parts.flatMap((part, place) => (same(part, before[place]) ? [] : [place]));
  const [only] = differ;
  if (only === undefined || differ.length > 1) return [];
  return [key, only, ...changed(before[only], parts[only])];
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Groups line by line, a condition in one. */
function node(document: Text, value: unknown): Node {
  const made = document.createNode(value) as Node;
  inline(made);
  return made;
}

function inline(made: unknown): void {
  if (!isMap(made)) return;
  for (const pair of made.items) {
    const key = String(pair.key);
    if (key === "not") inline(pair.value);
    else if ((key === "all" || key === "any") && isSeq(pair.value))
      pair.value.items.forEach(inline);
    else if (isMap(pair.value) || isSeq(pair.value)) pair.value.flow = true;
  }
}

function flow(document: Text, value: unknown): Node {
  const made = document.createNode(value) as Node;
  if (isMap(made)) made.flow = true;
  return made;
}
