import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./demo";
import type { Looked } from "./page";

const PAGES = fileURLToPath(new URL("./pages", import.meta.url));
const SHOTS = fileURLToPath(new URL("../shots", import.meta.url));
const WIDE = { width: 1280, height: 800 };
const WIDER = { width: 1920, height: 1080 };
const PHONE = { width: 360, height: 780 };

const found = await Promise.all(
  readdirSync(PAGES).map((file) => import(`./pages/${file}`) as Promise<{ pages: Looked[] }>),
);
const all = found.flatMap((one) => one.pages);

for (const looked of all) {
  test(`page ${looked.name} fits, is spoken, is accessible`, async ({ page, as, demo }) => {
    test.slow();
    await as(looked.as ?? "operator");
    const path = typeof looked.path === "string" ? looked.path : await looked.path(page, demo);
    for (const language of ["zh", "en"] as const) {
      await page.setViewportSize(WIDE);
      await open(page, path, looked);
      await holds(page, looked, language);
      await page.screenshot({ path: `${SHOTS}/${looked.name}-${language}.png` });
      await page.setViewportSize(WIDER);
      await fits(page);
      if (looked.phone) {
        await page.setViewportSize(PHONE);
        await open(page, path, looked);
        await holds(page, looked, language);
        await page.screenshot({ path: `${SHOTS}/${looked.name}-${language}-phone.png` });
      }
      await page.evaluate(() => localStorage.setItem("siyu.language", "en"));
    }
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: "dark" });
    await open(page, path, looked);
    await accessible(page, looked, ["color-contrast"]);
    await page.screenshot({ path: `${SHOTS}/${looked.name}-dark.png` });
  });
}

test("the sign-in page fits, is spoken and is accessible, on a phone too", async ({ page }) => {
  const signIn: Looked = { name: "sign-in", path: "/" };
  for (const size of [WIDE, PHONE]) {
    await page.setViewportSize(size);
    await page.goto("/");
    await page.getByRole("button", { name: "登录" }).waitFor();
    await holds(page, signIn, "zh");
  }
  await page.screenshot({ path: `${SHOTS}/sign-in-zh-phone.png` });
});

async function open(page: Page, path: string, looked: Looked): Promise<void> {
  await page.goto(path);
  const ready = page.locator(looked.ready ?? "h1");
  await ready.first().waitFor();
  const coming = page.locator(".ant-skeleton, [data-soon], [data-busy=true]");
  await expect(coming).toHaveCount(0);
  await looked.before?.(page);
}

/** What is drawn is the same in both languages: how it is marked up is looked at in one of them. */
async function holds(page: Page, looked: Looked, language: "zh" | "en"): Promise<void> {
  await fits(page);
  await spoken(page);
  if (language === "zh") await accessible(page, looked);
}

/** Nothing makes the page wider than its window. */
async function fits(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(over, "the page is wider than its window by so many pixels").toBeLessThanOrEqual(0);
}

/** No key without words, no code of the engine where a person reads. */
async function spoken(page: Page): Promise<void> {
  const strays = await page.evaluate(() => {
    const raw = "code, pre, textarea, .cm-editor, [data-raw]";
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const wrong: string[] = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const said = node.textContent?.trim() ?? "";
      const inRaw = node.parentElement?.closest(raw);
      if (/⟦|⟧|\[object |undefined|NaN/.test(said)) wrong.push(said);
      else if (!inRaw && /^[a-z]+(_[a-z]+)+$/.test(said)) wrong.push(said);
    }
    return wrong;
  });
  expect(strays, "untranslated").toEqual([]);
}

async function accessible(page: Page, looked: Looked, rules: string[] = []): Promise<void> {
  const axe = new AxeBuilder({ page });
  const asked = rules.length
    ? axe.withRules(rules)
    : axe.withTags(["wcag2a", "wcag2aa", "wcag21aa"]);
  const { violations } = await asked.analyze();
  const serious = violations
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .map(
      (one) =>
        `${one.id}: ${one.nodes
          .map((node) => node.html)
          .slice(0, 3)
          .join(" | ")}`,
    );
  expect(serious, `axe on ${looked.name}`).toEqual([]);
}
