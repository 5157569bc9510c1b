import { useReducer } from "react";

/** The texts before this one, and those that were taken back: each is kept whole. */
export interface History {
  past: readonly string[];
  ahead: readonly string[];
  tag: string; // what the latest change was about: typing on in one field is one change
  at: number; // and when it was, in milliseconds
}

export const NONE: History = { past: [], ahead: [], tag: "", at: 0 };
const MOST = 200;
const PAUSE = 1500; // behind it typing on is another change

type Act =
  | { kind: "put"; text: string; tag: string; at: number }
  | { kind: "undo" | "redo"; text: string };

/** `text` is always what stands there before the act. */
export function acted(history: History, act: Act): History {
  const { past, ahead, tag } = history;
  switch (act.kind) {
    case "put":
      if (act.tag && act.tag === tag && act.at - history.at < PAUSE)
        return { ...history, ahead: [], at: act.at };
      return { past: [...past, act.text].slice(-MOST), ahead: [], tag: act.tag, at: act.at };
    case "undo":
      if (!past.length) return history;
      return { ...NONE, past: past.slice(0, -1), ahead: [act.text, ...ahead] };
    case "redo":
      if (!ahead.length) return history;
      return { ...NONE, past: [...past, act.text], ahead: ahead.slice(1) };
  }
}

export interface Undoing {
  put: (next: string, tag?: string) => void;
  undo: (() => void) | null;
  redo: (() => void) | null;
}

/** Changes of a text that can be taken back, whichever view made them. */
export function useHistory(text: string, write: (text: string) => void): Undoing {
  const [history, act] = useReducer(acted, NONE);
  const [before] = history.past.slice(-1);
  const [after] = history.ahead;
  return {
    put: (next, tag = "") => {
      if (next === text) return;
      act({ kind: "put", text, tag, at: performance.now() });
      write(next);
    },
    undo:
      before === undefined
        ? null
        : () => {
            act({ kind: "undo", text });
            write(before);
          },
    redo:
      after === undefined
        ? null
        : () => {
            act({ kind: "redo", text });
            write(after);
          },
  };
}
