import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

const WCAG = ["wcag2a", "wcag2aa", "wcag21aa"];

/** What axe finds serious or worse; `rules` empty: all of WCAG 2.1 AA. `within`: a part of the page. */
export async function serious(page: Page, rules: string[] = [], within = ""): Promise<string[]> {
  // the console has no frames: one run in the page, and only what is wrong is told in full
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
  if (within) axe.include(within);
  const { violations } = await (rules.length ? axe.withRules(rules) : axe.withTags(WCAG)).analyze();
  return violations
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .map((one) => {
      const places = one.nodes.slice(0, 3).map((node) => node.html);
      return `${one.id}: ${places.join(" | ")}`;
    });
}
