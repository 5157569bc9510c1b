import { asked, expect, test } from "./demo";

test("a warehouse is set, its list made, and what it shipped comes back explained", async ({
  page,
  as,
}) => {
  await as("owner");
  await page.goto("/settings/warehouses");
  await page.getByRole("button", { name: "添加仓库" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("仓库代码").fill("story-west");
  await form.getByLabel("审单延迟").fill("45");
  await form.getByLabel("当日截单时刻").fill("25:00");
  await form.getByRole("button", { name: "下一步" }).click();
  await expect(form.getByText("写成 16:00 这样")).toBeVisible();
  await form.getByLabel("当日截单时刻").fill("16:00");
  await form.getByRole("button", { name: "下一步" }).click();
  const confirm = page.getByRole("dialog", { name: "保存仓库 story-west？" });
  await expect(confirm).toContainText("付款 + 15 分 + 45 分 − 10 分，最晚 16:00 前 10 分");
  await confirm.getByRole("button", { name: /保\s?存/ }).click();
  const house = page.getByRole("region", { name: "story-west" });
  await expect(house).toContainText("[赠GIFT-MASK]");

  await page.goto("/settings/warehouses?part=shipped");
  await page.locator("input[type=file]").setInputFiles({
    name: "shipped.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("原始单号,发货时间\nnobody,2026-03-05 10:00:00\n"),
  });
  await expect(page.getByRole("row", { name: /2 原始单号 这里没有这个订单的包裹/ })).toBeVisible();
  await expect(page.getByRole("button", { name: "下载不能用的行" })).toBeVisible();

  await page.goto("/settings/warehouses?part=differences&days=30&all=1");
  const many = page.locator(".figure-button").first();
  const told = await many.textContent();
  await many.click();
  await expect(page.getByRole("dialog").getByRole("row")).toHaveCount(Number(told) + 1);

  await page.goto("/settings/warehouses");
  await house.getByRole("button", { name: /停\s?用/ }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /停\s?用/ })
    .click();
  await expect(house).toHaveCount(0);
});

test("a list with a strange column is read as it is told, and its tags are taken back", async ({
  page,
  as,
  demo,
}) => {
  await as("owner");
  await page.goto("/customers/lists");
  const bring = page.getByRole("region", { name: "导入名单" });
  await bring.getByText("名单", { exact: true }).click();
  await bring.locator("#list-tag").fill("story-list");
  await bring.locator("input[type=file]").setInputFiles({
    name: "story.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("客户电话,备注\n13811110001,a\n13811110002,b\nx,c\n"),
  });
  await expect(bring.getByText("没有一列能说明是谁")).toBeVisible();
  await bring.getByRole("combobox", { name: "读作 客户电话" }).click();
  await page.getByTitle("手机号", { exact: true }).click();
  await expect(bring).toContainText("138****0001");
  await bring.getByRole("button", { name: "导入 2 行" }).click();
  await expect(bring.getByText("已记下 2 行")).toBeVisible();
  await expect(bring.getByText("1 行不能用")).toBeVisible();

  const back = page.getByRole("dialog").getByRole("button", { name: "撤回标签" });
  await expect(async () => {
    await page.getByRole("button", { name: "撤回标签" }).first().click();
    await back.click();
    await expect(page.getByText("2 个标签已撤回")).toBeVisible({ timeout: 3_000 });
  }).toPass();
  await expect(page.getByText("owner 已撤回")).toBeVisible();

  const out = page.getByRole("region", { name: "导出名单" });
  await out.getByRole("button", { name: /导\s?出/ }).click();
  await expect(out.getByText("必填")).toBeVisible();
  await out.getByLabel("用途").fill("story");
  const file = page.waitForEvent("download");
  await out.getByRole("button", { name: /导\s?出/ }).click();
  expect((await file).suggestedFilename()).toBe("tags.xlsx");
  const { lines } = await asked<{ lines: { reason: string }[] }>(
    page,
    demo,
    "GET",
    "/api/v1/audit/latest?action=list.export&limit=1",
  );
  expect(lines[0]?.reason).toMatch(/^story: \d+ rows, phones masked$/);
});
