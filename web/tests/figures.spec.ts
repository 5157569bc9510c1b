import { expect, test } from "./demo";
import { axe, holds } from "./looks";

type Listed = { reports: { name: string; title: { zh: string; en: string } }[] };

test("every report over years answers its question, in both languages, on a phone and in the dark too", async ({
  page,
  as,
}) => {
  test.slow();
  await as("owner");
  await page.goto("/reports/figures");
  const { reports }: Listed = await (await page.request.get("/api/v1/reports/figures")).json();
  const heading = page.getByRole("heading", { level: 1 });
  for (const { name, title } of reports) {
    const shot = (kind: string, fullPage = true) =>
      page.screenshot({ path: `shots/report-${name}-${kind}.png`, fullPage });
    await page.getByRole("link", { name: title.zh }).click();
    await expect(heading).toHaveText(title.zh);
    // an answer, or in words why there is none
    await page.locator(".report-answer, .ant-empty").first().waitFor();
    for (const chart of await page.locator("main [role=img]").all())
      await expect(chart.locator("svg")).toBeVisible();
    await holds(page);
    const found = await axe(page).include("#main").analyze();
    expect(found.violations.filter((one) => one.impact !== "minor")).toEqual([]);
    await shot("zh");
    await page.getByRole("button", { name: "切换到英文" }).click();
    await expect(heading).toHaveText(title.en);
    await holds(page);
    await shot("en");
    await page.setViewportSize({ width: 360, height: 780 });
    await page.emulateMedia({ colorScheme: "dark" });
    await holds(page);
    await shot("phone", false);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: "light" });
    await page.getByRole("button", { name: "Switch to Chinese" }).click();
    await page.goBack();
  }
});

test("a report is asked anew from its form, and the address keeps what was asked", async ({
  page,
  as,
}) => {
  await as("owner");
  await page.goto("/reports/figures/repurchase");
  await page.getByLabel("首购后天数").fill("7");
  await page.getByRole("button", { name: "查询" }).click();
  await expect(page).toHaveURL(/days=7/);
  await expect(page.locator(".report-answer")).toContainText("7 天");
  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name: "下载网页" }).click();
  expect((await waiting).suggestedFilename()).toBe("siyu-repurchase.html");

  await page.goto("/reports/figures/cohorts");
  const number = page.getByRole("button", { name: /^购买人数 / }).first();
  await number.click();
  const list = page.getByRole("dialog");
  await expect(list).toContainText(/现在共 [1-9]\d* 位/);
  await expect(list.getByRole("link").first()).toHaveAttribute("href", /^\/customers\/cus_/);
  await page.screenshot({ path: "shots/report-behind-a-number-zh.png" });
});
