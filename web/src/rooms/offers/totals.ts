import type { components } from "@/api/schema";

export type Row = components["schemas"]["OfferRow"];
export type Part = Row["allotted"][number];

/** How much of an offer there is and what became of it; `pieces` null: pieces don't bound it. */
export interface Totals {
  pieces: number | null;
  taken: number;
  held: number;
  open: number;
  given: number;
  left: number | null;
  budget: number | null;
  spent: number;
}

/** The whole where it is bounded as a whole, else the sum of its parts. */
export function totals(of: Row): Totals {
  const whole = of.allotted.find((one) => one.part === "");
  const parts = of.allotted.filter((one) => one.part !== "");
  const bounded = parts.length > 0 && parts.every((one) => one.pieces !== null);
  const sum = (name: "pieces" | "taken" | "spent_minor") =>
    parts.reduce((all, one) => all + (one[name] ?? 0), 0);
  const pieces = whole?.pieces ?? (bounded ? sum("pieces") : null);
  const taken = whole && (whole.pieces !== null || !bounded) ? whole.taken : sum("taken");
  const { held, committed: open } = of;
  return {
    pieces,
    taken,
    held,
    open,
    given: Math.max(taken - held - open, 0),
    left: pieces === null ? null : Math.max(pieces - taken, 0),
    budget: whole?.budget_minor ?? null,
    spent: whole?.spent_minor ?? sum("spent_minor"),
  };
}

/** What is owed: certain, and not handed over yet. */
export const owed = (of: Row): number => of.committed + of.promised + of.claimable;

/** Less than a tenth is left. */
export const few = ({ pieces, left }: Totals): boolean =>
  pieces !== null && left !== null && left > 0 && left * 10 < pieces;
