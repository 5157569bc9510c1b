import type { Page } from "@playwright/test";
import { calls, friend, type Made } from "./calls";
import { asked, expect, test } from "./demo";
import type { Demo } from "./server";

const PHONE = { width: 360, height: 780 };

interface Task {
  id: string;
  state: string;
  outcome: string;
  staff: string;
  held_by: string;
  order_no: string;
  name_masked: string;
}

const code = (demo: Demo, role: string) =>
  demo.accounts.find((one) => one.role === role)?.code ?? "";

async function task(page: Page, demo: Demo, id: string): Promise<Task> {
  return asked(page, demo, "GET", `/api/v1/tasks/${id}`);
}

/** What of these was reported, once it is applied. */
async function outcomes(page: Page, demo: Demo, made: Made[]): Promise<string[]> {
  const all = await Promise.all(made.map(({ id }) => task(page, demo, id)));
  return all.map((one) => one.outcome).filter(Boolean);
}

/** Nothing of other stories on the list of whoever works here. */
async function emptied(page: Page, demo: Demo, staff: string): Promise<void> {
  const { tasks } = await asked<{ tasks: Task[] }>(
    page,
    demo,
    "GET",
    `/api/v1/tasks?staff=${staff}&limit=1000`,
  );
  for (const { id } of tasks)
    await asked(page, demo, "POST", `/api/v1/tasks/${id}/done`, {
      outcome: "refused",
      minutes: 1,
      staff,
    });
  await expect
    .poll(async () => {
      const found = await asked<{ tasks: Task[] }>(
        page,
        demo,
        "GET",
        `/api/v1/tasks?staff=${staff}`,
      );
      return found.tasks.length;
    })
    .toBe(0);
}

/** The order that the customer on the desk is called about. */
async function onDesk(page: Page): Promise<string> {
  await expect(page.locator(".tasks-name")).toBeVisible();
  await expect(page.getByRole("button", { name: /拒绝/ })).toBeEnabled();
  return (await page.locator(".tasks-about [data-raw]").first().textContent()) ?? "";
}

/** Whoever the living demo puts before those that a story has made is told no. */
async function toOne(page: Page, made: Made[]): Promise<string> {
  for (;;) {
    const order = await onDesk(page);
    if (made.some((one) => one.order_no === order)) return order;
    await page.keyboard.press("3");
    await expect(page.locator(".tasks-about")).not.toContainText(order);
  }
}

async function start(page: Page): Promise<void> {
  await page.goto("/tasks/desk");
  await page.getByRole("button", { name: /开始/ }).click();
}

test("ten calls are worked by keys, each outcome at least once", async ({ page, as, demo }) => {
  const staff = code(demo, "guide");
  await emptied(page, demo, staff);
  const made = await calls(page, demo, 10, staff);
  const nickname = await friend(page, demo, staff);
  await as("guide");
  await page.goto("/tasks/desk");
  await page.getByRole("button", { name: /开始/ }).waitFor();
  await page.keyboard.press("Enter");

  const seen = new Set<string>();
  const call = async (key: string, ...more: string[]) => {
    const order = await toOne(page, made);
    expect(seen.has(order), `${order} came twice`).toBe(false);
    seen.add(order);
    await expect(page.locator(".tasks-call")).toContainText("139****");
    for (const one of [key, ...more]) await page.keyboard.press(one);
    const last = page.locator(".tasks-last");
    await expect(last).toBeVisible();
    if (key !== "5" && seen.size < 10)
      await expect(page.locator(".tasks-about")).not.toContainText(order);
  };
  for (const key of ["1", "2", "3", "0", "1", "2"]) await call(key);
  await call("4", "Enter");
  await expect(page.locator(".tasks-last")).toContainText("此号码不再使用");
  await call("6", "Enter");
  await expect(page.locator(".tasks-last")).toContainText("今后不再外呼");
  await call("5");
  await expect(page.getByRole("heading", { name: "是哪位好友？" })).toBeVisible();
  await expect(page.getByText("非常抱歉")).toBeVisible();
  await page.getByRole("searchbox", { name: "昵称或企微账号" }).fill(nickname);
  const friends = page.locator(".tasks-friends li");
  await expect(friends).toHaveCount(1);
  await friends.getByRole("button", { name: "就是这位" }).click();
  await expect(page.getByRole("status").filter({ hasText: "已匹配" })).toBeVisible();
  await page.getByRole("button", { name: "下一位" }).click();
  await call("3");

  await expect
    .poll(async () => (await outcomes(page, demo, made)).sort())
    .toEqual([
      "added",
      "added",
      "agreed",
      "agreed",
      "already_added",
      "do_not_call",
      "no_answer",
      "refused",
      "refused",
      "wrong_person",
    ]);
  await expect(page.locator(".tasks-day")).toContainText(/今日已完成 \d+ \/ \d+/);
});

test("a script is copied by one tap, and a key that is pressed twice reports once", async ({
  page,
  as,
  demo,
}) => {
  const staff = code(demo, "guide");
  await emptied(page, demo, staff);
  const made = await calls(page, demo, 2, staff);
  await as("guide");
  await page.goto("/tasks/desk");
  await page.getByRole("button", { name: /开始/ }).dblclick();
  const first = await toOne(page, made);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "复制话术" }).click();
  await expect(page.getByText("已复制")).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.length).toBeGreaterThan(9);
  await expect(page.locator(".tasks-script")).toContainText(copied.slice(-9)); // a name may differ
  await page.evaluate(() => {
    for (let times = 0; times < 2; times++)
      window.dispatchEvent(new KeyboardEvent("keydown", { key: "3", bubbles: true }));
  });
  await expect(page.locator(".tasks-about")).not.toContainText(first);
  await onDesk(page);
  await expect.poll(async () => outcomes(page, demo, made)).toEqual(["refused"]);
});

test("two tabs of one account are on the same customer", async ({ page, as, demo, context }) => {
  const staff = code(demo, "guide");
  await emptied(page, demo, staff);
  const made = await calls(page, demo, 2, staff);
  await as("guide");
  await start(page);
  const order = await toOne(page, made);
  const other = await context.newPage();
  await start(other);
  expect(await onDesk(other)).toBe(order);

  await page.bringToFront();
  await page.keyboard.press("3");
  await expect(page.locator(".tasks-about")).not.toContainText(order);
  await other.bringToFront();
  await other.keyboard.press("2"); // too late: the first report stands
  await expect(other.getByText("这条结果没有记录")).toBeVisible();
  await other.getByRole("button", { name: "下一位" }).click();
  const next = await onDesk(page);
  await expect.poll(() => onDesk(other)).toBe(next);
  await expect
    .poll(async () =>
      outcomes(
        page,
        demo,
        made.filter((one) => one.order_no === order),
      ),
    )
    .toEqual(["refused"]);
  await other.close();
});

test.describe("on a bad line", () => {
  test.use({ mayComplain: /ERR_FAILED|ERR_INTERNET_DISCONNECTED|Failed to load resource/ });

  test("an outcome is kept, told again and done once", async ({ page, as, demo }) => {
    const staff = code(demo, "guide");
    await emptied(page, demo, staff);
    const made = await calls(page, demo, 1, staff);
    await as("guide");
    await start(page);
    await toOne(page, made);
    const keys: string[] = [];
    let lost = 0;
    await page.route("**/done", async (route) => {
      keys.push(route.request().headers()["idempotency-key"] ?? "");
      if (lost++ === 0) await route.abort();
      else if (lost === 2) {
        await route.fetch(); // it arrives, and the answer is lost
        await route.abort();
      } else await route.continue();
    });
    await page.keyboard.press("2");
    await expect(page.getByText(/还没送到服务器，已保存在本机/)).toBeVisible();
    await expect(page.locator(".tasks-last")).toContainText("答应添加", { timeout: 30_000 });
    expect(keys.length).toBe(3);
    expect(new Set(keys).size).toBe(1);
    await expect.poll(async () => outcomes(page, demo, made)).toEqual(["agreed"]);
  });
});

test("a number is hidden until it is asked for, and the look is audited", async ({
  page,
  as,
  demo,
}) => {
  const staff = code(demo, "guide");
  await emptied(page, demo, staff);
  const made = await calls(page, demo, 1, staff);
  await as("guide");
  await start(page);
  await toOne(page, made);
  await expect(page.locator("body")).not.toContainText(/1[3-9]\d{9}/);
  await page.keyboard.press("v");
  await expect(page.locator(".tasks-phone")).toContainText(/139\d{8}/);
  await expect(page.locator(".tasks-script")).not.toContainText("**");
  const { lines } = await asked<{ lines: { object: string; actor: string }[] }>(
    page,
    demo,
    "GET",
    `/api/v1/audit?action=reveal&actor=${staff}&limit=1000`,
  );
  expect(lines.map((one) => one.object)).toContain(made[0]?.id);
});

test("an operator gives a selection on", async ({ page, as, demo }) => {
  const staff = code(demo, "guide");
  await emptied(page, demo, staff);
  const made = await calls(page, demo, 3, staff);
  await as("operator");
  await page.goto("/tasks/team");
  await page
    .getByRole("button", { name: /待处理 \d+$/ })
    .first()
    .click();
  await expect(page).toHaveURL(/staff=/);
  await page.goto(`/tasks/team?staff=${staff}&kind=call`);
  const team = page.getByRole("region", { name: "待办" });
  const row = (one: Made | undefined) =>
    team.locator(".ant-table-row").filter({ hasText: one?.order_no ?? "none" });
  for (const one of made.slice(0, 2)) await row(one).getByRole("checkbox").check();
  await expect(team.getByText("已选 2 个")).toBeVisible();
  await team.getByRole("button", { name: "改派" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox").click();
  const others = page.locator(".ant-select-item-option");
  await others.nth(2).click(); // to whom it falls, this guide, another
  await dialog.getByLabel("原因").fill("请假");
  await dialog.getByRole("button", { name: "改派" }).click();
  await expect(page.getByText("2 个已改派")).toBeVisible();
  await expect(row(made[0])).toHaveCount(0);
  await expect(row(made[2])).toHaveCount(1);
  const now = await Promise.all(made.map(({ id }) => task(page, demo, id)));
  expect(now.map((one) => one.staff === staff)).toEqual([false, false, true]);
});

test("a guide does the day's work on the phone", async ({ page, as, demo }) => {
  const staff = code(demo, "guide");
  await emptied(page, demo, staff);
  const made = await calls(page, demo, 3, staff);
  await page.setViewportSize(PHONE);
  await as("guide");
  await page.goto("/tasks");
  const card = (place: number) =>
    page.locator(".tasks-card").filter({ hasText: made[place]?.order_no ?? "none" });

  await card(0).getByRole("button", { name: "客户资料" }).click();
  await expect(page.getByRole("dialog")).toContainText("我们承诺");
  await page.keyboard.press("Escape");
  await card(0).getByRole("button", { name: "完成" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "答应添加" }).click();
  await expect(card(0)).toHaveCount(0);

  await card(1).getByRole("button", { name: "稍后" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /半小时后/ })
    .click();
  await expect(page.getByRole("region", { name: "稍后" })).toContainText(made[1]?.order_no ?? "");

  await card(2).getByRole("button", { name: "完成" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "请勿再打" }).click();
  await page.getByRole("button", { name: "确认" }).click();
  await expect(card(2)).toHaveCount(0);
  await expect
    .poll(async () => (await outcomes(page, demo, made)).sort())
    .toEqual(["agreed", "do_not_call"]);
});
