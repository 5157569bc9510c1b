import { expect, test } from "./demo";

test("staff sign in with WeCom and are on the page they asked for", async ({ page, demo }) => {
  const guide = demo.accounts.find((one) => one.role === "guide")?.code ?? "";
  await page.goto("/tasks?staff=");
  await page.getByRole("link", { name: "用企业微信登录" }).click();
  await page.getByRole("link", { name: guide, exact: true }).click(); // WeCom's own page
  await expect(page.getByRole("heading", { name: "我的待办" })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/tasks");
  expect(page.url().startsWith(demo.url)).toBe(true);
});
