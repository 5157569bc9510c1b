import type { Page } from "@playwright/test";
import { asked, expect, test } from "./demo";
import { dried, dry } from "./dry";
import type { Demo } from "./server";

const CASCADE = "/journeys/cascade";
const WAIT = /(five-minutes, wait: )\d+m/;

interface Detail {
  text: string;
  latest: number;
}

const read = (page: Page, demo: Demo) => asked<Detail>(page, demo, "GET", `/api/v1${CASCADE}`);

/** Put this into the editor, as somebody who pastes it. */
async function write(page: Page, text: string): Promise<void> {
  const editor = page.getByRole("textbox", { name: "旅程的文本（YAML）" });
  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

const publish = (page: Page) =>
  page.locator(".page-primary").getByRole("button", { name: "发布…" });
const dialog = (page: Page) => page.getByRole("dialog");

test("the list says what each journey does, and leads to it", async ({ page, as }) => {
  await as("operator");
  await page.goto("/journeys");
  const row = page.getByRole("row", { name: /加好友四步/ });
  await expect(row).toContainText("运行中");
  await row.getByRole("link", { name: /加好友四步/ }).click();
  await expect(page).toHaveURL(/\/journeys\/cascade$/);
  await expect(page.getByRole("button", { name: /发送消息 sms/ })).toBeVisible();
});

test("a broken edit is named at its line, a good one is published in words", async ({
  page,
  as,
  demo,
}) => {
  await as("operator");
  await page.goto(CASCADE);
  const { text, latest } = await read(page, demo);
  await expect(page.getByRole("button", { name: /five-minutes/ })).toBeVisible();
  await expect(publish(page)).toBeDisabled();

  const line = text.split("\n").findIndex((one) => WAIT.test(one)) + 1;
  await write(page, text.replace(WAIT, "$1soon"));
  await expect(page.getByText("1 处问题")).toBeVisible();
  await expect(page.locator(".journey-problems")).toContainText(`第 ${line} 行`);
  await expect(page.locator(".cm-lint-marker-error")).toHaveCount(1);
  await expect(publish(page)).toBeDisabled();

  const minutes = 10 + latest;
  await write(page, text.replace(WAIT, `$1${minutes}m`));
  await expect(
    page.getByRole("button", { name: new RegExp(`等待 five-minutes.*${minutes} 分钟`) }),
  ).toBeVisible();
  await publish(page).click();
  await expect(dialog(page)).toContainText(`改为 ${minutes} 分钟`);
  await expect(dialog(page)).toContainText(/没有人在它之前|位还没走过这里/);
  await dialog(page).getByRole("button", { name: "发布", exact: true }).dblclick();
  await expect(page.getByText(`第 ${latest + 1} 版已发布`)).toBeVisible();

  await page.getByRole("tab", { name: "版本" }).click();
  const row = page.getByRole("row", { name: new RegExp(`第 ${latest + 1} 版`) });
  await expect(row).toContainText("新人走这一版");
  await expect(row).toContainText(`改为 ${minutes} 分钟`);
  expect((await read(page, demo)).latest).toBe(latest + 1); // pressed twice, published once
});

test("what is wrong with a text is said in the language of the page", async ({
  page,
  as,
  demo,
}) => {
  await as("operator");
  await page.goto(CASCADE);
  const { text } = await read(page, demo);
  const problem = page.locator(".journey-problems li");
  await write(page, text.replace(WAIT, "$1soon"));
  await expect(problem).toContainText("'soon' 不是时长；请写成 30s、5m、2h、14d 或 1h30m");
  await expect(problem).not.toContainText("is not a duration");
  const list = page.locator(".journey-problems");
  expect(await list.evaluate((one) => one.scrollHeight - one.clientHeight)).toBeLessThanOrEqual(1);

  await page.getByRole("button", { name: "切换到英文" }).click();
  await expect(problem).toContainText("'soon' is not a duration; write it like 30s");
  await expect(problem).not.toContainText("不是时长");
});

test.describe("refused", () => {
  test.use({ mayComplain: /403 \(Forbidden\)/ });

  test("who may not see a page reads which permission is missing and whom to ask", async ({
    page,
    as,
  }) => {
    await as("guide");
    await page.goto("/settings/audit");
    const refused = page.getByRole("alert");
    await expect(refused).toContainText("需要权限：查看审计日志。请找运营、技术、老板或审计处理。");
    await page.getByRole("button", { name: "切换到英文" }).click();
    await expect(refused).toContainText("It needs the permission: see the audit log.");
    await expect(refused).toContainText(/Ask somebody who is .+, or .+\./);
  });
});

test.describe("two tabs", () => {
  test.use({ mayComplain: /409 \(Conflict\)/ });

  test("of two tabs the second is refused, keeps its text and can go on", async ({
    page,
    as,
    demo,
    context,
  }) => {
    await as("operator");
    const { text, latest } = await read(page, demo);
    const other = await context.newPage();
    await page.goto(CASCADE);
    await write(page, text.replace(WAIT, "$141m"));
    await expect(publish(page)).toBeEnabled();
    await publish(page).click();
    await expect(dialog(page)).toContainText("改为 41 分钟");

    await other.goto("/journeys");
    const body = { text: text.replace(WAIT, "$142m"), by: "other", base_version: latest };
    await asked(other, demo, "POST", "/api/v1/journeys", body);
    await dialog(page).getByRole("button", { name: "发布", exact: true }).click();
    const told = dialog(page)
      .getByRole("alert")
      .filter({ hasText: `第 ${latest + 1} 版` });
    await expect(told).toBeVisible();
    await dialog(page).getByRole("button", { name: "取消" }).click();

    await expect(page.getByText(`有人刚存了第 ${latest + 1} 版`)).toBeVisible();
    await expect(publish(page)).toBeDisabled();
    await page.getByRole("button", { name: `看第 ${latest + 1} 版改了什么` }).click();
    await expect(page.getByText("改为 42 分钟")).toBeVisible();
    await page.reload(); // the text is kept
    await expect(page.getByRole("button", { name: /five-minutes.*41 分钟/ })).toBeVisible();
    await page.getByRole("button", { name: /以我的为准/ }).click();
    await publish(page).click();
    await dialog(page).getByRole("button", { name: "发布", exact: true }).click();
    await expect(page.getByText(`第 ${latest + 2} 版已发布`)).toBeVisible();
  });
});

test("a draft survives going away, and is said not to be published", async ({ page, as, demo }) => {
  await as("operator");
  const { text } = await read(page, demo);
  await page.goto(CASCADE);
  await write(page, `# mine\n${text}`);
  await expect(page.getByText(/有改动，未发布/)).toBeVisible();
  await page.locator(".rail-link", { hasText: "旅程" }).click();
  await expect(dialog(page)).toContainText("草稿还没有发布");
  await dialog(page).getByRole("button", { name: "离开" }).click();
  await expect(page).toHaveURL(/\/journeys$/);
  await page.goBack();
  await expect(page.locator(".cm-content")).toContainText("# mine");
  await page.getByRole("button", { name: "放弃改动" }).click();
  await page.getByRole("tooltip").getByRole("button", { name: "放弃改动" }).click();
  await expect(page.locator(".cm-content")).not.toContainText("# mine");
});

test("a pilot takes the first customers and is widened", async ({ page, as, demo }) => {
  await as("operator");
  const { text, latest } = await read(page, demo);
  await page.goto(CASCADE);
  await write(page, text.replace(WAIT, "$151m"));
  await publish(page).click();
  await dialog(page)
    .getByRole("radio", { name: /先试点/ })
    .check();
  await dialog(page).getByRole("spinbutton").fill("7");
  await dialog(page).getByRole("button", { name: "发布", exact: true }).click();
  await expect(page.getByText(`第 ${latest + 1} 版试点中：0 / 7 人已进入`)).toBeVisible();
  await page.getByRole("button", { name: "推广给所有人" }).click();
  await page.getByRole("tooltip").getByRole("button", { name: "推广给所有人" }).click();
  await expect(page.getByText(/版试点中/)).toHaveCount(0);
});

test("a step leads to the people at it, and they to their customer", async ({ page, as, demo }) => {
  await as("operator");
  const graph = await asked<{ nodes: { id: string; passed: number }[] }>(
    page,
    demo,
    "GET",
    `/api/v1${CASCADE}/graph?version=1&days=30`,
  );
  const step = graph.nodes.find((one) => one.id === "sms");
  await page.goto(`${CASCADE}?version=1&days=30`);
  await page.getByRole("button", { name: /发送消息 sms/ }).press("Enter");
  const drawer = page.getByRole("dialog");
  await expect(drawer).toContainText(`经过 ${step?.passed.toLocaleString("en")}`);
  await drawer.getByText(/^已触达/).click();
  await expect(page).toHaveURL(/show=sent/);
  const person = drawer.locator('a[href^="/customers/"]').first();
  const address = await person.evaluate((link: HTMLElement) => {
    link.click(); // at once: the list is live, and who was first may be gone
    return link.getAttribute("href");
  });
  expect(address).toMatch(/^\/customers\/cus_/);
  await expect(page).toHaveURL(new RegExp(String(address)));
});

test("a test send goes to a colleague and shows what became of it", async ({ page, as, demo }) => {
  const { staff } = await asked<{ staff: { code: string }[] }>(page, demo, "GET", "/api/v1/staff");
  const someone = staff[0]?.code ?? "";
  const path = `/api/v1/staff/${someone}/addresses/phone`;
  await asked(page, demo, "PUT", path, { value: "13900000000", by: "test" });
  await as("operator");
  await page.goto(CASCADE);
  await page.getByRole("button", { name: "测试发送" }).click();
  await dialog(page).getByRole("combobox", { name: "发给" }).fill(someone);
  await page.locator(".ant-select-item-option", { hasText: someone }).click();
  await dialog(page).getByRole("combobox", { name: "哪一步" }).click();
  await page.locator(".ant-select-item-option", { hasText: /^sms$/ }).click();
  await dialog(page).getByRole("button", { name: "发送测试" }).click();
  await expect(
    dialog(page)
      .getByRole("row", { name: new RegExp(someone) })
      .first(),
  ).toContainText("短信");
});

test("sending is paused for this journey alone, and goes on", async ({ page, as, demo }) => {
  await as("owner");
  await page.goto(CASCADE);
  await page.getByRole("button", { name: "更多" }).click();
  await page.getByRole("menuitem", { name: "暂停发送" }).click();
  await expect(dialog(page)).toContainText(/留住 [\d,+]+ 条待发/);
  await dialog(page).getByRole("button", { name: "暂停发送" }).click();
  await expect(page.getByText("这个旅程已暂停发送")).toBeVisible();
  const { stopped } = await asked<{ stopped: { scope: string }[] }>(
    page,
    demo,
    "GET",
    "/api/v1/stops",
  );
  expect(stopped.map((one) => one.scope)).toContain("journey:cascade");
  await page.getByRole("button", { name: "恢复发送" }).click();
  await expect(page.getByText("这个旅程已暂停发送")).toHaveCount(0);
});

test("a journey is tried on the past: left, found again, cancelled; and what it tells", async ({
  page,
  as,
  demo,
}) => {
  await as("operator");
  await page.goto(CASCADE);
  await page.getByRole("button", { name: "试跑…" }).click();
  await expect(dialog(page)).toContainText("什么都不会发出去");
  await dialog(page).getByRole("button", { name: "开始试跑" }).dblclick();
  await expect(page).toHaveURL(/\/journeys\/cascade\/dry-runs\/dry_/);
  await expect(page.getByText(/可以离开这个页面/)).toBeVisible();

  await page.locator(".rail-link", { hasText: "客户" }).click();
  await page.getByRole("link", { name: /试跑 cascade/ }).click();
  await page.getByRole("button", { name: "取消" }).click();
  await expect(page.getByText("已取消，什么都没有留下")).toBeVisible();
  await page.locator(".page-head").getByRole("link", { name: "试跑" }).click();
  const rows = page.getByRole("table", { name: "试跑" }).locator("tbody tr[data-row-key]");
  await expect(rows.first()).toContainText("已取消");

  const path = await dried(page, demo);
  await page.goto(path);
  const { answer } = await dry(page, demo, path.split("/").at(-1) ?? "");
  await expect(page.locator(".dry-answer")).toContainText(
    `${answer?.customers.toLocaleString("en")} 位客户会进入 ${answer?.entered.toLocaleString("en")} 次`,
  );
  const sms = answer?.steps.find((one) => one.step === "sms");
  const row = page.getByRole("table", { name: "各步的消息" }).getByRole("row", { name: /^sms/ });
  await expect(row.getByRole("cell").nth(3)).toHaveText(String(sms?.sent.toLocaleString("en")));
  await expect(page.getByRole("table", { name: "客户是怎么回应的" })).toContainText(/假设|自己的/);
});
