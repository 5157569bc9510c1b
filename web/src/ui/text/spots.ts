import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { plain } from "./yaml";

/** What a text says, and where in it everything stands: the parser is asked for nothing else. */
export type Path = readonly (string | number)[];
export type Held = Pair<Node, Node | null>;

const KEPT = 32; // texts: an edit reads the same one several times
const known = new Map<string, YAMLMap | null>();

/** What a text says, read as the server reads it; null: it can't be read. Nobody changes it. */
export function parsed(text: string): YAMLMap | null {
  const found = known.get(text);
  if (found !== undefined) return found;
  const read = composed(text);
  const [oldest] = known.keys();
  if (known.size >= KEPT && oldest !== undefined) known.delete(oldest);
  known.set(text, read);
  return read;
}

function composed(text: string): YAMLMap | null {
  const doc: Document = parseDocument(text, {
    version: "1.2",
    prettyErrors: false,
    keepSourceTokens: true,
  });
  if (doc.errors.length || !isMap(doc.contents)) return null;
  let strange = false;
  visit(doc, {
    Node: (_, node) => {
      if (isAlias(node) || node.anchor || node.tag) strange = true;
    },
    Pair: (_, pair) => {
      const start = (pair.srcToken as { start?: { type: string }[] } | undefined)?.start;
      if (!isScalar(pair.key) || start?.some((one) => one.type === "explicit-key-ind"))
        strange = true;
    },
  });
  return strange ? null : doc.contents;
}

/** As the server names a place: `steps[2].send.material`. */
export const whereOf = (path: Path): string =>
  path.reduce<string>(
    (said, key) => (typeof key === "number" ? `${said}[${key}]` : said ? `${said}.${key}` : key),
    "",
  );

export const word = (pair: Held): string => String((pair.key as Scalar).source ?? "");
export const held = (map: YAMLMap): Held[] => map.items as Held[];
export const listed = (seq: YAMLSeq): Node[] => seq.items as Node[];
export const range = (node: Node): readonly [number, number, number] =>
  (node.range ?? [0, 0, 0]) as [number, number, number];

/** The plain value of a part. */
export function saidOf(node: Node | null | undefined): unknown {
  if (isMap(node))
    return Object.fromEntries(held(node).map((one) => [word(one), saidOf(one.value)]));
  if (isSeq(node)) return listed(node).map(saidOf);
  if (!isScalar(node)) return null;
  return node.type === "PLAIN" || node.type === undefined
    ? plain(String(node.source ?? ""))
    : String(node.value ?? "");
}

export function nodeAt(root: Node | null, path: Path): Node | null {
  let here: Node | null | undefined = root;
  for (const step of path) {
    if (isMap(here)) here = held(here).find((one) => word(one) === step)?.value;
    else if (isSeq(here) && typeof step === "number") here = listed(here)[step];
    else return null;
  }
  return here ?? null;
}

// ── Where things stand ───────────────────────────────────────────────────────────────────────────

type Token = { type: string; offset: number; source: string };
type Sourced = { start?: Token[]; sep?: Token[] };

export const colonOf = (pair: Held): number | null =>
  (pair as unknown as { srcToken?: Sourced }).srcToken?.sep?.find(
    (one) => one.type === "map-value-ind",
  )?.offset ?? null;

export const nothing = (node: Node | null): boolean =>
  node === null || (isScalar(node) && range(node)[0] === range(node)[1]);

export const startOf = (pair: Held): number => range(pair.key)[0];

export function pairEnd(pair: Held): number {
  if (!nothing(pair.value)) return endOf(pair.value as Node);
  const colon = colonOf(pair);
  return colon === null ? range(pair.key)[1] : colon + 1;
}

export function dashOf(seq: YAMLSeq, place: number): number {
  const token = (seq as unknown as { srcToken?: { items?: Sourced[] } }).srcToken?.items?.[place];
  const dash = token?.start?.find((one) => one.type === "seq-item-ind");
  return dash ? dash.offset : range(listed(seq)[place] as Node)[0];
}

/** Behind the last character of a part, without what is remarked after it. */
export function endOf(node: Node): number {
  if (isMap(node) && !node.flow) {
    const last = held(node).at(-1);
    if (last) return pairEnd(last);
  }
  if (isSeq(node) && !node.flow) {
    const last = listed(node).at(-1);
    if (last) return nothing(last) ? dashOf(node, node.items.length - 1) + 1 : endOf(last);
  }
  return range(node)[1];
}

export const lineStart = (text: string, at: number): number => text.lastIndexOf("\n", at - 1) + 1;
export const column = (text: string, at: number): number => at - lineStart(text, at);

/** Behind the end of the line that the character before `at` stands in. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", text[at - 1] === "\n" ? at - 1 : at);
  return end < 0 ? text.length : end + 1;
}

export const REMARK = /^[ \t]*#/;

/** A block's last line, with remarks below it that are indented deeper than it begins. */
export function blockEnd(text: string, end: number, indent: number): number {
  let here = lineEnd(text, end);
  while (here < text.length) {
    const line = text.slice(here, lineEnd(text, here + 1));
    if (!REMARK.test(line) || line.indexOf("#") <= indent) break;
    here += line.length;
  }
  return here;
}

/** Where the remarks begin that stand directly above a line. */
export function lead(text: string, start: number): number {
  let here = start;
  while (here > 0) {
    const before = lineStart(text, here - 1);
    if (!REMARK.test(text.slice(before, here))) break;
    here = before;
  }
  return here;
}

export const blank = (line: string) => line.trim() === "";

export interface Span {
  from: number; // where its line begins
  to: number; // behind its last line
  lead: number; // where the remarks above it begin
}

/** The lines of an entry of a list that is written line by line. */
export function spanOf(text: string, seq: YAMLSeq, place: number): Span {
  const dash = dashOf(seq, place);
  const from = lineStart(text, dash);
  const entry = listed(seq)[place] as Node;
  const end = nothing(entry) ? dash + 1 : endOf(entry);
  return { from, to: blockEnd(text, end, column(text, dash)), lead: lead(text, from) };
}

/** The text of an entry, wherever it stands. */
export function entryText(text: string, path: Path): string {
  const root = parsed(text);
  const seq = nodeAt(root, path.slice(0, -1));
  const place = path.at(-1) as number;
  if (!isSeq(seq) || !seq.items[place]) return "";
  if (seq.flow) {
    const node = listed(seq)[place] as Node;
    return text.slice(range(node)[0], endOf(node));
  }
  const { from, to } = spanOf(text, seq, place);
  return text.slice(from, to);
}

export const lineOf = (text: string, at: number): number => text.slice(0, at).split("\n").length;
