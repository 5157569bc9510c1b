import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect } from "./demo";

/** What holds of every page in any language and at any width. */
export async function holds(page: Page): Promise<void> {
  await fits(page);
  await spoken(page);
}

/** Nothing makes the page wider than its window. */
export async function fits(page: Page): Promise<void> {
  const over = () => document.documentElement.scrollWidth - window.innerWidth;
  // what measures its room itself is drawn anew a moment after that has changed
  await expect
    .poll(() => page.evaluate(over), "the page is wider than its window by so many pixels")
    .toBeLessThanOrEqual(0);
}

/** No key without words, no code of the engine where a person reads. */
async function spoken(page: Page): Promise<void> {
  const strays = await page.evaluate(() => {
    const CODE = /^[a-z]+([_.][a-z]+)+$/;
    const FILE = /\.(csv|xlsx)$/; // people name these
    const raw = "code, pre, textarea, .cm-editor, [data-raw]";
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const wrong: string[] = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const said = node.textContent?.trim() ?? "";
      const inRaw = node.parentElement?.closest(raw);
      if (/⟦|⟧|\[object |undefined|NaN/.test(said)) wrong.push(said);
      else if (!inRaw && CODE.test(said) && !FILE.test(said)) wrong.push(said);
    }
    return wrong;
  });
  expect(strays, "untranslated").toEqual([]);
}

const WCAG = ["wcag2a", "wcag2aa", "wcag21aa"];

/** Axe finds nothing serious; `rules` empty: all of WCAG 2.1 AA. */
export async function accessible(page: Page, name: string, rules: string[] = []): Promise<void> {
  const { violations } = await (rules.length
    ? axe(page).withRules(rules)
    : axe(page).withTags(WCAG)
  ).analyze();
  const serious = violations
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .map((one) => {
      const places = one.nodes.slice(0, 3).map((node) => node.html);
      return `${one.id}: ${places.join(" | ")}`;
    });
  expect(serious, `axe on ${name}`).toEqual([]);
}

/** The console has no frames: one run in the page itself, and only what is wrong is told in full. */
export function axe(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
}
