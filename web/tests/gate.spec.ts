import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Cookie, Page } from "@playwright/test";
import { test as base, expect, type Role, signIn } from "./demo";
import { accessible, fits, holds } from "./looks";
import type { Looked } from "./page";
import { demo } from "./server";

const PAGES = fileURLToPath(new URL("./pages", import.meta.url));
const SHOTS = fileURLToPath(new URL("../shots", import.meta.url));
const WIDE = { width: 1280, height: 800 };
const WIDER = { width: 1920, height: 1080 };
const PHONE = { width: 360, height: 780 };

const found = await Promise.all(
  readdirSync(PAGES).map((file) => import(`./pages/${file}`) as Promise<{ pages: Looked[] }>),
);
const all = found.flatMap((one) => one.pages);

/** One window for all pages that a worker looks at: it keeps the console's files, and who signed in. */
const test = base.extend<object, { kept: BrowserContext }>({
  kept: [
    async ({ browser }, use, { project }) => {
      const { viewport, locale, timezoneId, contextOptions, actionTimeout } = project.use;
      const looks = { viewport, locale, timezoneId, ...contextOptions };
      const context = await browser.newContext({ ...looks, baseURL: demo(project.name).url });
      context.setDefaultTimeout(actionTimeout ?? 0);
      await use(context);
      await context.close();
    },
    { scope: "worker" },
  ],
  context: async ({ kept }, use) => use(kept),
  page: async ({ page }, use) => {
    await use(page);
    await page.close();
  },
  as: async ({ page, context, demo }, use) => {
    await use(async (role) => {
      await context.clearCookies();
      const known = signedIn.get(role);
      if (known) return context.addCookies(known);
      await signIn(page, demo, role);
      signedIn.set(role, await context.cookies());
    });
  },
});
const signedIn = new Map<Role, Cookie[]>();

// A page is loaded wide in Chinese and narrow in English, and takes the other width and the dark as
// it stands: so each is seen both ways, and nothing is loaded twice.
for (const looked of all) {
  test(`page ${looked.name} fits, is spoken, is accessible`, async ({ page, as, demo }) => {
    test.slow();
    await as(looked.as ?? "operator");
    const path = typeof looked.path === "string" ? looked.path : await looked.path(page, demo);
    const shot = (kind: string) => page.screenshot({ path: `${SHOTS}/${looked.name}-${kind}.png` });

    await inLanguage(page, "zh");
    await page.setViewportSize(WIDE);
    await open(page, path, looked);
    await holds(page);
    await accessible(page, looked.name);
    await shot("zh");
    await page.setViewportSize(WIDER);
    await fits(page);
    if (looked.phone) {
      await page.setViewportSize(PHONE);
      await holds(page);
      await accessible(page, looked.name);
      await shot("zh-phone");
    }

    await inLanguage(page, "en");
    if (looked.phone) {
      await open(page, path, looked);
      await holds(page);
      await shot("en-phone");
      await page.setViewportSize(WIDE);
    } else {
      await page.setViewportSize(WIDE);
      await open(page, path, looked);
    }
    await holds(page);
    await shot("en");
    await page.setViewportSize(WIDER);
    await fits(page);

    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: "dark" });
    await accessible(page, looked.name, ["color-contrast"]);
    await shot("dark");
  });
}

test("the sign-in page fits, is spoken and is accessible, on a phone too", async ({ page }) => {
  const looked: Looked = { name: "sign-in", path: "/" };
  await page.context().clearCookies();
  await inLanguage(page, "zh");
  for (const size of [WIDE, PHONE]) {
    await page.setViewportSize(size);
    await page.goto("/");
    await page.getByRole("button", { name: "登录" }).waitFor();
    await holds(page);
    await accessible(page, looked.name);
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

/** From the next load on. */
async function inLanguage(page: Page, language: "zh" | "en"): Promise<void> {
  await page.addInitScript((one) => localStorage.setItem("siyu.language", one), language);
}
