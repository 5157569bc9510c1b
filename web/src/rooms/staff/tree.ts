import type { SchemaAtStore, SchemaConsoleAccount, SchemaSiyuApiStaffPerson } from "@/api/schema";

export type Person = SchemaSiyuApiStaffPerson;
export type Account = SchemaConsoleAccount;

/** A line of the tree: a place with those below it, or somebody. */
export interface Line {
  key: string;
  place?: { kind: "head_office" | "region" | "store"; name: string; people: number };
  person?: Person;
  account?: Account;
  children?: Line[];
}

/** Head office → region → store → people, without the places where nobody works. */
export function tree(
  people: readonly Person[],
  stores: readonly SchemaAtStore[],
  accounts: readonly Account[],
): Line[] {
  const of = new Map(accounts.map((one) => [one.code, one]));
  const lines = (store: string | null) =>
    people
      .filter((one) => (one.store || null) === store)
      .sort((one, other) => Number(other.active) - Number(one.active))
      .map((person): Line => ({ key: `who ${person.code}`, person, account: of.get(person.code) }));
  const place = (
    kind: "head_office" | "region" | "store",
    key: string,
    name: string,
    children: Line[],
  ): Line[] => {
    const count = children.reduce((sum, one) => sum + (one.place?.people ?? 1), 0);
    return children.length
      ? [{ key: `${kind} ${key}`, place: { kind, name, people: count }, children }]
      : [];
  };
  const regions = [...new Set(stores.map((one) => one.region))].sort();
  return [
    ...place("head_office", "", "", lines(null)),
    ...regions.flatMap((region) =>
      place(
        "region",
        region,
        region,
        stores
          .filter((one) => one.region === region)
          .flatMap((one) => place("store", one.code, one.name, lines(one.code))),
      ),
    ),
  ];
}

export function keys(lines: readonly Line[]): string[] {
  return lines.flatMap((one) => (one.children ? [one.key, ...keys(one.children)] : []));
}
