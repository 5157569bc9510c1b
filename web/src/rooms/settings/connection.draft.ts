import type { components } from "@/api/schema";

export type Setting = components["schemas"]["SettingField"];
/** Field → what stands in its box; null: to be forgotten. Fields that nobody touched are not here. */
export type Typed = Readonly<Record<string, string | null>>;
/** A field that saving would change; null: to be forgotten. */
export interface Change {
  setting: Setting;
  to: string | null;
}

export const isSet = (one: Setting): boolean => one.origin !== "unset";

/** What stands in the box of a field that nobody has touched: what is set, never a secret. */
export function standing(one: Setting): string {
  if (!isSet(one) || one.kind === "secret") return "";
  return one.kind === "many" ? (json(one.value, 2) ?? one.value) : one.value;
}

/**
 * What saving would change. An empty box is a field as nobody had set it; that of a secret stays as it
 * is, since what it holds stands in no box.
 */
export function changes(settings: readonly Setting[], typed: Typed): Change[] {
  return settings.flatMap((setting) => {
    const to = change(setting, typed[setting.name]);
    return to === undefined ? [] : [{ setting, to }];
  });
}

function change(one: Setting, typed: string | null | undefined): string | null | undefined {
  if (typed === undefined || one.fixed) return undefined;
  const text = typed?.trim() ?? "";
  if (text === "") {
    const kept = one.kind === "secret" && typed !== null;
    return isSet(one) && !kept ? null : undefined;
  }
  if (one.kind === "secret") return text;
  const same = one.kind === "many" ? json(text) === json(one.value) : text === one.value;
  return isSet(one) && same ? undefined : text;
}

/** What is wrong with the text of a list or a table, where it says so; null: nothing. */
export type Unreadable = { why: "not_json" | "not_many" | "not_json_at"; at: Place };
type Place = { line: number; column: number };

export function unreadable(text: string): Unreadable | null {
  const nowhere = { line: 0, column: 0 };
  if (text.trim() === "") return null;
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null ? null : { why: "not_many", at: nowhere };
  } catch (error) {
    const place = Number(/position (\d+)/.exec(String(error))?.[1] ?? Number.NaN);
    if (Number.isNaN(place)) return { why: "not_json", at: nowhere };
    const before = text.slice(0, place).split("\n");
    const at = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    return { why: "not_json_at", at };
  }
}

/** Written one way, so that two texts can be compared; undefined: it is no JSON. */
function json(text: string, indent?: number): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), null, indent);
  } catch {
    return undefined;
  }
}

/** `templates[0].code` and `url` → the field they are of. */
export const fieldOf = (where: string): string => where.split(/[.[]/)[0] ?? "";
