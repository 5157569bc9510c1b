import { readFileSync } from "node:fs";
import { expect, test } from "./demo";

type Funnel = {
  report: {
    sources: {
      in_scope: { buyers: number; friends: number };
      steps: { step: string; adds: number; people: number }[];
    }[];
  };
};

test("the funnel shows the figures of the API, and says what they mean", async ({ page, as }) => {
  await as("owner");
  await page.goto("/reports");
  // the demo goes on living: what is compared is one answer with what was drawn from it
  await expect(async () => {
    const told = page.waitForResponse((one) => one.url().includes("/api/v1/reports/cascade"));
    await page.reload();
    const { report }: Funnel = await (await told).json();
    const [source] = report.sources;
    const sms = source?.steps.find((one) => one.step === "sms");
    const answer = page.locator(".report-answer");
    await expect(answer).toContainText(`范围内 ${source?.in_scope.buyers} 位买家`, {
      timeout: 3000,
    });
    await expect(answer).toContainText(`${source?.in_scope.friends} 位加为好友`, { timeout: 100 });
    const row = page.getByRole("row", { name: /^短信/ }).getByRole("cell");
    await expect(row.nth(1)).toHaveText(String(sms?.people), { timeout: 100 });
    await expect(row.nth(2)).toHaveText(String(sms?.adds), { timeout: 100 });
  }).toPass();
  await expect(page.getByRole("img", { name: "漏斗：人数" })).toBeVisible();

  await page.getByRole("button", { name: "口径" }).click();
  await expect(page.getByRole("dialog")).toContainText(
    "首单后 14 天内加为好友的人数 ÷ 范围内的买家",
  );
});

test("a period is part of the address, and the file holds what the page shows", async ({
  page,
  as,
}) => {
  await as("owner");
  await page.goto("/reports/withheld");
  await expect(page.locator(".report-answer")).toBeVisible();
  await page.getByRole("button", { name: "近 90 天" }).click();
  await expect(page).toHaveURL(/from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d/);
  await expect(page.locator(".report-answer")).toContainText("没有发出");

  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name: "下载 CSV" }).click();
  const file = readFileSync(await (await waiting).path(), "utf8");
  expect(file.startsWith("\ufeff")).toBe(true);
  const [head, ...rows] = file.slice(1).trimEnd().split("\r\n");
  expect(head).toBe("日期,触点,用途,原因代码,原因,触达次数");
  // the demo goes on living: what the page said a moment ago is a lower bound
  const total = rows.reduce((sum, row) => sum + Number(row.split(",").at(-1)), 0);
  const said = (await page.locator(".report-answer").textContent()) ?? "";
  const shown = Number(/有 ([\d,]+) 次没有发出/.exec(said)?.[1]?.replace(",", ""));
  expect(total).toBeGreaterThanOrEqual(shown);
  expect(total - shown).toBeLessThan(20);

  await page.goBack();
  await expect(page).not.toHaveURL(/from=/);
});

test("what a friend cost is told by step and kind", async ({ page, as }) => {
  await as("owner");
  await page.goto("/reports/cost");

  await expect(page.locator(".report-answer")).toContainText("平均每位 ¥");
  await expect(
    page
      .getByRole("row", { name: /短信条/ })
      .or(page.getByRole("row", { name: /短信/ }))
      .first(),
  ).toBeVisible();
  await expect(page.getByRole("row", { name: /^合计/ })).toContainText("¥");
});

test("a guide sees no reports", async ({ page, as }) => {
  await as("guide");
  await page.goto("/");
  await expect(page.getByRole("link", { name: "报表" })).toHaveCount(0);
});
