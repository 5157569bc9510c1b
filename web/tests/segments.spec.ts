import type { Page } from "@playwright/test";
import { expect, test } from "./demo";

/** Choose a condition; it opens with its fields. */
async function add(page: Page, name: string, group = "") {
  const where = group ? page.locator(group) : page;
  const label = group ? "在此组内添加条件" : "添加条件";
  await where.getByRole("combobox", { name: label, exact: true }).last().click();
  await page.keyboard.type(name);
  await page.keyboard.press("Enter");
  await page.locator(".seg-open").waitFor();
}

const field = (page: Page, label: string) =>
  page.locator(".seg-open").getByLabel(label, { exact: true });

test("a segment is built as a sentence, counted, explained for one person, and kept", async ({
  page,
  as,
}) => {
  await as("operator");
  await page.goto("/customers/segments");
  await page.getByRole("button", { name: "新建分群" }).click();

  await add(page, "订单");
  await field(page, "品类").fill("面霜");
  await field(page, "至少").fill("1");
  await field(page, "近").fill("90");
  await add(page, "标签");
  await field(page, "标签").fill("敏感肌");
  await page.getByRole("button", { name: "更多操作：有标签 敏感肌" }).click();
  await page.getByRole("menuitem", { name: "取反" }).click();
  await expect(page.locator(".seg-sentence")).toHaveText(
    "在过去 90 天 · 买过 面霜 · 至少 1 次 且 没有标签 敏感肌",
  );

  // the text beside it says the same, and what is written there is drawn
  const text = page.locator(".cm-content");
  await expect(text).toContainText("orders: {category: 面霜, at_least: 1, within: 90d}");
  await text.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText("    - not: {touched: {within: 7d}}\n");
  await expect(page.locator(".seg-sentence")).toContainText("且 在过去 7 天 · 没收到触达");

  const total = page.locator(".seg-total");
  await expect(total).toHaveAttribute("data-total", /^[1-9]\d*$/);
  const many = (await total.textContent()) ?? "";
  await expect(page.locator(".seg-row .seg-held .number")).toHaveCount(3);
  await page
    .getByRole("button", { name: /^为什么 .+ 在内？$/ })
    .first()
    .click();
  const why = page.getByRole("dialog");
  await expect(why.getByText("在这个分群里", { exact: true })).toBeVisible();
  await expect(why.getByText(/笔订单，最近一笔/)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(why).toBeHidden();

  await page.getByLabel("中文名称").fill("面霜近客");
  await page.getByLabel("英文名称").fill("Cream lately");
  await page.getByLabel("编码").fill("cream-lately");
  await page
    .locator(".page-primary")
    .getByRole("button", { name: /保\s?存/ })
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("备注").fill("秋季护肤");
  await dialog.getByRole("button", { name: /保\s?存/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "面霜近客" })).toBeVisible();
  await expect(text).toContainText("touched: {within: 7d}");
  await page.getByRole("tab", { name: "版本" }).click();
  await expect(page.getByRole("row", { name: /秋季护肤/ })).toContainText("第一版");

  await page.getByRole("link", { name: "分群", exact: true }).click();
  await page.getByPlaceholder("按名称、编码或分层查找").fill("cream-lately");
  await expect(page.getByRole("row", { name: /面霜近客/ })).toContainText(many.trim());
});

/** What a condition's menu does with it. */
async function act(page: Page, said: string, what: string) {
  await page.getByRole("button", { name: `更多操作：${said}`, exact: true }).click();
  await page.getByRole("menuitem", { name: what }).click();
}

test.describe("step by step", () => {
  // between two clicks a sequence has no second step, and can't be asked
  test.use({ mayComplain: /400 .*\/segments\/(count|sample)/ });

  test("a group in a group, one thing after another, and a band of a layer are built by clicks", async ({
    page,
    as,
  }) => {
    await as("operator");
    await page.goto("/customers/segments/_new");

    await add(page, "订单");
    await field(page, "品类").fill("面霜");
    await add(page, "消费金额");
    await field(page, "至少").fill("300");
    await act(page, "消费 至少 ¥300.00", "放进「任一」组");
    await add(page, "好友", ".seg-group");
    await act(page, "是好友", "放进「全部」组");
    await add(page, "标签", ".seg-group .seg-group");
    await field(page, "标签").fill("敏感肌");
    await act(page, "有标签 敏感肌", "取反");

    await add(page, "先后发生");
    const open = page.locator(".seg-open");
    const step = (label: string) =>
      open.locator(".seg-wide", { has: page.locator(`label:text-matches("^${label}")`) });
    const pick = async (label: string, what: string) => {
      await step(label).getByRole("combobox").first().click();
      await page
        .locator(".ant-select-item-option:visible")
        .getByText(what, { exact: true })
        .click();
    };
    await pick("先", "收到过触达");
    await step("之后没有").locator(".ant-select-clear").first().click();
    await pick("然后", "订单");
    await open.getByLabel("近", { exact: true }).last().fill("7");
    await expect(page.locator(".seg-sentence")).toHaveText(
      "买过 面霜 且 （消费 至少 ¥300.00 或 （是好友 且 没有标签 敏感肌）） 且 先后发生 先 「收到过触达」 · 然后 「买过」 · 间隔不超过 7 天",
    );
    await expect(page.locator(".seg-total")).toHaveAttribute("data-total", /^\d+$/);

    await page.getByLabel("中文名称").fill("面霜潜客");
    await page.getByLabel("英文名称").fill("Cream next");
    await page.getByLabel("编码").fill("cream-next");
    await page.getByLabel("分层", { exact: true }).fill("care");
    await page
      .locator(".page-primary")
      .getByRole("button", { name: /保\s?存/ })
      .click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("care");
    await dialog.getByRole("button", { name: /保\s?存/ }).click();
    await expect(page.getByRole("heading", { level: 1, name: "面霜潜客" })).toBeVisible();
    await page.getByRole("link", { name: "分群", exact: true }).click();
    await page.getByPlaceholder("按名称、编码或分层查找").fill("care");
    await expect(page.getByRole("row", { name: /面霜潜客/ })).toBeVisible();
  });
});

test("the bands of the report on recency, frequency and money are kept as segments", async ({
  page,
  as,
}) => {
  await as("operator");
  await page.goto("/reports/figures/rfm");
  await page.getByRole("button", { name: "存为分群" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: /保\s?存/ }).click();
  const rows = dialog.locator("tbody tr.ant-table-row");
  await expect(rows).toHaveCount(15);
  const best = rows.filter({ hasText: /^M5/ });
  await expect(best.locator("td.number")).toHaveText(/^[1-9]/);
  await best.getByRole("link").click();
  await expect(page.locator(".seg-sentence")).toContainText("至少 ¥");
  await expect(page.locator(".seg-total")).toHaveAttribute("data-total", /^[1-9]/);
});
