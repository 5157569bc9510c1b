import { asked, expect, inEnglish, test } from "./demo";

interface Plans {
  plans: { code: string; paused_at: string | null }[];
}

test("a plan of groups is written, mended by its line, paused, ended and brought back", async ({
  page,
  as,
  demo,
}) => {
  await as("operator");
  await page.goto("/groups/plans");
  await page.getByRole("button", { name: "新建计划" }).click();
  const drawer = page.getByRole("dialog");
  const text = drawer.getByRole("textbox", { name: "群计划的文本" });
  await text.fill("group: story-mums\ntitle: {zh: 妈妈群, en: Mums}\nchats: []\ncapacity: many\n");
  await expect(drawer.getByText("2 处要改")).toBeVisible();
  await expect(drawer.getByText("请写群名")).toBeVisible();
  await expect(drawer.getByRole("button", { name: /^保\s?存$/ })).toBeDisabled();
  await text.fill(
    'group: story-mums\ntitle: {zh: 妈妈群, en: Mums}\nchats: ["故事群*"]\ncapacity: 300\n',
  );
  await expect(drawer.getByText("可以保存")).toBeVisible();
  await drawer.getByRole("button", { name: /^保\s?存$/ }).click();
  const row = page.getByRole("row", { name: /story-mums/ });
  await expect(row).toContainText("没有可进的群");

  await row.getByRole("button", { name: /^暂\s?停$/ }).click();
  const sure = page.getByRole("dialog");
  await expect(sure).toContainText("不再按日历发送");
  await sure.getByRole("button", { name: /^暂\s?停$/ }).click();
  await expect(row).toContainText("已暂停");
  await row.getByRole("button", { name: /^恢\s?复$/ }).click();
  await expect(row).not.toContainText("已暂停");

  await row.getByRole("button", { name: /^结\s?束$/ }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^结\s?束$/ })
    .click();
  await expect(row).toHaveCount(0);
  await page
    .getByRole("button", { name: /^撤\s?销$/ })
    .last()
    .click();
  await expect(row).toBeVisible();
  const { plans } = await asked<Plans>(page, demo, "GET", "/api/v1/groups/plans");
  expect(plans.map((one) => one.code)).toContain("story-mums");
});

test.describe(() => {
  test.use({ mayComplain: /403 \(Forbidden\)/ });

  test("what groups say, who is in the wrong ones and who came is read, by a guide nothing of it", async ({
    page,
    as,
  }) => {
    await inEnglish(page);
    await as("operator");
    await page.goto("/groups/plans");
    await expect(page.getByRole("button", { name: "New plan" })).toBeVisible();
    await page.getByText("In the wrong groups").click();
    await expect(page.getByText("Nobody is in several groups of one purpose")).toBeVisible();
    await page.getByText("In some that are kept apart").click();
    await expect(page).toHaveURL(/kind=apart/);
    await page.getByText("Came and went").click();
    await expect(page.getByText("Nobody came or went")).toBeVisible();
    await page.getByText("Calendar", { exact: true }).last().click();
    await expect(page.getByText("Nothing has come due yet")).toBeVisible();
    await page.getByRole("link", { name: "Moments, the shop window" }).click();
    await expect(page).toHaveURL(/journeys\/moments/);

    await as("guide");
    await page.goto("/groups/plans");
    await expect(page.getByRole("alert")).toBeVisible();
    await expect(page.getByRole("button", { name: "New plan" })).toHaveCount(0);
  });
});
