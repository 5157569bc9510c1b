import type { ReactNode } from "react";

/** A table of figures that may be wider than a phone: it scrolls by itself, by keyboard too. */
export function Wide({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse
    <section className="wide" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
