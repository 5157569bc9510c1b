import { expect, test } from "./demo";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

test("a Moment is looked at with whom it asks, made, and listed", async ({ page, as }) => {
  await as("operator");
  await page.goto("/journeys/moments");
  await page.getByRole("button", { name: "写一条" }).click();
  const drawer = page.getByRole("dialog");
  await drawer.getByLabel("文字").fill("今日上新：羊绒围巾");
  await drawer
    .locator("input[type=file]")
    .setInputFiles({ name: "new.png", mimeType: "image/png", buffer: PNG });
  await expect(drawer.locator(".ant-upload-list-item")).toHaveCount(1);
  await drawer.getByRole("button", { name: /预\s?览/ }).click();
  await expect(drawer.getByText(/将请 \d+ 位员工发表/)).toBeVisible();
  await expect(drawer.getByText("全部好友可见")).toBeVisible();

  await drawer.getByRole("button", { name: "请员工发表" }).click();
  await expect(page.getByText("员工会在企业微信收到任务")).toBeVisible();
  const row = page.getByRole("row", { name: /今日上新/ });
  await expect(row).toContainText(/创建中|待发表/);
  await expect(row).toContainText("1 个图片或视频");
});
