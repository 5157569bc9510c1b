import type { components, paths } from "@/api/schema";

type Shapes = components["schemas"];
export type Cap = Shapes["Cap"];
export type Hours = Shapes["Hours"];
export type Quota = Shapes["Quota"];
export type Pace = Shapes["Pace"];
export type Policy = Shapes["Shop"];
export type Rules = { caps: Cap[]; hours: Hours[]; quotas: Quota[]; pace: Pace; shops: Policy[] };
export type Change =
  paths["/api/v1/budget/rules"]["put"]["requestBody"]["content"]["application/json"];

/** One change in parts that a page puts into words; `before` null: it is new, `after` null: it goes. */
export type Line = {
  of: "caps" | "hours" | "quotas" | "shops" | keyof Pace;
  key: Record<string, string | number>;
  before: string | number | boolean | null;
  after: string | number | boolean | null;
};

const KEYS = {
  caps: ["layer", "channel", "purpose", "days"],
  hours: ["channel", "purpose"],
  quotas: ["channel", "per", "period"],
  shops: ["shop", "channel"],
} as const;
const VALUE = { caps: "most", hours: "hours", quotas: "most", shops: "allowed" } as const;
type List = keyof typeof KEYS;
const LISTS: readonly List[] = ["hours", "caps", "quotas", "shops"];
const PACE: readonly (keyof Pace)[] = ["window_hours", "presses", "cooldown_days"];

type Row = Record<string, string | number | boolean | null>;

export function keyOf(list: List, row: object): string {
  return KEYS[list].map((name) => (row as Row)[name]).join("/");
}

/** What has to be told to the server so that `before` becomes `after`, and the same for people. */
export function changeOf(before: Rules, after: Rules): { body: Change; lines: Line[] } {
  const lines: Line[] = [];
  const body: Row = { by: "" };
  const drop: Row = {};
  for (const list of LISTS) {
    const { set, gone, said } = changed(list, before[list], after[list]);
    if (set.length) body[list] = set as never;
    if (gone.length) drop[list] = gone as never;
    lines.push(...said);
  }
  const paced = PACE.filter((one) => before.pace[one] !== after.pace[one]);
  if (paced.length) body.pace = after.pace as never;
  for (const one of paced)
    lines.push({ of: one, key: {}, before: before.pace[one] ?? "", after: after.pace[one] ?? "" });
  if (Object.keys(drop).length) body.drop = drop as never;
  return { body: body as unknown as Change, lines };
}

function changed(list: List, before: readonly object[], after: readonly object[]) {
  const old = by(list, before);
  const now = by(list, after);
  const value = VALUE[list];
  const set = [...now.values()].filter((row) => !same(list, old.get(keyOf(list, row)), row));
  const gone = [...old.values()].filter((row) => !now.has(keyOf(list, row)));
  const was = (row: Row) => {
    const found = old.get(keyOf(list, row));
    return found ? (found[value] ?? "") : null;
  };
  const said: Line[] = [
    ...set.map((row) => ({
      of: list,
      key: only(list, row),
      before: was(row),
      after: row[value] ?? "",
    })),
    ...gone.map((row) => ({
      of: list,
      key: only(list, row),
      before: row[value] ?? "",
      after: null,
    })),
  ];
  return { set: set.map((row) => told(list, row)), gone: gone.map((row) => only(list, row)), said };
}

function by(list: List, rows: readonly object[]): Map<string, Row> {
  return new Map(rows.map((row) => [keyOf(list, row), row as Row]));
}

function only(list: List, row: Row): Record<string, string | number> {
  return Object.fromEntries(KEYS[list].map((name) => [name, row[name] as string | number]));
}

function told(list: List, row: Row): Row {
  const note = list === "shops" && { note: row.note ?? "" };
  return { ...only(list, row), [VALUE[list]]: row[VALUE[list]] ?? null, ...note };
}

function same(list: List, one: Row | undefined, other: Row): boolean {
  if (!one) return false;
  return one[VALUE[list]] === other[VALUE[list]] && (one.note ?? "") === (other.note ?? "");
}
