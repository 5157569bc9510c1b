import { asked, expect, inEnglish, test } from "./demo";

interface Plans {
  plans: { code: string; paused_at: string | null }[];
}

test("a plan of groups is filled in, mended by field and line, paused, ended and brought back", async ({
  page,
  as,
  demo,
}) => {
  await as("operator");
  await page.goto("/groups/plans");
  await page.getByRole("button", { name: "新建计划" }).click();
  const drawer = page.getByRole("dialog");
  await drawer.getByLabel(/^编码( \*)?$/).fill("story-mums");
  await drawer.getByLabel("名称 中文").fill("妈妈群");
  await drawer.getByLabel("名称 英文").fill("Mums");
  await drawer.getByLabel("每群人数上限").fill("0");
  await expect(drawer.getByText("必须是 1 到 10000 的整数")).toBeVisible();
  await expect(drawer.getByText("请写素材编码")).toBeVisible();
  await drawer.getByLabel("每群人数上限").fill("300");
  await drawer.getByRole("button", { name: "去掉第 1 个" }).click();
  await expect(drawer.getByText("可以保存")).toBeVisible();

  await drawer.getByText("文本", { exact: true }).click();
  const text = drawer.getByRole("textbox", { name: "群计划的文本" });
  await expect(text).toContainText("capacity: 300");
  await text.fill("group: story-mums\ntitle: {zh: 妈妈群, en: Mums}\nchats: []\ncapacity: many\n");
  await expect(drawer.getByText("2 处要改")).toBeVisible();
  await expect(drawer.getByText("请写群名")).toBeVisible();
  await expect(drawer.getByRole("button", { name: /^保\s?存$/ })).toBeDisabled();
  await drawer.getByText("表单", { exact: true }).click();
  await drawer.getByLabel("每群人数上限").fill("300"); // was `many`, shown as it is written
  await drawer.getByLabel(/^群( \*)?$/).fill("故事群*,");
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
