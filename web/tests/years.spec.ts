import { readFileSync } from "node:fs";
import type { Download, Page } from "@playwright/test";
import { test as base, expect } from "./demo";
import { axe, holds } from "./looks";
import { type Demo, town } from "./server";

type Both = { zh: string; en: string };
type Listed = { reports: { name: string; title: Both }[] };
type Told = {
  report: {
    answer: Both;
    definition: Both;
    population: Both;
    period: { first: string | null; last: string | null };
    tables: { name: string; all_rows: number }[];
  };
};

/** At a brand that has had its customers for more than a year: made when the first of these needs it. */
const test = base.extend<object, { years: Demo }>({
  years: [
    async ({}, use) => {
      const { found, stop } = await town();
      await use(found);
      stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  demo: async ({ years }, use) => use(years),
  baseURL: async ({ years }, use) => use(years.url),
});
test.describe.configure({ mode: "default" }); // one after another, so that one such brand will do

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 780 };
const MORE_ROWS = "tr.ant-table-row ~ tr.ant-table-row ~ tr.ant-table-row"; // are as those before

test("every report answers, in both languages, on a desk and on a phone", async ({ page, as }) => {
  test.slow();
  await as("owner");
  await page.goto("/reports/figures");
  const { reports }: Listed = await (await page.request.get("/api/v1/reports/figures")).json();
  expect(reports).toHaveLength(18);
  const heading = page.getByRole("heading", { level: 1 });
  for (const { name, title } of reports) {
    const answer = page.locator(".report-answer");
    const shown = async (kind: string, fullPage: boolean) => {
      await expect(answer).toBeVisible();
      await holds(page);
      if (!fullPage) await answer.evaluate(toTheTop);
      await page.screenshot({ path: `shots/report-${name}-${kind}.png`, fullPage });
    };
    await page.getByRole("link", { name: title.zh }).click();
    await expect(heading).toHaveText(title.zh);
    await answer.waitFor();
    for (const chart of await page.locator("main [role=img]").all())
      await expect(chart.locator("svg")).toBeVisible();
    const found = await axe(page).include("#main").exclude(MORE_ROWS).analyze();
    expect(found.violations.filter((one) => one.impact !== "minor")).toEqual([]);
    await shown("zh", true);
    await page.setViewportSize(PHONE);
    await shown("zh-phone", false);
    await page.setViewportSize(WIDE);

    await page.getByRole("button", { name: "切换到英文" }).click();
    await expect(heading).toHaveText(title.en);
    await shown("en", true);
    await page.setViewportSize(PHONE);
    await page.emulateMedia({ colorScheme: "dark" });
    await shown("en-phone", false);
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: "light" });
    await page.getByRole("button", { name: "Switch to Chinese" }).click();
    await page.goBack();
  }
});

test("where too little is known a report says so, and shows no figure", async ({ page, as }) => {
  await as("owner");
  await page.goto("/reports/figures/value?until=2025-11-01");
  await expect(page.locator("main .ant-empty")).toContainText("数据太少");
  await expect(page.locator(".report-answer, .panel [role=img]")).toHaveCount(0);
  await page.screenshot({ path: "shots/report-value-refused-zh.png" });

  await page.goto("/reports/figures/lapsed?as_of=2025-11-01");
  await expect(page.locator(".report-answer")).toContainText("没有人流失");
});

test("a page that was taken along is whole without a network", async ({ page, as }, info) => {
  await as("owner");
  await page.goto("/reports/figures/payback");
  await page.locator(".report-answer").waitFor();
  const { report }: Told = await (await page.request.get("/api/v1/reports/figures/payback")).json();
  const path = info.outputPath("payback.html");
  await (await taken(page, page.getByRole("link", { name: "下载网页" }))).saveAs(path);

  await page.context().setOffline(true);
  await page.goto(`file://${path}`);
  const curve = page.getByRole("img", { name: "毛利 ÷ 成本" }).locator("svg");
  expect(await curve.locator("path").count()).toBeGreaterThan(10);
  await expect(page.locator(".says")).toHaveText(report.answer.zh);
  const under = page.locator(".says").locator("xpath=preceding-sibling::p");
  for (const part of [report.period.last ?? "", report.population.zh, "统计于 2026-11-29"])
    await expect(under).toContainText(part);
  await expect(page.locator("main")).toContainText(report.definition.zh);
  await page.screenshot({ path: "shots/report-payback-taken-along.png" });
});

test("the files of a report hold what its page shows", async ({ page, as }) => {
  await as("owner");
  await page.goto("/reports/figures/lapsed");
  const rows = page.locator(".panel", { hasText: "90 天内回购概率" }).locator("tr.ant-table-row");
  await rows.first().waitFor();
  const csv = await taken(page, page.getByRole("link", { name: "下载 CSV" }));
  const blocks = readFileSync(await csv.path(), "utf8")
    .slice(1)
    .split("\r\n\r\n");
  const tables = blocks.map((one) => one.split("\r\n")); // each below its title and its heads
  const [, , ...lines] = tables.find(([, heads]) => heads?.includes("90 天内回购概率")) ?? [];
  expect(blocks[0]).toContain("结论");
  expect(lines.length).toBe(await rows.count());
  for (const [place, line] of lines.entries())
    await expect(rows.nth(place)).toContainText(/20\d\d-\d\d-\d\d/.exec(line)?.[0] ?? "?");

  const png = await taken(page, page.getByRole("button", { name: "下载图片" }).first());
  const picture = readFileSync(await png.path());
  expect(picture.subarray(1, 4).toString()).toBe("PNG");
  expect(picture.readUInt32BE(16)).toBe(2400);
  expect(picture.length).toBeGreaterThan(20_000); // something is drawn
});

/** Below the bar that stays at the top. */
function toTheTop(one: Element): void {
  window.scrollBy(0, one.getBoundingClientRect().top - 140);
}

async function taken(page: Page, by: ReturnType<Page["locator"]>): Promise<Download> {
  const waiting = page.waitForEvent("download");
  await by.click();
  return waiting;
}
