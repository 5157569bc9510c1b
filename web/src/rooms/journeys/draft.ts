import { useCallback, useState } from "react";

/** A text that is being written, and the latest version that its writer has seen. */
export interface Draft {
  text: string;
  base: number;
}

const key = (code: string) => `siyu.draft.${code}`;

export function kept(code: string, store: Pick<Storage, "getItem"> = localStorage): Draft | null {
  try {
    const found = JSON.parse(store.getItem(key(code)) ?? "null") as Partial<Draft> | null;
    if (typeof found?.text !== "string" || typeof found.base !== "number") return null;
    return { text: found.text, base: found.base };
  } catch {
    return null;
  }
}

/** The draft of a journey, kept in this browser until it is published or discarded. */
export function useDraft(code: string): [Draft | null, (draft: Draft | null) => void] {
  const [draft, set] = useState(() => kept(code));
  const keep = useCallback(
    (next: Draft | null) => {
      set(next);
      try {
        if (next) localStorage.setItem(key(code), JSON.stringify(next));
        else localStorage.removeItem(key(code));
      } catch {
        // a full store keeps nothing: the text is still on the page
      }
    },
    [code],
  );
  return [draft, keep];
}
