import { parse } from "yaml";
import type { Say } from "./words";

type Doc = Record<string, unknown>;

const WHATS = ["source", "product", "click", "answer", "keyword"] as const;
const FIELDS = [
  "code",
  "way",
  "sku",
  "category",
  "title",
  "material",
  "journey",
  "intent",
  "label",
  "outcome",
  "task",
  "word",
] as const;

/** What a rule says, for people; null: the text can't be read. */
export interface Said {
  tag: string;
  when: string;
  unless: string;
  lasts: string;
  confidence: number | null;
}

export function said(text: string, say: Say): Said | null {
  const doc = read(text);
  if (!doc) return null;
  return {
    tag: String(doc.tag ?? ""),
    when: all(doc.when, say),
    unless: all(doc.unless, say),
    lasts: doc.for === undefined ? "" : String(doc.for),
    confidence: typeof doc.confidence === "number" ? doc.confidence : null,
  };
}

function read(text: string): Doc | null {
  try {
    const found: unknown = parse(text);
    return typeof found === "object" && found !== null && !Array.isArray(found)
      ? (found as Doc)
      : null;
  } catch {
    return null;
  }
}

/** `[{product: {sku: X}}, {keyword: Y}]`: any of them. */
function all(value: unknown, say: Say): string {
  if (value === undefined || value === null) return "";
  const forms = Array.isArray(value) ? value : [value];
  return forms.map((one) => form(one as Doc, say)).join(` ${say("or")} `);
}

function form(one: Doc, say: Say): string {
  return Object.entries(one)
    .map(([what, asks]) => {
      const known = WHATS.find((name) => name === what);
      const name = known ? say(`w_${known}`) : what;
      return `${name} ${asked(asks, say)}`;
    })
    .join(" · ");
}

function asked(asks: unknown, say: Say): string {
  if (typeof asks !== "object" || asks === null || Array.isArray(asks)) return values(asks);
  return Object.entries(asks as Doc)
    .map(([field, value]) => {
      const known = FIELDS.find((name) => name === field);
      return `${known ? say(`f_${known}`) : field} ${values(value)}`;
    })
    .join("，");
}

function values(value: unknown): string {
  return (Array.isArray(value) ? value : [value]).map(String).join(" / ");
}
