/** The little of Markdown that pages about playbooks are written in. */
export interface Inline {
  kind: "text" | "bold" | "code";
  text: string;
}

export type Block =
  | { kind: "heading"; level: number; of: Inline[] }
  | { kind: "paragraph"; of: Inline[] }
  | { kind: "list"; items: Inline[][] };

const MARKED = /\*\*(.+?)\*\*|`([^`]+)`/g;
const WIDE = /[⺀-鿿＀-￯　-〿]/;

export function inlines(text: string): Inline[] {
  const found: Inline[] = [];
  let end = 0;
  for (const mark of text.matchAll(MARKED)) {
    if (mark.index > end) found.push({ kind: "text", text: text.slice(end, mark.index) });
    found.push(
      mark[1] === undefined
        ? { kind: "code", text: mark[2] ?? "" }
        : { kind: "bold", text: mark[1] },
    );
    end = mark.index + mark[0].length;
  }
  if (end < text.length) found.push({ kind: "text", text: text.slice(end) });
  return found;
}

/** Lines of one paragraph: between Chinese words no space belongs. */
function joined(lines: readonly string[]): string {
  return lines.reduce((whole, line) => {
    const close = WIDE.test(whole.slice(-1)) || WIDE.test(line.slice(0, 1));
    return whole + (whole && !close ? " " : "") + line;
  }, "");
}

const HEADING = /^(#{1,6}) (.*)$/;
const ITEM = /^[-*] /;

/** Whether a line goes on with what stands before it. */
function goesOn(raw: string, chunk: readonly string[]): boolean {
  const line = raw.trim();
  const [first = ""] = chunk;
  if (!first || HEADING.test(first) || HEADING.test(line)) return false;
  if (ITEM.test(first)) return ITEM.test(line) || /^\s/.test(raw);
  return !ITEM.test(line) && !line.startsWith("**");
}

function blockOf(chunk: readonly string[]): Block {
  const [first = ""] = chunk;
  const [, marks = "", words = ""] = HEADING.exec(first) ?? [];
  if (marks) return { kind: "heading", level: marks.length, of: inlines(words) };
  if (!ITEM.test(first)) return { kind: "paragraph", of: inlines(joined(chunk)) };
  const items: string[][] = [];
  for (const line of chunk) {
    if (ITEM.test(line)) items.push([line.slice(2)]);
    else items.at(-1)?.push(line);
  }
  return { kind: "list", items: items.map((one) => inlines(joined(one))) };
}

/** A bold beginning of a line begins a paragraph, as whoever writes it sees it. */
export function blocks(text: string): Block[] {
  const chunks: string[][] = [];
  let current: string[] = [];
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "") current = [];
    else if (goesOn(raw, current)) current.push(line);
    else {
      current = [line];
      chunks.push(current);
    }
  }
  return chunks.map(blockOf);
}
