import type { Page } from "@playwright/test";
import { asked, expect, test } from "./demo";

const PATH = "/api/v1/connections/webhook";
const SECRET = "what the provider and we know now";
const RIGHT = "https://provider.example/siyu";

interface Member {
  code: string;
  name: string;
  role: string;
  store: string | null;
}

async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: "查看并保存" }).click();
  await page.getByRole("button", { name: /^保\s?存$/ }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
}

test.describe(() => {
  test.use({ mayComplain: /400 \(Bad Request\)/ });

  test("a connector's settings are refused at their field, kept, tested in words, and forgotten", async ({
    page,
    as,
    demo,
  }) => {
    await as("operator");
    await page.goto("/settings/connections");
    await page.getByRole("listitem").getByRole("link", { name: "自有通道" }).click();
    const url = page.getByLabel("url", { exact: true });
    const secret = page.getByLabel("secret", { exact: true });
    const test_it = page.getByRole("button", { name: "测试连接" });
    const before = await url.inputValue();
    const kept = await asked(page, demo, "GET", PATH);
    try {
      await url.fill("ftp://provider.example");
      await secret.fill(SECRET);
      await expect(test_it).toBeDisabled();
      await expect(page.getByText("先保存，再测试")).toBeVisible();
      await page.getByRole("link", { name: "全部连接" }).click();
      await page.getByRole("button", { name: "留下" }).click();
      await save(page);
      await expect(page.locator(".setting", { has: url })).toContainText("应形如 https://");
      await expect(page.getByText("没有保存")).toBeVisible();
      expect(await asked(page, demo, "GET", PATH)).toEqual(kept);

      await url.fill(RIGHT);
      await page.getByRole("button", { name: "查看并保存" }).click();
      await expect(page.getByRole("dialog")).toContainText(`${before} → ${RIGHT}`);
      await page.getByRole("button", { name: /^保\s?存$/ }).click();
      await expect(page.getByText("新设置已生效")).toBeVisible();
      await page.reload();
      await expect(url).toHaveValue(RIGHT);
      await expect(secret).toHaveValue("");
      await expect(page.locator(".setting", { has: secret })).toContainText("已设置");
      expect(await page.content()).not.toContain(SECRET);
      await test_it.click();
      await expect(page.getByText("各字段都可用")).toBeVisible();

      await page.getByRole("button", { name: "清除 url" }).click();
      await save(page);
      await test_it.click();
      await expect(page.locator(".findings")).toContainText("还没有填写设置");
      await page.getByRole("button", { name: "清除 secret" }).click();
      await save(page);
      await expect(url).toHaveValue(before);
    } finally {
      await asked(page, demo, "PUT", PATH, { fields: { url: null, secret: null }, by: "story" });
    }
  });
});

test("who may only look sees a connector's settings and can change none", async ({
  page,
  as,
  demo,
}) => {
  const { staff } = await asked<{ staff: Member[] }>(page, demo, "GET", "/api/v1/staff");
  const one = staff.find((member) => member.code === "operator");
  if (!one) throw new Error("the demo has no operator");
  const turn = (role: string) => {
    const { name, store } = one;
    return asked(page, demo, "PUT", "/api/v1/staff/operator", { name, store, role, by: "story" });
  };
  await as("operator");
  await turn("auditor");
  try {
    await page.goto("/settings/connections/webhook");
    await expect(page.getByText("你只能查看")).toBeVisible();
    await expect(page.getByLabel("url", { exact: true })).toBeDisabled();
    await expect(page.getByLabel("secret", { exact: true })).toBeDisabled();
    await expect(page.getByRole("button", { name: /测试连接|清除/ })).toHaveCount(0);
  } finally {
    await turn(one.role);
  }
});
