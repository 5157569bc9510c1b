import { asked, expect, test } from "./demo";

interface Pages {
  pages: { code: string; retired_at: string | null; visits: number }[];
}

test("a page is filled in beside its preview, visited by ad, withdrawn and published again", async ({
  page,
  as,
  demo,
}) => {
  await as("operator");
  await page.goto("/content/pages");
  await page.getByRole("button", { name: "新建页面" }).click();
  const drawer = page.getByRole("dialog");
  await drawer.getByLabel("从类型开始").click();
  await page.getByTitle("卡包", { exact: true }).click();
  const phone = page.frameLocator("iframe.page-phone");
  await expect(phone.getByRole("heading", { name: "我的卡包" })).toBeVisible();
  const preview = drawer.getByRole("region", { name: "手机预览" });
  await preview.getByText("英文", { exact: true }).click();
  await expect(phone.getByRole("heading", { name: "My wallet" })).toBeVisible();
  await preview.getByText("陌生人").click();
  await expect(phone.getByText("Open the link in the message")).toBeVisible();

  await drawer.getByLabel(/^编码( \*)?$/).fill("story-wallet");
  await drawer.getByText("文本", { exact: true }).click();
  const text = drawer.getByRole("textbox", { name: "页面的文本" });
  await text.fill("page: story-wallet\nkind: walet\ntitle: {zh: 卡包, en: Wallet}  # ours\n");
  await expect(drawer.getByText(/可写 booking, entry, reserve, survey, wallet/)).toBeVisible();
  await expect(drawer.getByRole("button", { name: /^保\s?存$/ })).toBeDisabled();
  await drawer.getByText("表单", { exact: true }).click();
  await expect(drawer.getByText(/可写 booking, entry, reserve, survey, wallet/)).toBeVisible();
  await drawer.getByLabel("类型", { exact: true }).click();
  await page.getByTitle("卡包", { exact: true }).last().click();
  await drawer.getByLabel("标题 中文").fill("故事卡包");
  await expect(drawer.getByText("可以保存")).toBeVisible();
  await drawer.getByRole("button", { name: /^保\s?存$/ }).click();
  await expect(page.getByText("「故事卡包」已发布")).toBeVisible();
  const row = page.getByRole("row", { name: /story-wallet/ });
  await expect(row).toContainText("已发布");

  const opened = await page.request.get(`${demo.url}/p/story-wallet?utm_source=story-ad`, {
    headers: { "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)" },
  });
  expect(opened.status()).toBe(200);
  await expect
    .poll(async () => {
      const { pages } = await asked<Pages>(page, demo, "GET", "/api/v1/pages");
      return pages.find((one) => one.code === "story-wallet")?.visits;
    })
    .toBe(1);
  await row.getByRole("button", { name: "地址与来源" }).click();
  await expect(page.getByRole("dialog")).toContainText("story-ad");
  await page.getByLabel("来源 utm_source").fill("抖音");
  await expect(page.locator(".page-url")).toContainText("utm_source=%E6%8A%96%E9%9F%B3");
  await page.keyboard.press("Escape");

  await row.getByRole("button", { name: /^下\s?线$/ }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^下\s?线$/ })
    .click();
  await expect(row).toHaveCount(0);
  const gone = await page.request.get(`${demo.url}/p/story-wallet`);
  expect(gone.status()).toBe(404);
  await page.getByText("包括已下线").click();
  await row.getByRole("button", { name: "重新发布" }).click();
  await expect(row).toContainText("已发布");
  expect((await page.request.get(`${demo.url}/p/story-wallet`)).status()).toBe(200);
});
