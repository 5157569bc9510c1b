import { useEffect, useSyncExternalStore } from "react";
import { Failure, fetcher } from "@/api/client";
import { refresh } from "@/api/queries";
import type { SchemaDone, SchemaReported } from "@/api/schema";
import { useSession } from "@/api/session";
import { passes } from "./outcomes";

/** How a task ended, as somebody pressed it. It outlives the page until the server has heard it. */
export interface Report {
  task: string;
  /** Whose report it is: another account on the same machine does not send it. */
  by: string;
  /** One per press: told again after a failure, it is still done once. */
  key: string;
  body: SchemaDone;
}

type Heard = { resolve: (told: SchemaReported) => void; reject: (failure: Failure) => void };

const KEPT = "siyu.tasks.reports";
const AGAIN = 4_000;

let all: readonly Report[] = read();
let sender = "";
let busy = false;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
const heard = new Map<string, Heard>();

function read(): readonly Report[] {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]");
  } catch {
    return [];
  }
}

function keep(next: readonly Report[]): void {
  all = next;
  localStorage.setItem(KEPT, JSON.stringify(next));
  for (const changed of listeners) changed();
}

function listen(changed: () => void): () => void {
  listeners.add(changed);
  return () => void listeners.delete(changed);
}

async function told(one: Report): Promise<SchemaReported> {
  const answer = await fetcher.POST("/api/v1/tasks/{task}/done", {
    params: { path: { task: one.task } },
    body: one.body,
    headers: { "Idempotency-Key": one.key },
  });
  if (!answer.data) throw new Failure(0, "gone", "");
  return answer.data;
}

/** One after another, in the order in which they were pressed. */
async function send(): Promise<void> {
  if (busy) return;
  busy = true;
  clearTimeout(timer);
  try {
    for (let one = mine()[0]; one; one = mine()[0]) {
      const answer = await told(one).catch((error: unknown) => error);
      if (answer instanceof Failure && passes(answer)) {
        timer = setTimeout(() => void send(), (answer.again ?? 0) * 1000 || AGAIN);
        return;
      }
      settle(one, answer as SchemaReported | Failure);
    }
  } finally {
    busy = false;
  }
}

const mine = () => all.filter((one) => one.by === sender);

function settle(one: Report, answer: SchemaReported | Failure): void {
  keep(all.filter((other) => other.key !== one.key));
  const waits = heard.get(one.key);
  heard.delete(one.key);
  if (answer instanceof Failure) waits?.reject(answer);
  else waits?.resolve(answer);
  refresh("/api/v1/tasks");
}

/** Tell how a task ended; a second press for the same task is the first one. */
export function report(task: string, by: string, body: SchemaDone): Promise<SchemaReported> | null {
  if (all.some((one) => one.task === task)) return null;
  const key = crypto.randomUUID();
  const answer = new Promise<SchemaReported>((resolve, reject) => {
    heard.set(key, { resolve, reject });
  });
  keep([...all, { task, by, key, body }]);
  void send();
  return answer;
}

/** What the server has not heard yet; while a page looks, it is told again. */
export function useReports(): readonly Report[] {
  const { data: here } = useSession();
  const code = here?.code ?? "";
  useEffect(() => {
    sender = code;
    void send();
    const again = () => void send();
    window.addEventListener("online", again);
    return () => window.removeEventListener("online", again);
  }, [code]);
  return useSyncExternalStore(listen, () => all).filter((one) => one.by === code);
}
