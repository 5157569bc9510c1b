import { asked, expect, test } from "./demo";

interface Ways {
  ways: { state: string; behind: string[]; friends: number | null }[];
}

test.describe(() => {
  test.use({ mayComplain: /400 \(Bad Request\)/ });

  test("a code is made with its rota, shown, led to somebody else and given back", async ({
    page,
    as,
    demo,
  }) => {
    await as("operator");
    await page.goto("/groups/ways");
    await page.getByRole("button", { name: /^新\s?建$/ }).click();
    const form = page.getByRole("dialog");
    await form.getByText("获客链接").click();
    await form.getByLabel("批次（state）").fill("story-link");
    await form.getByLabel("成员 1").click();
    await page.getByTitle("周敏", { exact: true }).click();
    await page.keyboard.press("Escape");
    await form.getByRole("button", { name: /^保\s?存$/ }).click();
    const row = page.getByRole("row", { name: /story-link/ });
    await expect(row).toContainText("周敏");
    await row.getByRole("button", { name: /^查\s?看$/ }).click();
    await expect(page.getByRole("dialog")).toContainText("customer_channel=story-link");
    await page.keyboard.press("Escape");

    await row.getByRole("button", { name: /^修\s?改$/ }).click();
    await page.getByLabel("时段 1").fill("noon");
    await page.getByRole("button", { name: /^保\s?存$/ }).click();
    await expect(page.getByRole("dialog").getByRole("alert")).toContainText("noon");
    await page.getByLabel("时段 1").fill("mon-sun 00:00-23:59");
    await page.getByRole("button", { name: /^保\s?存$/ }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);

    await row.getByRole("button", { name: /^删\s?除$/ }).click();
    await page
      .getByRole("tooltip")
      .getByRole("button", { name: /^删\s?除$/ })
      .click();
    await expect(row).toHaveCount(0);
    const { ways } = await asked<Ways>(page, demo, "GET", "/api/v1/ways");
    expect(ways.map((one) => one.state)).not.toContain("story-link");
  });
});

test("friends are counted, given in the background, and what became of them is shown", async ({
  page,
  as,
}) => {
  await as("operator");
  await page.goto("/tasks/handover");
  await page.getByLabel("谁的好友").click();
  await page.getByTitle("沈佳", { exact: true }).click();
  await page.getByLabel("交给谁").click();
  await page.getByTitle("周敏", { exact: true }).last().click();
  await page.getByRole("button", { name: "先数一数" }).click();
  await expect(page.getByRole("status")).toContainText(/现在可以移交 [1-9]\d* 位好友/);
  await page.getByRole("button", { name: /^开始移交/ }).click();
  await page
    .getByRole("tooltip")
    .getByRole("button", { name: /^开始移交/ })
    .click();
  const row = page.getByRole("row", { name: /沈佳 → 周敏/ });
  await expect(row).toContainText("已全部提交", { timeout: 20_000 });
  await expect(row).toContainText(/\d+ 位已移交，等企业微信生效/);
});
