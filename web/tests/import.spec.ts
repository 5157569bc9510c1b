import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test } from "./demo";
import { HEADER, rowsOf, text } from "./files";

async function choose(page: Page, name: string, buffer: Buffer): Promise<void> {
  await page.goto("/settings/imports");
  await page.locator("input[type=file]").setInputFiles({ name, mimeType: "text/csv", buffer });
}

/** The shop is what a file can't say of itself. */
async function sayColumns(page: Page, shop: string, masked?: string): Promise<void> {
  const code = page.getByLabel("店铺代码");
  const change = page.getByRole("button", { name: "修改字段设置" });
  await change.or(code).first().waitFor(); // another story may have said how such a header is read
  if (await change.isVisible()) await change.click();
  await code.fill(shop);
  await page.getByLabel("店铺名称").fill("抖音小店");
  await page.getByRole("textbox", { name: "平台" }).fill("douyin");
  if (masked) {
    await page.getByLabel("手机号被打码的行").click();
    await page.getByTitle(masked).click();
  }
  await page.getByRole("button", { name: "按此读取" }).click();
}

const figure = (page: Page, name: string) =>
  page.locator(".ant-statistic").filter({ hasText: name }).locator(".ant-statistic-content");

test("a file with broken rows: why, the rows to take home, and again nothing new", async ({
  page,
  as,
}) => {
  const rows = rowsOf("B");
  const file = text(rows.good, rows.second, rows.broken);
  await as("operator");
  await choose(page, "店铺订单.csv", file);
  await expect(page.getByRole("heading", { name: "每列是什么？" })).toBeVisible();
  await expect(page.locator("body")).not.toContainText("13900000001");
  await sayColumns(page, "story-b");

  await expect(figure(page, "新订单、退款")).toHaveText("2");
  await expect(figure(page, "行无法使用")).toHaveText("1");
  await expect(page.getByRole("table", { name: "无法使用的原因" })).toContainText("付款时间");
  await expect(page.getByRole("table", { name: "列与样例" })).toContainText("139****0001");
  await page.getByRole("button", { name: "开始导入" }).dblclick();

  await expect(page.getByText("导入完成")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("2 个新订单 · 1 行无法使用")).toBeVisible();
  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name: "下载无法使用的行" }).click();
  const rejects = readFileSync(await (await waiting).path(), "utf8");
  expect(rejects).toContain("line,field,reason");
  expect(rejects).toContain("昨天");

  await choose(page, "再来一次.csv", file);
  await expect(page.getByText("按上次的字段设置读取")).toBeVisible();
  await expect(figure(page, "已在系统中")).toHaveText("2");
  await page.getByRole("button", { name: "开始导入" }).click();
  await expect(page.getByText("没有新内容：都已在系统中。")).toBeVisible({ timeout: 30_000 });
});

// A Douyin-like export as shops get it: GB18030, and phones masked.
const GB18030 =
  "b6a9b5a5b1e0bac52cb8b6bfeecab1bce42cc9ccc6b7c3fbb3c62cc9ccbcd2b1e0c2eb2ccafdc1bf2ccab5b8b6bdf0b6ee2c" +
  "c2f2bcd2bbe1d4b1c3fb2ccad5bcfec8cbcad6bbfabac52ccad5bcfec8cb";

test("an export in GB18030 with masked phones comes in without the phones", async ({
  page,
  as,
}) => {
  expect(new TextDecoder("gb18030").decode(Buffer.from(GB18030, "hex"))).toBe(HEADER);
  const row = "G1,2025-11-01 10:00:00,SERUM,S1,1,199.00,g-mei,139****0009,W";
  const file = Buffer.concat([Buffer.from(GB18030, "hex"), Buffer.from(`\n${row}\n`)]);
  await as("operator");
  await choose(page, "douyin.csv", file);
  await expect(page.getByText("GB18030")).toBeVisible();
  await sayColumns(page, "story-g", "照常导入，不带手机号");

  await expect(page.getByText("1 行的手机号被平台打码")).toBeVisible();
  await expect(figure(page, "新订单、退款")).toHaveText("1");
  await page.getByRole("button", { name: "开始导入" }).click();
  await expect(page.getByText("1 个新订单")).toBeVisible({ timeout: 30_000 });
});

// A sheet of remarks, and one with the header and a row; made with the same parts as tests/connectors/orderfile.
test.describe("of a slow machine", () => {
  test.use({ mayComplain: /409 .*\/start$/ }); // asked again while the file is still looked at

  test("an Excel file is read by the sheet that is chosen", async ({ page, as }) => {
    const file = readFileSync("tests/orders.xlsx");
    await as("operator");
    await choose(page, "orders.xlsx", file);
    await expect(page.getByText("Excel", { exact: false }).first()).toBeVisible();
    const sheet = page.getByRole("combobox", { name: "工作表" });
    await expect(page.getByTitle("说明")).toBeVisible();
    await sheet.click();
    await page.getByTitle("订单", { exact: true }).click();
    await expect(page.getByRole("table", { name: "列与样例" })).toContainText("订单编号");
    await sayColumns(page, "story-x");

    await expect(figure(page, "新订单、退款")).toHaveText("1");
    const start = page.getByRole("button", { name: "开始导入" });
    await expect(async () => {
      if (await start.isVisible()) await start.click(); // refused while the file is still looked at
      await expect(page.getByText("1 个新订单")).toBeVisible({ timeout: 10_000 });
    }).toPass({ timeout: 45_000 });
  });
});

test("a hostile file is refused in words", async ({ page, as }) => {
  await as("operator");
  await choose(page, "bomb.xlsx", Buffer.from("PK\u0003\u0004 nothing of the kind"));
  await expect(page.getByText("这个文件无法使用，已移除。")).toBeVisible();
});
