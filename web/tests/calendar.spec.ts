import { expect, inEnglish, test } from "./demo";
import { planned } from "./pages/calendar";

test("the calendar has what goes out, what ends and the lunar festival, and leads to each", async ({
  page,
  as,
  demo,
}) => {
  await planned(page, demo);
  await as("operator");
  await page.goto("/journeys/calendar?day=2026-09-20");
  const day = (date: string) => page.locator(`[data-day="${date}"]`);
  await expect(page.getByRole("heading", { name: "2026 年 9 月" })).toBeVisible();
  await expect(day("2026-09-25")).toContainText("中秋节");
  await expect(day("2026-09-22")).toContainText("20:00 周一护肤课堂 · 等这一天的人往下走");
  await expect(day("2026-09-26")).toContainText("素材最后一天：中秋问候");
  for (const monday of ["07", "14", "21", "28"])
    await expect(day(`2026-09-${monday}`)).toContainText("10:00 周一护肤课堂");

  await page.getByLabel("显示").click();
  await page.getByTitle("节日", { exact: true }).click();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/kinds=festival/);
  await expect(day("2026-09-21")).not.toContainText("周一护肤课堂");
  await expect(day("2026-09-10")).toContainText("教师节");

  await page.getByRole("button", { name: "往后" }).click();
  await expect(page.getByRole("heading", { name: "2026 年 10 月" })).toBeVisible();
  await expect(day("2026-10-18")).toContainText("重阳节");
});

test("a week is a week, and an entry opens its journey", async ({ page, as, demo }) => {
  await inEnglish(page);
  await planned(page, demo);
  await as("operator");
  await page.goto("/journeys/calendar?day=2026-09-24&view=week");
  await expect(page.locator("[data-day]")).toHaveCount(7);
  await page.getByRole("link", { name: /10:00 Monday skin class/ }).click();
  await expect(page).toHaveURL(/journeys\/gate-mondays/);
});
