import { isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import {
  blank,
  blockEnd,
  colonOf,
  column,
  dashOf,
  endOf,
  type Held,
  held,
  lineEnd,
  lineStart,
  listed,
  nodeAt,
  nothing,
  type Path,
  pairEnd,
  parsed,
  REMARK,
  range,
  type Span,
  saidOf,
  spanOf,
  startOf,
  word,
} from "./spots";
import { block, inline, isDoc, quotedLike } from "./yaml";

/** The text is the truth: an edit puts new characters at one place of it, and leaves every other
 * character as it was written. */

const cut = (text: string, from: number, to: number, put = ""): string =>
  text.slice(0, from) + put + text.slice(to);
const newline = (text: string) => (text.includes("\r\n") ? "\r\n" : "\n");
const lines = (text: string, some: string[]) => some.map((one) => one + newline(text)).join("");

/** Whole lines, put where a line begins; the line before is closed where it was not. */
function between(text: string, at: number, some: string): string {
  const open = at > 0 && text[at - 1] !== "\n";
  return cut(text, at, at, (open ? newline(text) : "") + some);
}

/** The same text with this value at this place: as few characters change as may. `order`: the words
 * of the mapping in their usual order, for a new one. */
export function set(
  text: string,
  path: Path,
  value: unknown,
  order: readonly string[] = [],
): string {
  const root = parsed(text);
  const key = path.at(-1);
  if (!root || key === undefined) return text;
  const parent = nodeAt(root, path.slice(0, -1));
  const exists = isMap(parent)
    ? held(parent).some((one) => word(one) === key)
    : nodeAt(root, path) !== null;
  if (value === undefined) return exists ? remove(text, path) : text;
  return exists ? change(text, root, path, value) : added(text, parent, path, value, order);
}

/** What is not there yet, with what has to be around it. */
function added(
  text: string,
  parent: Node | null,
  path: Path,
  value: unknown,
  order: readonly string[],
): string {
  const key = path.at(-1) as string | number;
  if (isMap(parent)) return insertKey(text, parent, String(key), value, order);
  if (isSeq(parent)) return typeof key === "number" ? insert(text, path, value) : text;
  const around = typeof key === "number" ? [value] : { [key]: value };
  return set(text, path.slice(0, -1), around, order);
}

function change(text: string, root: YAMLMap, path: Path, value: unknown): string {
  const node = nodeAt(root, path);
  const before = saidOf(node);
  if (same(before, value)) return text;
  if (isMap(node) && isDoc(value) && node.items.length) return mapping(text, path, before, value);
  if (isSeq(node) && Array.isArray(value) && value.length && node.items.length)
    return list(text, path, before as unknown[], value);
  return replace(text, root, path, node, value);
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Word by word: what both say in the same way is not touched. */
function mapping(text: string, path: Path, before: unknown, next: Record<string, unknown>): string {
  const old = before as Record<string, unknown>;
  const names = Object.keys(next);
  if (!names.some((name) => name in old)) return replaceAt(text, path, next);
  let done = text;
  for (const name of Object.keys(old)) if (!(name in next)) done = remove(done, [...path, name]);
  for (const name of names) done = set(done, [...path, name], next[name], names);
  return done;
}

/** What is the same at both ends stays; between them entry by entry. */
function list(text: string, path: Path, old: unknown[], next: unknown[]): string {
  let start = 0;
  while (start < Math.min(old.length, next.length) && same(old[start], next[start])) start++;
  let end = 0;
  const most = Math.min(old.length, next.length) - start;
  while (end < most && same(old.at(-1 - end), next.at(-1 - end))) end++;
  const [gone, come] = [old.length - start - end, next.length - start - end];
  let done = text;
  for (let place = 0; place < Math.min(gone, come); place++)
    done = set(done, [...path, start + place], next[start + place]);
  for (let place = gone - 1; place >= come; place--) done = remove(done, [...path, start + place]);
  for (let place = gone; place < come; place++)
    done = insert(done, [...path, start + place], next[start + place]);
  return done;
}

function replaceAt(text: string, path: Path, value: unknown): string {
  const root = parsed(text);
  return root ? replace(text, root, path, nodeAt(root, path), value) : text;
}

function replace(
  text: string,
  root: YAMLMap,
  path: Path,
  node: Node | null,
  value: unknown,
): string {
  const holder = nodeAt(root, path.slice(0, -1));
  const pair = isMap(holder) ? held(holder).find((one) => word(one) === path.at(-1)) : undefined;
  if (node === null || nothing(node)) {
    const colon = pair ? colonOf(pair) : dashOf(holder as YAMLSeq, path.at(-1) as number);
    const at = colon === null ? range((pair as Held).key)[1] : colon + 1;
    return cut(text, at, at, `${colon === null ? ":" : ""} ${inline(value)}`);
  }
  const end = text[endOf(node) - 1] === "\n" ? endOf(node) - newline(text).length : endOf(node);
  const put = isScalar(node) ? quotedLike(node.type, value) : inline(value);
  const from = pair && spread(node) ? behindColon(text, pair, node) : null;
  return from === null ? cut(text, range(node)[0], end, put) : cut(text, from, end, ` ${put}`);
}

/** Written over several lines. */
const spread = (node: Node): boolean =>
  isScalar(node) ? String(node.type).startsWith("BLOCK") : !(node as YAMLMap).flow;

/** Behind a word's colon, where no remark stands between it and its value. */
function behindColon(text: string, pair: Held, node: Node): number | null {
  const colon = colonOf(pair);
  if (colon === null || text.slice(colon + 1, range(node)[0]).includes("#")) return null;
  return colon + 1;
}

function insertKey(
  text: string,
  map: YAMLMap,
  key: string,
  value: unknown,
  order: readonly string[],
): string {
  const pairs = held(map);
  const rank = order.indexOf(key);
  const before = pairs.filter((one) => {
    const place = order.indexOf(word(one));
    return rank < 0 || (place >= 0 ? place < rank : true);
  });
  const after = before.at(-1);
  if (map.flow) {
    const said = `${key}: ${inline(value)}`;
    if (after) return cut(text, pairEnd(after), pairEnd(after), `, ${said}`);
    const first = pairs[0];
    if (first) return cut(text, startOf(first), startOf(first), `${said}, `);
    return cut(text, range(map)[0] + 1, range(map)[0] + 1, said);
  }
  const first = pairs[0] as Held;
  const indent = column(text, startOf(first));
  const made = block(key, value, indent);
  if (after) return between(text, blockEnd(text, pairEnd(after), indent), lines(text, made));
  const at = startOf(first); // the dash of a list may stand before it
  const body = lines(text, made).slice(indent) + " ".repeat(indent);
  return cut(text, at, at, body);
}

/** Without this word, or this entry of a list. */
export function remove(text: string, path: Path): string {
  const root = parsed(text);
  const holder = nodeAt(root, path.slice(0, -1));
  const key = path.at(-1);
  if (isMap(holder)) {
    const place = held(holder).findIndex((one) => word(one) === key);
    return place < 0 ? text : removeKey(text, holder, place);
  }
  if (isSeq(holder) && typeof key === "number" && holder.items[key]) {
    if (holder.items.length === 1) return emptied(text, root as YAMLMap, path.slice(0, -1), holder);
    return holder.flow
      ? removePart(
          text,
          listed(holder).map((one) => [range(one)[0], endOf(one)]),
          key,
        )
      : removeLines(text, holder, key);
  }
  return text;
}

function removeKey(text: string, map: YAMLMap, place: number): string {
  const pairs = held(map);
  const pair = pairs[place] as Held;
  const [start, end] = [startOf(pair), pairEnd(pair)];
  if (map.flow)
    return removePart(
      text,
      pairs.map((one) => [startOf(one), pairEnd(one)]),
      place,
    );
  if (pairs.length === 1) return cut(text, start, end, "{}");
  const from = lineStart(text, start);
  if (blank(text.slice(from, start)))
    return cut(text, from, blockEnd(text, end, column(text, start)));
  const next = pairs[1] as Held; // the first word stands behind its dash
  return cut(text, start, startOf(next));
}

/** Without one of several that commas part; a remark beside a neighbour stays. */
function removePart(text: string, parts: (readonly [number, number])[], place: number): string {
  const [start, end] = parts[place] as readonly [number, number];
  const before = parts[place - 1];
  const next = parts[place + 1];
  if (before && !text.slice(before[1], start).includes("#")) return cut(text, before[1], end);
  if (next && !before && !text.slice(end, next[0]).includes("#")) return cut(text, start, next[0]);
  const comma = /^[ \t]*,/.exec(text.slice(end));
  return cut(text, start, end + (comma ? comma[0].length : 0));
}

/** Remarks above an entry go with it where they speak of it alone: the next one is set apart. */
function alone(text: string, span: Span): boolean {
  const next = text.slice(span.to, lineEnd(text, span.to + 1));
  return span.to >= text.length || blank(next) || REMARK.test(next);
}

const taken = (text: string, span: Span): number => (alone(text, span) ? span.lead : span.from);

function removeLines(text: string, seq: YAMLSeq, place: number): string {
  const span = spanOf(text, seq, place);
  const from = taken(text, span);
  const above = lineStart(text, from - 1);
  const next = text.slice(span.to, lineEnd(text, span.to + 1));
  const doubled = from > 0 && blank(text.slice(above, from)) && blank(next);
  return cut(text, doubled ? above : from, span.to);
}

function emptied(text: string, root: YAMLMap, path: Path, seq: YAMLSeq): string {
  const entry = listed(seq)[0] as Node;
  if (seq.flow) return cut(text, range(entry)[0], endOf(entry));
  const holder = nodeAt(root, path.slice(0, -1));
  const pair = isMap(holder) ? held(holder).find((one) => word(one) === path.at(-1)) : undefined;
  const colon = pair && colonOf(pair);
  const { from, to } = spanOf(text, seq, 0);
  if (colon == null || from <= colon) return cut(text, range(seq)[0], endOf(seq), "[]");
  return cut(cut(text, from, to), colon + 1, colon + 1, " []");
}

/** One more entry, before the one that is at its place now. */
export function insert(text: string, path: Path, value: unknown): string {
  const root = parsed(text);
  const above = path.slice(0, -1);
  const seq = nodeAt(root, above);
  const place = path.at(-1) as number;
  if (!root || !isSeq(seq) || !seq.items.length) return begun(text, root, above, seq, value);
  if (seq.flow) {
    const parts = listed(seq);
    const before = parts[place - 1];
    const at = before ? endOf(before) : range(parts[0] as Node)[0];
    return cut(text, at, at, before ? `, ${inline(value)}` : `${inline(value)}, `);
  }
  const made = lines(text, block(null, value, column(text, dashOf(seq, 0))));
  const first = place === 0 ? spanOf(text, seq, 0) : null;
  if (first && !blank(text.slice(first.from, dashOf(seq, 0)))) return text; // `- - a`
  return between(text, first ? first.lead : spanOf(text, seq, place - 1).to, made);
}

/** The first entry of a list that is empty or not there. */
function begun(text: string, root: YAMLMap | null, path: Path, seq: Node | null, value: unknown) {
  const holder = nodeAt(root, path.slice(0, -1));
  if (!root || !isMap(holder)) return text;
  const pair = held(holder).find((one) => word(one) === path.at(-1));
  const other = seq !== null && !isSeq(seq) && !nothing(seq);
  if (!pair || holder.flow || other) return set(text, path, [value]);
  const indent = column(text, startOf(pair)) + 2;
  const made = lines(text, block(null, value, indent));
  const colon = (colonOf(pair) ?? range(pair.key)[1]) + 1;
  const bare = isSeq(seq) ? cut(text, colon, range(seq)[1]) : text;
  return between(bare, lineEnd(bare, colon), made);
}

/** An entry at another place among its neighbours, its lines as they are. */
export function move(text: string, path: Path, to: number): string {
  const root = parsed(text);
  const seq = nodeAt(root, path.slice(0, -1));
  const from = path.at(-1) as number;
  if (!isSeq(seq) || from === to || !seq.items[from] || !seq.items[to]) return text;
  if (seq.flow) return moveParts(text, seq, from, to);
  const span = spanOf(text, seq, from);
  const start = taken(text, span);
  const chunk = text.slice(start, span.to);
  const whole = chunk.endsWith("\n") ? chunk : chunk + newline(text);
  const other = spanOf(text, seq, to);
  const at = to < from ? other.lead : other.to;
  if (at <= start) return between(cut(text, start, span.to), at, whole);
  return cut(between(text, at, whole), start, span.to);
}

function moveParts(text: string, seq: YAMLSeq, from: number, to: number): string {
  const parts = listed(seq).map((one) => text.slice(range(one)[0], endOf(one)));
  const [moved] = parts.splice(from, 1);
  parts.splice(to, 0, moved as string);
  let done = text;
  for (let place = parts.length - 1; place >= 0; place--) {
    const node = listed(seq)[place] as Node;
    done = cut(done, range(node)[0], endOf(node), parts[place]);
  }
  return done;
}
