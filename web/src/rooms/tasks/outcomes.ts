import type { SchemaDone } from "@/api/schema";
import type { Tone } from "@/ui/value";

export type Outcome = SchemaDone["outcome"];

/** Key → outcome on the call desk; the same order on the phone. */
export const KEYS: readonly (readonly [key: string, outcome: Outcome])[] = [
  ["1", "added"],
  ["2", "agreed"],
  ["3", "refused"],
  ["4", "wrong_person"],
  ["5", "already_added"],
  ["6", "do_not_call"],
  ["0", "no_answer"],
];

/** What can't be taken back is asked once more. */
export const ASKED_AGAIN: readonly Outcome[] = ["wrong_person", "do_not_call"];

/** How friend requests end: sent, or as something came in between. */
export const REQUEST: readonly Outcome[] = [
  "requested",
  "already_added",
  "wrong_person",
  "refused",
];

export function toneOf(outcome: Outcome): Tone {
  if (outcome === "added" || outcome === "agreed" || outcome === "requested") return "ours";
  if (outcome === "do_not_call") return "harm";
  return outcome === "no_answer" ? "out" : "plain";
}

/** The outcome that a key means; nothing while somebody writes, or holds the key down. */
export function outcomeOf(event: {
  key: string;
  repeat: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}): Outcome | undefined {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  return KEYS.find(([key]) => key === event.key)?.[1];
}

/** The script with its blank filled in: whoever must not be named is greeted without a name. */
export function spoken(script: string, name: string): string {
  if (name) return script.replaceAll("{name}", name);
  return script.replaceAll(/\{name\}[，,]?\s*/g, "您好，");
}

/** Whether a failure says nothing of a report: then it is told again, under its key. */
export function passes({ status, code }: { status: number; code: string }): boolean {
  return status === 0 || status === 401 || status === 429 || status >= 500 || code === "under_way";
}
