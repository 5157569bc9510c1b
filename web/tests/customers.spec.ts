import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { openDialog, toSearch, unsent } from "./customers";
import { asked, expect, test } from "./demo";
import type { Demo } from "./server";

const said: Record<string, { zh: string }> = JSON.parse(
  readFileSync("src/api/vocabulary.json", "utf-8"),
).reason;

async function find(page: Page, text: string): Promise<void> {
  await toSearch(page);
  await page.keyboard.type(text);
  await page.locator(".search-found .found").first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/customers\/cus_/);
}

test("by an order number one comes to the customer and sees why nothing was sent", async ({
  page,
  as,
  demo,
}) => {
  const told = await unsent(page, demo);
  await as("operator");
  await page.goto("/customers");
  await page.locator("tbody tr.ant-table-row").first().waitFor();
  await find(page, told.line.order.split("/").at(-1) ?? "");

  await expect(page).toHaveURL(new RegExp(`/customers/${told.customer}`));
  const timeline = page.getByRole("listitem").filter({ hasText: "未发送" }).first();
  await expect(timeline).toContainText(said[told.line.reason]?.zh ?? "?");
  await page
    .getByRole("checkbox", { name: "未发送" })
    .or(page.getByText("未发送", { exact: true }))
    .first()
    .click();
  await expect(page).toHaveURL(/kinds=withheld/);
  await expect(page.locator(".line.waits").first()).toBeVisible();
  await expect(page.locator(".line:not(.waits)")).toHaveCount(0);
  await page.goBack();
  await expect(page).not.toHaveURL(/kinds=/);
});

test("a number is shown for a minute to who says why, and the audit knows", async ({
  page,
  as,
  demo,
}) => {
  const { customer } = await unsent(page, demo);
  await as("operator");
  await page.clock.install();
  await page.goto(`/customers/${customer}`);
  await page.getByRole("button", { name: "显示号码" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "显示 60 秒" }).click();
  await expect(dialog).toContainText("请填写");
  await dialog.getByRole("textbox").fill("客户来电询问");
  await dialog.getByRole("button", { name: "显示 60 秒" }).click();

  const shown = page.getByRole("status").filter({ hasText: /\d{11}/ });
  await expect(shown).toBeVisible();
  for (let second = 0; second < 61; second++) await page.clock.runFor(1_000);
  await expect(shown).toHaveCount(0);
  await expect(page.getByRole("button", { name: "显示号码" })).toBeVisible();
  const { lines } = await asked<{ lines: { action: string; object: string; reason: string }[] }>(
    page,
    demo,
    "GET",
    "/api/v1/audit?action=reveal&limit=1000",
  );
  expect(lines.at(-1)).toMatchObject({ object: customer, reason: "客户来电询问" });
});

test("a tag is set and taken off, a hold is set and lifted, each with its trace", async ({
  page,
  as,
  demo,
}) => {
  const { customer } = await unsent(page, demo);
  await as("operator");
  await page.goto(`/customers/${customer}`);
  await page.getByRole("button", { name: "添加标签" }).click();
  await page.getByRole("textbox", { name: "添加标签" }).fill("敏感肌");
  await page.keyboard.press("Enter");
  const tag = page.locator(".ant-tag", { hasText: "敏感肌" });
  await expect(tag).toBeVisible();
  await page.getByRole("button", { name: "去掉标签 敏感肌" }).click();
  await expect(tag).toHaveCount(0);

  await openDialog(page, /更多操作/, /设为免打扰/);
  await page.getByRole("dialog").getByRole("textbox", { name: /原因/ }).fill("店里当面说的");
  await page.getByRole("dialog").getByRole("button", { name: "保存" }).click();
  const holds = page
    .locator("section")
    .filter({ has: page.getByRole("heading", { name: "免打扰" }) });
  await expect(holds).toContainText("人工设置");
  await holds.getByRole("button", { name: "解除" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: /原因/ }).fill("又愿意了");
  await page.getByRole("dialog").getByRole("button", { name: "解除" }).click();
  await expect(holds).toContainText("没有限制");
});

test("a consent is written down with its evidence, and taken back", async ({ page, as, demo }) => {
  const { customer } = await unsent(page, demo);
  await as("operator");
  await page.goto(`/customers/${customer}`);
  const consent = page.getByRole("switch", { name: "短信 · 营销" });
  await consent.click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "保存" }).click();
  await expect(dialog).toContainText("请填写");
  await dialog.getByRole("textbox", { name: /凭证/ }).fill("表单 17");
  await dialog.getByRole("button", { name: "保存" }).click();
  await expect(async () => {
    await page.reload();
    await expect(consent).toBeChecked({ timeout: 2_000 });
  }).toPass();
  await consent.click();
  await dialog.getByRole("button", { name: "保存" }).click();
  await expect(async () => {
    await page.reload();
    await expect(consent).not.toBeChecked({ timeout: 2_000 });
  }).toPass();
});

test("of a child the month is kept with the parent's consent, and all is gone when it is taken back", async ({
  page,
  as,
  demo,
}) => {
  const { customer } = await unsent(page, demo);
  await as("operator");
  await page.goto(`/customers/${customer}`);
  const children = page
    .locator("section")
    .filter({ has: page.getByRole("heading", { name: "孩子", exact: true }) });
  await expect(children).toContainText("没有留存");
  await children.getByRole("button", { name: "登记孩子" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "保存" }).click();
  await expect(dialog.getByText("请填写")).toHaveCount(2); // no month, and no consent to it
  await dialog.getByLabel("出生年月").fill("2025-03");
  await page.keyboard.press("Enter");
  await dialog.getByRole("textbox", { name: /凭证/ }).fill("表单 7");
  await dialog.getByRole("button", { name: "保存" }).click();
  await expect(children).toContainText(/第 1 个孩子.*2025-03 · \d+ 个月/);
  await expect(children).toContainText("表单 7");

  await children.getByRole("button", { name: "登记健康备注" }).click();
  await dialog.getByLabel("健康备注", { exact: true }).fill("对牛奶蛋白过敏");
  await dialog.getByRole("button", { name: "保存" }).click();
  await expect(dialog.getByText("请填写")).toHaveCount(1); // the consent to the month says nothing of health
  await dialog.getByLabel(/单独同意/).fill("表单 9");
  await dialog.getByRole("button", { name: "保存" }).click();
  await expect(children).toContainText(/健康备注.*零点删除/);
  await expect(page.getByText("对牛奶蛋白过敏")).toHaveCount(0);
  await children.getByRole("button", { name: "查看" }).click();
  await dialog.getByLabel(/为什么要看/).fill("问奶粉");
  await dialog.getByRole("button", { name: "显示 60 秒" }).click();
  await expect(children.getByRole("status")).toContainText("对牛奶蛋白过敏");

  await children.getByRole("button", { name: "撤回同意并删除" }).click();
  await expect(dialog).toContainText("1 个孩子的出生年月立即删除");
  await dialog.getByRole("button", { name: /^取\s?消$/ }).click();
  await expect(children).toContainText("2025-03");
  await children.getByRole("button", { name: "撤回同意并删除" }).click();
  await dialog.getByRole("button", { name: "撤回并删除" }).click();
  await expect(children).toContainText("没有留存");
  const kept = await asked<{ children: unknown[]; consent_at: string | null }>(
    page,
    demo,
    "GET",
    `/api/v1/customers/${customer}/children`,
  );
  expect(kept).toMatchObject({ children: [], consent_at: null });
});

async function friend(page: Page, demo: Demo): Promise<{ friend: string; customer: string }> {
  const { friends } = await asked<{ friends: { friend: string; customer: string }[] }>(
    page,
    demo,
    "GET",
    "/api/v1/friends/to-match?limit=1",
  );
  const [found] = friends;
  if (!found) throw new Error("every friend of the demo is matched");
  return found;
}

test("an unmatched friend is matched to a buyer, and split back", async ({ page, as, demo }) => {
  const unmatched = await friend(page, demo);
  const buyer = await unsent(page, demo);
  await as("operator");
  await page.goto("/customers/match");
  await page.getByRole("button", { name: "匹配买家" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog
    .getByRole("textbox")
    .first()
    .fill(buyer.line.order.split("/").at(-1) ?? "");
  await dialog.locator(".hit").first().click();
  await dialog.getByRole("textbox", { name: /原因/ }).fill("发来了订单截图");
  await dialog.getByRole("button", { name: "确认是同一人" }).dblclick();
  await expect(dialog).toHaveCount(0);

  await expect(async () => {
    await page.goto(`/customers/${unmatched.customer}`);
    await page.getByRole("button", { name: /身份/ }).click();
    await expect(page.locator(".key", { hasText: "手机号" })).toBeVisible({ timeout: 2_000 });
  }).toPass();
  const account = page.locator(".key", { hasText: "企微外部联系人" });
  await account.getByRole("checkbox").check();
  await page.getByRole("button", { name: "拆出所选身份" }).click();
  const split = page.getByRole("dialog").filter({ hasText: "确认拆分" });
  await expect(split.locator(".moves")).toBeVisible();
  await split.getByRole("textbox", { name: /原因/ }).fill("其实是她妹妹");
  await split.getByRole("button", { name: "确认拆分" }).click();
  await expect(async () => {
    const again = await friend(page, demo);
    expect(again.friend).toBe(unmatched.friend);
  }).toPass();
});

test("two customers are merged with a look at what moves, and split back", async ({
  page,
  as,
  demo,
}) => {
  const one = await unsent(page, demo);
  const { customers } = await asked<{ customers: { customer: string; last_order: string }[] }>(
    page,
    demo,
    "GET",
    "/api/v1/customers?limit=200",
  );
  const other = customers.find((each) => each.customer !== one.customer && each.last_order);
  await as("operator");
  await page.goto(`/customers/${one.customer}`);
  await openDialog(page, /更多操作/, /合并客户/);
  const dialog = page.getByRole("dialog");
  await dialog
    .getByRole("textbox")
    .first()
    .fill(other?.last_order.split("/").at(-1) ?? "");
  await dialog.locator(".hit").first().click();
  await expect(dialog.locator(".moves")).toContainText("订单");
  await dialog.getByRole("textbox", { name: /原因/ }).fill("同一个声音");
  await dialog.getByRole("button", { name: "确认合并" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(async () => {
    await page.goto(`/customers/${one.customer}`);
    await page.getByRole("button", { name: /身份/ }).click();
    await expect(page.locator(".key", { hasText: "手机号" })).toHaveCount(2, { timeout: 2_000 });
  }).toPass();

  const came = page.locator(".key", { hasText: "合并自" });
  for (const box of await came.getByRole("checkbox").all()) await box.check();
  await page.getByRole("button", { name: "拆出所选身份" }).click();
  const split = page.getByRole("dialog").filter({ hasText: "确认拆分" });
  await split.getByRole("textbox", { name: /原因/ }).fill("是两个人");
  await split.getByRole("button", { name: "确认拆分" }).click();
  await expect(async () => {
    await page.goto(`/customers/${one.customer}`);
    await page.getByRole("button", { name: /身份/ }).click();
    await expect(page.locator(".key", { hasText: "手机号" })).toHaveCount(1, { timeout: 2_000 });
  }).toPass();
});

test.describe("a guide", () => {
  test.use({ mayComplain: /404 .*\/api\/v1\/customers\// });

  test("finds their own customers and nobody else's, by address either", async ({
    page,
    as,
    demo,
  }) => {
    const { customers } = await asked<{ customers: { customer: string; owner: string }[] }>(
      page,
      demo,
      "GET",
      "/api/v1/customers?friend=live&limit=200",
    );
    const { code } = demo.accounts.find((one) => one.role === "guide") ?? { code: "" };
    const others = customers.filter((one) => one.owner !== code);
    await as("guide");
    await page.goto("/customers");
    await page.locator("tbody tr.ant-table-row").first().waitFor();

    const answers: [string, number][] = [];
    for (const { customer } of others.slice(0, 20)) {
      const answer = await page.request.get(`/api/v1/customers/${customer}/overview`);
      answers.push([customer, answer.status()]);
    }
    const [stranger] = answers.find(([, status]) => status === 404) ?? [""];
    expect(stranger, `all of ${answers.length} were shown`).not.toBe("");
    await page.goto(`/customers/${stranger}`);
    await expect(page.getByRole("alert")).toContainText("没有");
    await expect(page.locator(".timeline")).toHaveCount(0);
  });
});
