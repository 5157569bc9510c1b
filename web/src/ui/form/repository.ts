import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { isScalar, parseAllDocuments, visit } from "yaml";

// For tests alone: every plan, page and service that this repository says anywhere.

const ROOT = new URL("../../../../", import.meta.url).pathname;

export interface Written {
  name: string;
  text: string;
}

function files(folder: string, ending: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && ending.test(one.name) && !one.parentPath.includes("/console"))
    .map((one) => join(one.parentPath, one.name))
    .sort();
}

const INSIDE = [/"""(?:\\\n)?([\s\S]*?)"""/g, /```yaml\n([\s\S]*?)```/g, /`([a-z]+: [^`]*)`/g];

/** A text that stands in a file of YAML, or the file itself. */
function blocks(text: string, somewhere: RegExp): string[] {
  const found = [text];
  if (!somewhere.test(text)) return found;
  for (const document of parseAllDocuments(text))
    if ("errors" in document)
      visit(document, {
        Scalar: (_, node) => {
          if (isScalar(node) && String(node.type).startsWith("BLOCK")) found.push(`${node.value}`);
        },
      });
  return found;
}

/** Those that begin with this word, each part of a file by itself. */
export function everyText(head: string): Written[] {
  const begins = new RegExp(`^(?:#.*\\n)*${head}: `);
  const somewhere = new RegExp(`^\\s+${head}: `, "m");
  const whole = ["src/siyu", "tests", "examples", "bench"].flatMap((one) =>
    files(one, /\.ya?ml$/).flatMap((path) =>
      blocks(readFileSync(path, "utf8"), somewhere).map((text) => [path, text] as const),
    ),
  );
  const inside = [
    ...["src/siyu", "tests", "bench"].flatMap((one) => files(one, /\.py$/)),
    ...["docs", "examples"].flatMap((one) => files(one, /\.md$/)),
    ...files("web/src", /\.tsx?$/),
  ].flatMap((path) =>
    INSIDE.flatMap((pattern) =>
      [...readFileSync(path, "utf8").matchAll(pattern)].map(
        ([, text = ""]) => [path, text] as const,
      ),
    ),
  );
  return [...whole, ...inside]
    .flatMap(([path, text]) =>
      text
        .split(/^---\s*\n/m)
        .map((part) => [path, part.trimStart().replaceAll('\\"', '"')] as const),
    )
    .filter(([, text]) => begins.test(text) && !text.includes("${"))
    .map(([path, text], place) => ({ name: `${relative(ROOT, path)} ${place}`, text }));
}
