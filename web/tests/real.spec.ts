import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { test as base, expect } from "./demo";
import { holds } from "./looks";
import { brandOf, type Demo } from "./server";

type Both = { zh: string; en: string };
type Listed = { reports: { name: string; title: Both; inputs: { name: string }[] }[] };

// The public file, and the day of its last order. `make real` takes the large one: minutes.
const [FOLDER, LARGE] = [process.env.SIYU_SAMPLE_DATA ?? "", process.env.REAL === "large"];
const FILE = join(FOLDER, LARGE ? "online_retail_2010-12_2011-08.csv.gz" : "cdnow_sample.csv");
const MAPPING = LARGE ? "online-retail.yaml" : "cdnow.yaml";
const LAST = LARGE ? "2011-08-31" : "1998-06-30";
const SHOTS = LARGE ? "shots/retail" : "shots/real";
// What lives on touches and friends alone: no day of the file would help.
const OF_TOUCHES = ["channels", "content", "health", "trust"];
const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 780 };
// What a file of orders is enough for; the others may say what they lack.
const OF_ORDERS = ["totals", "cohorts", "repurchase", "rfm", "value", "lapsed", "members", "store"];

/** A brand that has brought in one public file, and nothing else. */
const test = base.extend<object, { brand: Demo }>({
  brand: [
    async ({}, use) => {
      const { found, stop } = await brandOf(FILE, MAPPING);
      await use(found);
      stop();
    },
    { scope: "worker", timeout: LARGE ? 900_000 : 300_000 },
  ],
  demo: async ({ brand }, use) => use(brand),
  baseURL: async ({ brand }, use) => use(brand.url),
});
test.describe.configure({ mode: "default" }); // one after another, so that one such brand will do
test.skip(!existsSync(FILE), "needs the sample data: SIYU_SAMPLE_DATA names their folder");

test("every report on a real file answers, or says why not, in both languages", async ({
  page,
  as,
}) => {
  test.setTimeout(LARGE ? 900_000 : 270_000);
  await as("owner");
  await page.goto("/reports/figures");
  const { reports }: Listed = await (await page.request.get("/api/v1/reports/figures")).json();
  await expect(page.locator(".report-list a")).toHaveCount(reports.length);
  await holds(page);
  await page.screenshot({ path: `${SHOTS}-reports-zh.png`, fullPage: true });
  for (const { name, title, inputs } of reports) {
    await page.getByRole("link", { name: title.zh }).click(); // as of today, years behind it
    await says(page, /[\u4e00-\u9fff]/);
    const end = inputs.find((one) => ["until", "as_of"].includes(one.name));
    if (end) {
      if (!OF_TOUCHES.includes(name)) await expect(page.locator("main")).toContainText(LAST);
      await page.goto(`/reports/figures/${name}?${end.name}=${LAST}`);
    }
    const answered = await says(page, /[\u4e00-\u9fff]/);
    expect(answered || !OF_ORDERS.includes(name), name).toBe(true);
    await page.screenshot({ path: `${SHOTS}-${name}-zh.png`, fullPage: true });
    await page.getByRole("button", { name: "切换到英文" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(title.en);
    await says(page, /^[^\u4e00-\u9fff]+$/);
    await page.screenshot({ path: `${SHOTS}-${name}-en.png`, fullPage: true });
    await page.setViewportSize(PHONE);
    await holds(page);
    await page.setViewportSize(WIDE);
    await page.getByRole("button", { name: "Switch to Chinese" }).click();
    await page.goto("/reports/figures");
  }
});

/** A sentence stands there, with its figures; or, instead of it, why there is none. */
async function says(page: Page, words: RegExp): Promise<boolean> {
  const answer = page.locator(".report-answer");
  const refused = page.locator("main .ant-empty");
  await answer.or(refused).first().waitFor({ timeout: 60_000 }); // it may be worked out just then
  const answered = await answer.isVisible();
  await expect((answered ? answer : refused).first()).toHaveText(words);
  if (answered) {
    await expect(page.locator("main tr.ant-table-row").or(refused).first()).toBeVisible();
    for (const chart of await page.locator("main [role=img]").all())
      await expect(chart.locator("svg")).toBeVisible();
  }
  await holds(page);
  return answered;
}
