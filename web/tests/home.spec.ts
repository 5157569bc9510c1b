import { connect, createServer, type Server, type Socket } from "node:net";
import type { Page } from "@playwright/test";
import { asked, expect, signIn, test } from "./demo";
import type { Demo } from "./server";

interface Overview {
  steps: { step: string; count: number }[];
}
interface Preview {
  channels: { waiting: number; in_hand: number }[];
}

const BY = { by: "story" };

/** What the fake provider has really been handed: the sandbox's own record. */
async function received(page: Page, demo: Demo): Promise<number> {
  const answer = await page.request.get(`${demo.told.provider}/received`);
  return (await answer.json()).received;
}

async function orders(page: Page, demo: Demo): Promise<number> {
  const { steps } = await asked<Overview>(page, demo, "GET", "/api/v1/overview");
  return steps.find((one) => one.step === "orders")?.count ?? 0;
}

async function held(page: Page, demo: Demo): Promise<{ waiting: number; in_hand: number }> {
  const { channels } = await asked<Preview>(page, demo, "GET", "/api/v1/stops/preview");
  const sum = (part: "waiting" | "in_hand") => channels.reduce((all, one) => all + one[part], 0);
  return { waiting: sum("waiting"), in_hand: sum("in_hand") };
}

test.describe("home", () => {
  test("every number opens the list that it counts", async ({ page, as }) => {
    await as("owner");
    await page.goto("/");
    for (const step of ["orders", "invited", "friends", "again"]) {
      const number = page.locator(`[data-step=${step}]`);
      const said = Number((await number.textContent())?.replace(/\D/g, ""));
      await number.click();
      const list = page.getByRole("dialog");
      const rows = list.locator(".ant-table-row");
      if (said > 0) await rows.first().waitFor();
      const more = list.getByRole("button", { name: "加载更多" });
      await expect(async () => {
        if (await more.isVisible()) await more.click({ timeout: 1_000 });
        await expect(more).toBeHidden({ timeout: 100 });
      }).toPass();
      // the page is live: the number may have been told anew between the look and the press
      expect(await rows.count()).toBeGreaterThanOrEqual(said);
      expect(await rows.count()).toBeLessThanOrEqual(said + 3);
      expect(page.url()).toContain(`list=${step}`);
      await page.goBack();
      await expect(list).toBeHidden();
    }
  });

  test("a person in a list opens that person", async ({ page, as }) => {
    await as("owner");
    await page.goto("/?list=orders");
    const first = page.getByRole("dialog").getByRole("link").first();
    await expect(first).toHaveAttribute("href", /\/customers\/cus_/);
  });

  test("on a fresh installation it says what to do first", async ({ page, as }) => {
    await as("owner");
    await page.route("**/api/v1/overview", async (route) => {
      const answer = await route.fetch();
      const told = await answer.json();
      const empty = { count: 0, people: 0, count_before: 0, people_before: 0 };
      const steps = told.steps.map((one: object) => ({ ...one, ...empty }));
      await route.fulfill({ response: answer, json: { ...told, steps } });
    });
    await page.goto("/");
    await expect(page.getByText("还没有订单")).toBeVisible();
  });

  test("whoever sees a part of the brand starts at the tasks, without goal and switch", async ({
    page,
    as,
  }) => {
    await as("guide");
    await page.goto("/");
    await expect(page).toHaveURL(/\/tasks/);
    await expect(page.getByRole("button", { name: "暂停触达" })).toHaveCount(0);
    await expect(page.locator(".goal-button")).toHaveCount(0);
  });

  test("the goal is set once, shown on every page, and audited", async ({ page, as, demo }) => {
    await as("operator");
    await page.goto("/");
    await page.locator(".goal-button").click();
    await page.getByRole("radio", { name: "复购" }).click();
    await page.getByLabel("目标值").fill("20");
    await page.getByLabel("观察天数").fill("7");
    await page.getByRole("button", { name: "设为目标" }).dblclick();
    await expect(page.locator(".goal-button")).toContainText("复购");
    await expect(page.locator(".goal-button")).toContainText("20%");

    type Line = { action: string; actor: string; reason: string };
    const { lines } = await asked<{ lines: Line[] }>(
      page,
      demo,
      "GET",
      "/api/v1/audit?action=goal.set",
    );
    expect(lines.filter((one) => one.reason === "repurchase 20.0% within 7 days")).toHaveLength(1);
    const growth = { kind: "growth", target: 0.48, days: 14, ...BY };
    await asked(page, demo, "PUT", "/api/v1/goal", growth);
  });
});

test.describe("the red switch", () => {
  test.setTimeout(300_000);
  test.afterEach(async ({ page, demo }) => {
    await asked(page, demo, "POST", "/api/v1/resume", BY);
  });

  test("while orders come in, nothing more reaches the provider until somebody resumes", async ({
    page,
    as,
    demo,
  }) => {
    await as("operator");
    await page.goto("/");
    expect(await received(page, demo)).toBeGreaterThan(0);

    await page.getByRole("button", { name: "暂停触达" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "暂停全部触达" }).dblclick();
    await expect(dialog.getByText("已暂停。不再发出任何触达。")).toBeVisible();
    await dialog.getByRole("button", { name: /关闭|Close/ }).click();
    await expect.poll(async () => (await held(page, demo)).in_hand).toBe(0);
    const before = { received: await received(page, demo), orders: await orders(page, demo) };

    // orders go on, and what they would bring waits
    await expect
      .poll(() => orders(page, demo), { timeout: 120_000, intervals: [2000] })
      .toBeGreaterThan(before.orders + 1);
    await expect
      .poll(async () => (await held(page, demo)).waiting, { timeout: 120_000, intervals: [2000] })
      .toBeGreaterThan(0);
    expect(await received(page, demo)).toBe(before.received);

    // it is unmistakable everywhere, to colleagues as well
    await page.goto("/nowhere");
    const banner = page.locator(".stopped");
    await expect(banner).toContainText("已暂停 全部触达");
    expect(await received(page, demo)).toBe(before.received);

    await banner.getByRole("button", { name: "恢复" }).click();
    await dialog.getByRole("button", { name: "恢复：全部触达" }).click();
    await expect(dialog.getByText("已恢复：全部触达。")).toBeVisible();
    await expect(banner).toBeHidden();
    await expect
      .poll(() => received(page, demo), { timeout: 60_000 })
      .toBeGreaterThan(before.received);
  });

  test("a stop by somebody else appears on an open page, live", async ({ page, as, demo }) => {
    await as("operator");
    await page.goto("/");
    await page.locator("[data-step=orders]").waitFor();
    await asked(page, demo, "POST", "/api/v1/pause", { scope: "channel:voice_ai", ...BY });
    await expect(page.locator(".stopped")).toContainText("触点 AI 外呼");
    await asked(page, demo, "POST", "/api/v1/resume", { scope: "channel:voice_ai", ...BY });
    await expect(page.locator(".stopped")).toBeHidden();
  });
});

/** A way to the server that can be cut: every connection breaks, and new ones are refused. */
class Wire {
  private server: Server | null = null;
  private readonly open = new Set<Socket>();
  private readonly to: number;
  port = 0;

  constructor(to: number) {
    this.to = to;
  }

  async up(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(this.to, "127.0.0.1");
      for (const one of [near, far]) {
        this.open.add(one);
        one.on("error", () => one.destroy());
        one.on("close", () => {
          this.open.delete(one);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far);
      far.pipe(near);
    });
    this.server = server;
    await new Promise<void>((done) => server.listen(this.port, "127.0.0.1", done));
    const address = server.address();
    this.port = typeof address === "object" && address ? address.port : 0;
  }

  async cut(): Promise<void> {
    const server = this.server;
    for (const one of this.open) one.destroy();
    if (server) await new Promise<unknown>((done) => server.close(done));
  }
}

test.describe("the way to the server", () => {
  test.use({
    // of answers and of parts of the page that were on their way as the wire was cut
    mayComplain: /net::ERR_|Unable to preload CSS|imported module/,
  });

  test("a server that is gone is said, what was shown stays, and so is its return", async ({
    page,
    demo,
  }) => {
    const wire = new Wire(Number(new URL(demo.url).port));
    await wire.up();
    await signIn(page, demo, "owner");
    await page.goto(`http://127.0.0.1:${wire.port}/`);
    const number = page.locator("[data-step=orders]");
    await number.waitFor();
    await wire.cut();
    await expect(page.locator("[data-link=gone]")).toBeVisible({ timeout: 20_000 });
    await expect(number).toBeVisible();

    await wire.up();
    await expect(page.locator("[data-link=back]")).toBeVisible({ timeout: 40_000 });
    await expect(page.locator("[data-link]")).toHaveCount(0, { timeout: 20_000 });
    await wire.cut();
  });
});
