import type { CodeSet } from "@/ui/codes";
import type { Say } from "@/ui/words";

/** What a list of parcels is narrowed to, as it stands in the URL. */
export const NAMES = [
  "days",
  "shop",
  "stage",
  "fate",
  "decided",
  "reason",
  "mismatch",
  "promised",
  "number",
] as const;
export type Chosen = Record<(typeof NAMES)[number], string>;
export type SetParcels = (change: Partial<Chosen>) => void;

/** What a list shows, in words: "frozen, gift". */
export function named(
  filters: Chosen,
  say: Say<
    "waiting" | "owed" | "not_packed" | "list_all" | "otherwise" | "with_promise" | "decided"
  >,
  code: (set: CodeSet, code: string) => string,
): string {
  const { stage, fate, decided, reason, mismatch, promised, number } = filters;
  if (number) return number;
  if (stage === "owed") return say("owed");
  if (stage === "waiting") return say("waiting");
  const said = [
    stage === "frozen" && code("parcel", "frozen"),
    fate && code("parcel_fate", fate),
    decided && `${say("decided")} ${code("parcel_content", decided)}`,
    reason && code("parcel_reason", reason),
    mismatch && (mismatch.includes(",") ? say("otherwise") : code("parcel_mismatch", mismatch)),
    promised && say("with_promise"),
  ].filter(Boolean);
  return said.join(" · ") || say("list_all");
}
