import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseDocument } from "yaml";

// For tests alone: every journey that this repository says anywhere.

const ROOT = new URL("../../../../", import.meta.url).pathname;
export const DRAWN = join(ROOT, "tests/journeys/drawn.json");

export interface Written {
  name: string;
  text: string;
  good: boolean; // a whole journey of a playbook, its settings filled in
}

function files(folder: string, ending: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && ending.test(one.name))
    .map((one) => join(one.parentPath, one.name))
    .sort();
}

type Playbook = { settings?: Record<string, { default?: unknown }> };

/** As it is installed: each setting at its default. */
function filled(text: string, path: string): string {
  const written = readFileSync(join(path, "../../playbook.yaml"), "utf8");
  const said = parseDocument(written).toJS() as Playbook; // settings stand in it bare
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => {
    const value = said.settings?.[name]?.default;
    return value === undefined ? whole : String(value);
  });
}

const QUOTED = /"""(?:\\\n)?([\s\S]*?)"""/g;
const FENCED = /```yaml\n([\s\S]*?)```/g;
const isJourney = (text: string) => /^journey:/m.test(text) && /^steps:/m.test(text);

export function everyJourney(): Written[] {
  const playbooks = files("src/siyu/playbooks", /\.ya?ml$/).flatMap((path): Written[] => {
    const text = readFileSync(path, "utf8");
    if (!isJourney(text)) return [];
    const name = relative(ROOT, path);
    return [
      { name, text, good: false },
      { name: `${name}, filled in`, text: filled(text, path), good: true },
    ];
  });
  const inside = [
    ...[...files("tests", /\.py$/), ...files("bench", /\.py$/)].map(
      (path) => [path, QUOTED] as const,
    ),
    ...[...files("docs", /\.md$/), ...files("examples", /\.md$/)].map(
      (path) => [path, FENCED] as const,
    ),
  ].flatMap(([path, quoted]) =>
    [...readFileSync(path, "utf8").matchAll(quoted)].flatMap(([, text = ""], place): Written[] =>
      isJourney(text) ? [{ name: `${relative(ROOT, path)} ${place}`, text, good: false }] : [],
    ),
  );
  const whole = [...files("tests", /\.ya?ml$/), ...files("examples", /\.ya?ml$/)].flatMap(
    (path) => {
      const text = readFileSync(path, "utf8");
      return isJourney(text) ? [{ name: relative(ROOT, path), text, good: false }] : [];
    },
  );
  return [...playbooks, ...inside, ...whole];
}
