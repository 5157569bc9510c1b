import type { SchemaDryRunRow } from "@/api/schema";

export type State = SchemaDryRunRow["state"];

export const SOON = 1000;
export const SELDOM = 60_000;

/** Something happens to it by itself. */
export function moves(state: State | undefined): boolean {
  return state === "waiting" || state === "running";
}

const PLAYBOOK = "playbook:"; // before the name, where all of a playbook is tried

/** What was tried, and where it is shown. */
export function triedOf({ journey, id }: { journey: string; id: string }) {
  const name = journey.replace(PLAYBOOK, "");
  const path =
    name === journey
      ? `/journeys/${name}/dry-runs/${id}`
      : `/journeys/playbooks/${name}/forecasts/${id}`;
  return { name, path };
}

export const percent = (share: number) => Math.min(Math.floor(share * 100), 99);
