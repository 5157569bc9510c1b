import type { Page } from "@playwright/test";
import { asked, expect, signIn, test } from "./demo";
import type { Demo } from "./server";

interface Task {
  id: string;
  staff: string;
  customer: string;
}

interface Listed {
  customers: { customer: string; friends: string[] }[];
}

/** A customer of the other store: a friend of nobody in hz-1, and no task of theirs. */
async function elsewhere(page: Page, demo: Demo): Promise<string> {
  const { customers } = await asked<Listed>(
    page,
    demo,
    "GET",
    "/api/v1/customers?friend=live&limit=200",
  );
  const far = customers.find(({ friends }) =>
    friends.every((one) => one === "guide-3" || one === "guide-4"),
  );
  if (far) return far.customer;
  const { tasks } = await asked<{ tasks: Task[] }>(page, demo, "GET", "/api/v1/tasks?limit=500");
  const task = tasks.find(({ staff }) => staff === "guide-3" || staff === "guide-4");
  if (!task) throw new Error("the demo has nobody at the other store");
  return task.customer;
}

test.describe("a guide", () => {
  test.use({ mayComplain: /404|403/ });

  test("can't see another store's customer, by page, by address or by the API", async ({
    page,
    demo,
    as,
  }) => {
    const customer = await elsewhere(page, demo);
    await as("guide");

    await page.goto(`/customers/${customer}`);
    await expect(page.getByRole("alert")).toBeVisible();
    await expect(page.locator("main")).not.toContainText("****");

    for (const path of ["overview", "timeline", "history", "explain", "account", "consents"]) {
      const answer = await page.request.get(`/api/v1/customers/${customer}/${path}`);
      expect(answer.status(), path).toBe(404);
    }
    const listed = await page.request.get("/api/v1/customers?limit=200");
    const { customers } = (await listed.json()) as Listed;
    expect(customers.map((one) => one.customer)).not.toContain(customer);

    await as("operator");
    expect((await page.request.get(`/api/v1/customers/${customer}/overview`)).status()).toBe(200);
  });

  test("writes nothing without the token that only our page reads", async ({ page, as }) => {
    await as("operator");
    const answer = await page.request.post("/api/v1/pause", { data: { scope: "channel:sms" } });
    expect(answer.status()).toBe(403);
    expect((await answer.json()).code).toBe("forged");
  });

  test("sees the colleagues of the store, and no way to change them", async ({ page, as }) => {
    await as("guide");
    await page.goto("/settings/staff");
    await expect(page.getByRole("table")).toContainText("周敏");
    await expect(page.getByRole("table")).toContainText("吴桐");
    await expect(page.getByRole("table")).not.toContainText("沈佳");
    await expect(page.getByRole("button", { name: "添加员工" })).toHaveCount(0);
    expect((await page.request.get("/api/v1/accounts")).status()).toBe(403);
  });
});

test.describe("whoever manages staff", () => {
  test.use({ mayComplain: /401|403/ });

  test("adds somebody, lets them in and takes it back", async ({ page, browser, demo, as }) => {
    const code = `new-${Date.now()}`;
    await as("owner");
    await page.goto("/settings/staff");
    await page.getByRole("button", { name: "添加员工" }).click();
    const drawer = page.getByRole("dialog");
    await drawer.getByLabel("账号").fill(code);
    await drawer.getByLabel("姓名").fill("新同事");
    await drawer.getByRole("button", { name: "保存" }).click();
    await expect(drawer).toHaveCount(0);

    await page.goto(`/settings/staff?who=${code}`);
    await drawer.getByRole("button", { name: "开通后台账号" }).click();
    const password = (
      (await drawer.locator("code.staff-secret, .staff-secret code").textContent()) ?? ""
    ).trim();
    expect(password).toHaveLength(14);

    const theirs = await (
      await browser.newContext({ baseURL: demo.url, locale: "zh-CN" })
    ).newPage();
    await theirs.goto("/customers");
    await theirs.getByLabel("账号").fill(code);
    await theirs.locator("input[type=password]").fill(password);
    await theirs.getByRole("button", { name: "登录" }).click();
    await theirs.getByLabel("当前密码").fill(password);
    await theirs.getByLabel("新密码").fill("my very own one");
    await theirs.getByLabel("再输入一次").fill("my very own one");
    await theirs.getByRole("button", { name: "修改密码" }).click();
    await expect(theirs.locator(".shell")).toBeVisible();
    expect(new URL(theirs.url()).pathname).toBe("/customers");

    await drawer.getByRole("button", { name: "停用账号" }).click();
    await page.locator(".ant-popconfirm").getByRole("button", { name: "停用账号" }).click();
    await expect(drawer.getByText("已停用")).toBeVisible();
    await theirs.goto("/me");
    await expect(theirs.getByRole("button", { name: "登录" })).toBeVisible();
    await theirs.context().close();
  });
});

test.describe("the door", () => {
  test.use({ mayComplain: /401|429/ });

  test("a session ended elsewhere leads to the sign-in, and back to the same address", async ({
    page,
    demo,
    as,
  }) => {
    await as("operator");
    await page.goto("/settings/staff?q=guide");
    await expect(page.getByRole("table", { name: "员工与权限" })).toBeVisible();
    await page.context().clearCookies();
    const look = page.getByRole("button", { name: /查看 周敏/ });
    await look.click({ timeout: 3_000 }).catch(() => {}); // a live question may have been quicker
    await page.reload();

    const account = demo.accounts.find((one) => one.role === "operator");
    await page.getByLabel("账号").fill(account?.code ?? "");
    await page.locator("input[type=password]").fill(account?.password ?? "");
    await page.getByRole("button", { name: "登录" }).click();

    await expect(page.getByRole("table", { name: "员工与权限" })).toBeVisible();
    expect(new URL(page.url()).search).toContain("q=guide");
  });

  test("says the same of a wrong password and a wrong name, then how long to wait", async ({
    page,
  }) => {
    await page.goto("/");
    await page.getByLabel("账号").fill(`nobody-${Date.now()}`);
    await page.locator("input[type=password]").fill("wrong one here");
    let status = 401;
    for (let tries = 0; status === 401 && tries < 12; tries++) {
      const said = page.waitForResponse((one) => one.request().method() === "POST");
      await page.getByRole("button", { name: "登录" }).click();
      status = (await said).status();
      const words = status === 401 ? "账号或密码不对" : "秒后再试";
      await expect(page.getByRole("alert")).toContainText(words);
    }
    expect(status).toBe(429);
  });
});

test("one's own page says who one is and changes the password", async ({ page, as, demo }) => {
  await as("guide");
  await page.goto("/me");
  await expect(page.locator("main")).toContainText("仅本人客户");
  await page.getByLabel("当前密码").fill("not this one");
  await page.getByLabel("新密码").fill("another long one");
  await page.getByLabel("再输入一次").fill("another long one");
  await page.getByRole("button", { name: "修改密码" }).click();
  await expect(page.getByRole("alert")).toContainText("当前密码不对");
  await signIn(page, demo, "guide");
});

test.use({ mayComplain: /400/ });
