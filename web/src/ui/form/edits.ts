import { isMap } from "yaml";
import { insert, move, set } from "@/ui/text/splice";
import {
  blank,
  blockEnd,
  column,
  type Held,
  held,
  lineStart,
  nodeAt,
  type Path,
  pairEnd,
  parsed,
  range,
  startOf,
  word,
} from "@/ui/text/spots";
import { type Doc, inline, isDoc } from "@/ui/text/yaml";
import { type Ask, begins, freshKey, orderOf, partOf } from "./asks";

/** Edits of a form. Each takes a text and gives a text; what it can't do leaves it as it is. */

const readable = (text: string, next: string): string => (parsed(next) ? next : text);

/** A field's value at its place; undefined: without it. `form`: what it is a field of. */
export const put = (text: string, form: string, path: Path, value: unknown): string =>
  readable(text, set(text, path, value, orderOf(form)));

/** One of the two languages; where neither says anything any more, the field goes. */
export function putWords(
  text: string,
  ask: Ask,
  form: string,
  path: Path,
  words: { said: unknown; language: string; value: string },
): string {
  const { said, language, value } = words;
  const other = isDoc(said) ? said[language === "zh" ? "en" : "zh"] : undefined;
  if (!value && !other && !ask.required) return put(text, form, path, undefined);
  if (!isDoc(said)) return put(text, form, path, { zh: "", en: "", [language]: value });
  return readable(text, set(text, [...path, language], value, ["zh", "en"]));
}

/** One more part, at the end. */
export function add(text: string, ask: Ask, form: string, path: Path, said: unknown): string {
  const part = begins(partOf(ask));
  if (ask.keyed) {
    const key = freshKey(isDoc(said) ? said : {});
    return readable(text, set(text, [...path, key], part, []));
  }
  const many = Array.isArray(said) ? said.length : 0;
  if (said === undefined) return put(text, form, path, [part]);
  return readable(text, insert(text, [...path, many], part));
}

/** A part among its neighbours, one earlier or one later. */
export function shift(text: string, path: Path, place: number, by: -1 | 1): string {
  const holder = nodeAt(parsed(text), path);
  return readable(
    text,
    isMap(holder)
      ? swap(text, holder.items as Held[], Math.min(place, place + by), holder.flow === true)
      : move(text, [...path, place], place + by),
  );
}

/** Two neighbours that a code each names change places: whole lines where they stand in lines. */
function swap(text: string, pairs: Held[], place: number, flow: boolean): string {
  const [one, two] = [pairs[place], pairs[place + 1]];
  if (!one || !two) return text;
  const [from, to, next, end] = [...spanOf(text, one, flow), ...spanOf(text, two, flow)];
  const first = text.slice(from, to);
  const last = text.slice(next, end);
  const open = !flow && !last.endsWith("\n"); // the last line of a text may be
  const nl = text.includes("\r\n") ? "\r\n" : "\n";
  const joined = open ? last + nl + text.slice(to, next) + first.slice(0, -nl.length) : "";
  return text.slice(0, from) + (joined || last + text.slice(to, next) + first) + text.slice(end);
}

function spanOf(text: string, pair: Held, flow: boolean): [number, number] {
  const start = startOf(pair);
  const from = lineStart(text, start);
  if (flow || !blank(text.slice(from, start))) return [start, pairEnd(pair)];
  return [from, blockEnd(text, pairEnd(pair), column(text, start))];
}

/** Another code for a part that is kept by one; a code that is taken, or none, changes nothing. */
export function recode(text: string, path: Path, from: string, to: string): string {
  const holder = nodeAt(parsed(text), path);
  if (!isMap(holder) || !to || from === to) return text;
  const pairs = held(holder);
  const pair = pairs.find((one) => word(one) === from);
  if (!pair || pairs.some((one) => word(one) === to)) return text;
  const [start, end] = range(pair.key);
  return readable(text, text.slice(0, start) + inline(to) + text.slice(end));
}

export const entries = (said: unknown): [string, unknown][] =>
  isDoc(said) ? Object.entries(said as Doc) : [];
