import { expect, test } from "./demo";

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
