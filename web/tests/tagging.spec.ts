import { expect, inEnglish, test } from "./demo";

test("a rule is written, mended by its line, applied to the past after a count, and dropped", async ({
  page,
  as,
}) => {
  await as("operator");
  await page.goto("/customers/tags");
  await page.getByRole("button", { name: "新建规则" }).click();
  const drawer = page.getByRole("dialog");
  const text = drawer.getByRole("textbox", { name: "规则的文本" });
  await text.fill("rule: story-bought\nwhen: {product: {colour: red}}\ntag: story-bought\n");
  await expect(drawer.getByText("1 处要改")).toBeVisible();
  await expect(drawer.getByRole("button", { name: /^保\s?存$/ })).toBeDisabled();
  await text.fill(
    "rule: story-bought\nwhen: {product: {title: [面, 霜, 精华, 水, 乳]}}\ntag: story-bought\n",
  );
  await expect(drawer.getByText("可以保存")).toBeVisible();
  await drawer.getByRole("button", { name: /^保\s?存$/ }).click();
  const row = page.getByRole("row", { name: /story-bought/ });
  await expect(row).toContainText("买了商品 品名含");
  await expect(row).toContainText("从未");

  await row.getByRole("button", { name: "应用到过去" }).click();
  const past = page.getByRole("dialog", { name: "把 story-bought 应用到过去？" });
  await past.getByRole("button", { name: "先数一数" }).click();
  await expect(past.getByRole("status")).toContainText(/会命中 [1-9]/);
  await past.getByRole("button", { name: /^应用 \d+ 次命中/ }).click();
  await expect(row.locator(".tag-number")).not.toHaveText("0");
  await row.locator(".tag-number").click();
  await expect(page).toHaveURL(/rule=story-bought/);
  const hit = page.getByRole("region", { name: "命中记录" }).locator("tbody tr.ant-table-row");
  await expect(hit.first()).toContainText("*"); // a masked name
  await hit.first().getByRole("link").click();
  await expect(page).toHaveURL(/customers\/cus_/);

  await page.goto("/customers/tags");
  await row.getByRole("button", { name: /^停\s?用$/ }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^停\s?用$/ })
    .click();
  await expect(row).toHaveCount(0);
});

test("tags of a list that nobody has yet are counted while they wait", async ({
  page,
  as,
  demo,
}) => {
  const answer = await page.request.post(
    `${demo.url}/api/v1/lists/file?as=tags&tag=story-waits&wait=true&name=waits.csv&by=story`,
    {
      headers: {
        Authorization: `Bearer ${demo.apiKey}`,
        "Content-Type": "application/octet-stream",
      },
      data: Buffer.from("phone\n13911112222\n13911113333\n"),
    },
  );
  expect(answer.status(), await answer.text()).toBe(200);
  await inEnglish(page);
  await as("operator");
  await page.goto("/customers/tags?part=waiting");
  await expect(page.getByRole("row", { name: /story-waits/ })).toContainText("2");
});
