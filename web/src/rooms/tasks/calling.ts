import { useEffect, useRef, useState } from "react";
import { type Failure, useAct } from "@/api/client";
import type { SchemaNext, SchemaReported, SchemaTask } from "@/api/schema";
import { useSession } from "@/api/session";
import { ASKED_AGAIN, type Outcome } from "./outcomes";
import { report } from "./reports";

export interface Last {
  task: SchemaTask;
  told: SchemaReported;
}

/** The work of a call desk: take one, hear how it ended, take the next. */
export function useCalling(staff: string) {
  const { data: here } = useSession();
  const [next, setNext] = useState<SchemaNext | null>(null);
  const [heldUntil, setHeldUntil] = useState(0);
  const [asked, setAsked] = useState<Outcome | null>(null);
  const [sending, setSending] = useState<Outcome | null>(null);
  const [over, setOver] = useState(false);
  const [last, setLast] = useState<Last | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [matching, setMatching] = useState<SchemaTask | null>(null);
  const [note, setNote] = useState("");
  const begun = useRef(0);

  const taking = useAct("post", "/api/v1/tasks/next", {
    onSuccess: (found) => {
      if (found.task?.id !== next?.task?.id) {
        begun.current = Date.now();
        setNote("");
      }
      setNext(found);
      setOver(false);
      setHeldUntil(Date.now() + found.hold_seconds * 1000);
    },
  });
  const take = () => {
    setMatching(null);
    setAsked(null);
    setFailure(null);
    taking.mutate({ body: { staff, kind: "call", by: "" } });
  };

  const send = (outcome: Outcome) => {
    const task = next?.task;
    if (!task || sending) return;
    const minutes = Math.min(600, Math.max(1, Math.round((Date.now() - begun.current) / 60_000)));
    const body = { outcome, minutes, note, staff: "", by: "" };
    const answer = report(task.id, here?.code ?? "", body);
    if (!answer) return;
    setAsked(null);
    setFailure(null);
    setSending(outcome);
    answer
      .then((told) => {
        setLast({ task, told });
        setOver(true);
        if (outcome === "already_added") setMatching(task);
        else take();
      })
      .catch((error: Failure) => setFailure(error))
      .finally(() => setSending(null));
  };

  const press = (outcome: Outcome) => {
    if (!next?.task || sending || matching || failure) return;
    if (taking.isPending || over) return;
    if (ASKED_AGAIN.includes(outcome)) setAsked(outcome);
    else send(outcome);
  };

  return {
    next,
    /** The customer on the screen has been reported; the next one is on the way. */
    over,
    heldUntil,
    take,
    taking: taking.isPending,
    refused: taking.error,
    asked,
    sure: () => asked && send(asked),
    leave: () => setAsked(null),
    press,
    sending,
    last,
    failure,
    matching,
    note,
    setNote,
  };
}

export type Calling = ReturnType<typeof useCalling>;

/** Keys of the page, not of whatever somebody writes in, and none while a dialog is open. */
export function useKeys(pressed: (event: KeyboardEvent) => void): void {
  const current = useRef(pressed);
  current.current = pressed;
  useEffect(() => {
    const heard = (event: KeyboardEvent) => {
      const written = "input, textarea, select, [contenteditable], [role=dialog]";
      if (event.target instanceof Element && event.target.closest(written)) return;
      current.current(event);
    };
    window.addEventListener("keydown", heard);
    return () => window.removeEventListener("keydown", heard);
  }, []);
}
