import type { components } from "@/api/schema";

export type Uploaded = components["schemas"]["Uploaded"];
export type Row = components["schemas"]["ImportRow"];
type State = Uploaded["state"];

/** Something happens to it by itself, so it is asked for again soon. */
export function moves(state: State | undefined): boolean {
  return state === "looking" || state === "queued" || state === "importing";
}

export const SOON = 1000;

/** How a state is coloured. */
export function toneOf(state: State) {
  if (state === "done") return "ours" as const;
  if (state === "failed" || state === "refused") return "harm" as const;
  if (state === "dropped" || state === "cancelled") return "out" as const;
  return "waits" as const;
}

/** So many new things an import has brought. */
export function broughtBy(report: NonNullable<Uploaded["report"]>): number {
  const { orders, refunds, corrections, cancellations, itemised } = report;
  return orders + refunds + corrections + cancellations + itemised;
}
