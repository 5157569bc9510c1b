/** Values as they are written: plain where that reads the same, on one line where it fits. */
export type Doc = Record<string, unknown>;

export function isDoc(value: unknown): value is Doc {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const WORDS: Record<string, unknown> = {
  true: true,
  false: false,
  null: null,
  "~": null,
  "": null,
};
const NUMBER = /^[-+]?\d{1,15}(\.\d{1,15})?$/;

/** A bare word as the server reads it: `on`, `yes` and 10:00 stay text. */
export function plain(source: string): unknown {
  if (source in WORDS) return WORDS[source];
  return NUMBER.test(source) ? Number(source) : source;
}

/** Nothing in it means anything to a reader of YAML, and no reader takes it for a number. */
const BARE =
  /^(?:[A-Za-z_\u3400-\u9fff]|\d+[smhdwA-Za-z])(?:[\w\u3400-\u9fff./ -]*[\w\u3400-\u9fff.])?$/;
const SPECIAL = /^(?:true|false|null|yes|no|on|off|y|n|0x[\da-f]+|0o[0-7]+|\d+e\d+|\.inf|\.nan)$/i;

function scalar(value: string): string {
  return BARE.test(value) && !SPECIAL.test(value) ? value : JSON.stringify(value);
}

/** In the quotes that stood there. */
export function quotedLike(style: string | undefined, value: unknown): string {
  if (typeof value !== "string") return inline(value);
  if (style === "QUOTE_DOUBLE") return JSON.stringify(value);
  if (style === "QUOTE_SINGLE" && !/[\n\r\t\\]/.test(value))
    return `'${value.replace(/'/g, "''")}'`;
  return scalar(value);
}

export function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (isDoc(value))
    return `{${Object.entries(value)
      .map(([name, part]) => `${scalar(name)}: ${inline(part)}`)
      .join(", ")}}`;
  if (typeof value === "string") return scalar(value);
  return value === null || value === undefined ? "null" : String(value);
}

const spaces = (many: number) => " ".repeat(many);
const WIDE = 96;

/** The lines of `key: value`, or of an entry of a list (`key` null), which begins with a dash. */
export function block(key: string | null, value: unknown, indent: number): string[] {
  if (key === null) return entry(value, indent);
  const list = Array.isArray(value) && value.length > 0 && value.every(isDoc);
  if (!list) return [`${spaces(indent)}${key}: ${inline(value)}`];
  return [
    `${spaces(indent)}${key}:`,
    ...(value as unknown[]).flatMap((one) => entry(one, indent + 2)),
  ];
}

/** A short one on one line; else word by word. */
function entry(value: unknown, indent: number): string[] {
  const said = `${spaces(indent)}- ${inline(value)}`;
  const deep = isDoc(value) && "id" in value && Object.values(value).some(wide);
  if (!isDoc(value) || (!deep && said.length <= WIDE)) return [said];
  const body = Object.entries(value).flatMap(([name, part]) => block(name, part, indent + 2));
  return body.map((line, place) => (place ? line : `${spaces(indent)}- ${line.trimStart()}`));
}

/** What has several words of its own gets a line of its own. */
function wide(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isDoc);
  return isDoc(value) && Object.keys(value).length > 2;
}
