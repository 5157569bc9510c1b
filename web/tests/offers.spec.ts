import { expect, inEnglish, test } from "./demo";
import { withOffers } from "./offers";

test("pieces of a store are made fewer only after what that means was said, and never below what is taken", async ({
  page,
  as,
  demo,
}) => {
  await withOffers(page, demo);
  await as("owner");
  await page.goto("/content/offers");
  await page.getByLabel("按名称或编码查找").fill("精华");
  await expect(page.getByRole("row", { name: /精华小样/ })).toContainText("剩余 41");
  await page.getByRole("link", { name: /精华小样/ }).click();

  const pieces = page.getByRole("region", { name: "份数" });
  const west = pieces.getByRole("row", { name: /west/ });
  await expect(west).toContainText("10");
  await west.getByRole("button", { name: /^修\s?改$/ }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("份数").fill("5");
  await form.getByRole("button", { name: /^保\s?存$/ }).click();
  await expect(form.getByText("至少 6：这么多已经占用")).toBeVisible();
  await form.getByLabel("份数").fill("8");
  await form.getByRole("button", { name: /^保\s?存$/ }).click();
  const sure = page.getByRole("dialog", { name: "确认减少「west」？" });
  await expect(sure).toContainText("10 份改为 8 份。已占用的 6 份不受影响，只剩 2 份可以再给");
  await expect(sure).toContainText("新的预约会很快被拒绝");
  await sure.getByRole("button", { name: "确认减少" }).click();
  await expect(west).toContainText("8");
  await page.getByRole("button", { name: /撤\s?销/ }).click();
  await expect(west).toContainText("10");

  const got = page.getByRole("region", { name: "预约与承诺" });
  await got.getByLabel("状态").click();
  await page.getByTitle("已确认", { exact: true }).click();
  await expect(page).toHaveURL(/state=committed/);
  await expect(got.locator("tbody tr.ant-table-row")).toHaveCount(6);
  await got.getByRole("link").first().click();
  await expect(page).toHaveURL(/customers\/cus_/);
});

test("codes are brought in, and rows that are none are named by their line", async ({
  page,
  as,
  demo,
}) => {
  await inEnglish(page);
  await withOffers(page, demo);
  await as("owner");
  await page.goto("/content/offers/story-coupon");
  await page.getByRole("button", { name: "Bring codes in" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.locator("input[type=file]").setInputFiles({
    name: "codes.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("code\nAAAA1111\nx\nBBBB2222\nAAAA1111\n"),
  });
  await expect(dialog.getByRole("status")).toContainText("2 codes are new, 0 were there before");
  await expect(dialog.getByRole("row", { name: /3 code is no code/ })).toBeVisible();
  await expect(dialog.getByRole("row", { name: /5 code stands in an earlier line/ })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("region", { name: "Pieces" })).toContainText("Left 2");
});
