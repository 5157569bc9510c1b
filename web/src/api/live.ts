import { useSyncExternalStore } from "react";
import { clockIs } from "@/ui/clock";
import { queries, refresh } from "./queries";

/**
 * The server tells what changes (`/api/v1/live`), so nobody polls: each topic asks its routes again, if
 * a page shows them, at most once in a few seconds. And it tells that it is there.
 */
export type Link =
  | { is: "here" }
  | { is: "gone" } // out of reach
  | { is: "back" } // was gone; everything has been asked anew
  | { is: "slow" } // reachable, and silent
  | { is: "behind"; waiting: number }; // facts wait to be applied

/** What of the API shows a topic. */
export const SHOWN: Record<string, readonly string[]> = {
  stops: ["/api/v1/stops", "/api/v1/journeys"],
  events: [
    "/api/v1/overview",
    "/api/v1/customers",
    "/api/v1/orders",
    "/api/v1/parcels",
    "/api/v1/events",
    "/api/v1/groups",
    "/api/v1/ways",
    "/api/v1/segments",
    "/api/v1/offers",
    "/api/v1/promises",
    "/api/v1/tags",
    "/api/v1/pages",
    "/api/v1/slots",
  ],
  touches: ["/api/v1/touches", "/api/v1/customers", "/api/v1/stops/preview"],
  tasks: ["/api/v1/tasks", "/api/v1/attention"],
  journeys: ["/api/v1/journeys", "/api/v1/visits"],
  dry_runs: ["/api/v1/journeys/dry-runs"],
  imports: ["/api/v1/imports"],
  matches: ["/api/v1/matches", "/api/v1/friends", "/api/v1/attention"],
  attention: [
    "/api/v1/attention",
    "/api/v1/approvals",
    "/api/v1/subscribers",
    "/api/v1/events/parked",
  ],
  audit: [
    "/api/v1/presses",
    "/api/v1/audit",
    "/api/v1/goal",
    "/api/v1/staff",
    "/api/v1/budget",
    "/api/v1/connections",
    "/api/v1/handovers",
    "/api/v1/moments",
    "/api/v1/lists",
    "/api/v1/segments",
    "/api/v1/warehouses",
    "/api/v1/picks",
    "/api/v1/settings/stock",
    "/api/v1/materials",
    "/api/v1/offers",
    "/api/v1/tags",
    "/api/v1/calendar",
    "/api/v1/groups",
    "/api/v1/pages",
    "/api/v1/slots",
    "/api/v1/playbooks",
  ],
};

export const SECONDS = { gone: 4, slow: 13, behind: 60, back: 5, calm: 4, hidden: 60 } as const;

type Told = { now: string; waiting: number; late: number };

/** When what was heard: from this alone follows what the banner says. Times in milliseconds. */
export interface Heard {
  lost: number | null; // the connection broke then
  beat: number; // last sign of life
  back: number | null; // it came back then
  late: number; // seconds that the oldest fact waits
  waiting: number;
}

export function linkOf(heard: Heard, now: number): Link {
  const since = (moment: number) => (now - moment) / 1000;
  if (heard.lost !== null && since(heard.lost) > SECONDS.gone) return { is: "gone" };
  if (since(heard.beat) > SECONDS.slow && heard.lost === null) return { is: "slow" };
  if (heard.back !== null && since(heard.back) < SECONDS.back) return { is: "back" };
  if (heard.late > SECONDS.behind) return { is: "behind", waiting: heard.waiting };
  return { is: "here" };
}

const here: Link = { is: "here" };
const watchers = new Set<() => void>();
const heard: Heard = { lost: null, beat: Date.now(), back: null, late: 0, waiting: 0 };
const due = new Map<string, ReturnType<typeof setTimeout>>();
const asked = new Map<string, number>();
let shown: Link = here;
let source: EventSource | null = null;
let again: ReturnType<typeof setTimeout> | undefined;
let tries = 0;

function look(): void {
  const next = linkOf(heard, Date.now());
  if (JSON.stringify(next) === JSON.stringify(shown)) return;
  shown = next;
  for (const tell of watchers) tell();
}

function beat(told: Told): void {
  const now = Date.now();
  if (heard.lost !== null) {
    if ((now - heard.lost) / 1000 > SECONDS.gone) heard.back = now;
    heard.lost = null;
    void queries.invalidateQueries(); // what changed meanwhile, nobody told
  }
  tries = 0;
  Object.assign(heard, { beat: now, late: told.late, waiting: told.waiting });
  clockIs(told.now);
  look();
}

/** Ask again at once, or when the last time is a few seconds ago: never more often. */
function changed(topic: string): void {
  if (due.has(topic)) return;
  const rest = (asked.get(topic) ?? 0) + SECONDS.calm * 1000 - Date.now();
  const act = () => {
    due.delete(topic);
    asked.set(topic, Date.now());
    const shows = SHOWN[topic] ?? [];
    void queries.invalidateQueries({
      predicate: ({ queryKey, state }) =>
        shows.some((one) => String(queryKey[1]).startsWith(one)) && !deep(state.data),
    });
  };
  due.set(topic, setTimeout(act, Math.max(rest, 0)));
}

/** Somebody has gone down a list: it is not pulled away under them. */
function deep(data: unknown): boolean {
  return ((data as { pages?: unknown[] } | undefined)?.pages?.length ?? 0) > 1;
}

function open(): void {
  clearTimeout(again);
  source?.close();
  const stream = new EventSource("/api/v1/live");
  source = stream;
  stream.addEventListener("beat", (event) => beat(JSON.parse(event.data)));
  stream.addEventListener("changed", (event) => {
    for (const topic of JSON.parse(event.data).topics) changed(topic);
  });
  stream.onerror = () => {
    if (source !== stream) return;
    heard.lost ??= Date.now();
    if (stream.readyState !== EventSource.CLOSED) return; // the browser comes again by itself
    refresh("/api/v1/session"); // refused: perhaps nobody is signed in any more
    tries += 1;
    again = setTimeout(open, Math.min(1000 * 2 ** tries, 30_000));
  };
}

function close(): void {
  clearTimeout(again);
  source?.close();
  source = null;
}

/** Listen as long as somebody looks: a tab in the background takes no connection. Gives the end of it. */
export function listen(): () => void {
  let asleep: ReturnType<typeof setTimeout> | undefined;
  const turned = () => {
    clearTimeout(asleep);
    if (document.hidden) asleep = setTimeout(close, SECONDS.hidden * 1000);
    else if (source === null) {
      Object.assign(heard, { lost: null, beat: Date.now() });
      void queries.invalidateQueries();
      open();
    }
  };
  Object.assign(heard, { lost: null, beat: Date.now(), back: null, late: 0 });
  open();
  const ticking = setInterval(() => source && look(), 1000);
  document.addEventListener("visibilitychange", turned);
  return () => {
    clearInterval(ticking);
    clearTimeout(asleep);
    document.removeEventListener("visibilitychange", turned);
    close();
  };
}

/** How it stands between this page and the server. */
export function useLink(): Link {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => shown,
  );
}
