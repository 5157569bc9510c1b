import type { SchemaDryRunRow } from "@/api/schema";

export type State = SchemaDryRunRow["state"];

export const SOON = 1000;
export const SELDOM = 60_000;

/** Something happens to it by itself. */
export function moves(state: State | undefined): boolean {
  return state === "waiting" || state === "running";
}

export const percent = (share: number) => Math.min(Math.floor(share * 100), 99);
