import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { asked, expect, test } from "./demo";
import type { Demo } from "./server";

interface Rules {
  hours: { channel: string; purpose: string; hours: string }[];
}

test("permitted hours are changed after a look at the change, audited, and taken back", async ({
  page,
  as,
  demo,
}) => {
  const before = await asked<Rules>(page, demo, "GET", "/api/v1/budget/rules");
  await as("operator");
  await page.goto("/settings/rules");
  const field = page.getByRole("row", { name: /全部触点 营销/ }).getByRole("textbox");
  const old = await field.inputValue();
  await field.fill("10:00-18:00");
  await expect(page.getByText("1 处更改未保存")).toBeVisible();

  await page.getByRole("link", { name: "审计日志" }).click();
  await page.getByRole("button", { name: "留下" }).click();
  await page.getByRole("button", { name: "查看并保存" }).click();
  await expect(page.getByRole("dialog")).toContainText(`${old} → 10:00-18:00`);
  await page.getByRole("button", { name: /^保\s?存$/ }).dblclick();
  await expect(page.getByText("触达规则已保存")).toBeVisible();
  await page.getByRole("button", { name: "撤销" }).click();
  await expect(page.getByText("已恢复原样")).toBeVisible();
  await expect(field).toHaveValue(old);
  const after = await asked<Rules>(page, demo, "GET", "/api/v1/budget/rules");
  expect(after.hours).toEqual(before.hours);

  await page.goto("/settings/audit?action=budget.set");
  const rows = page.locator("tbody tr.ant-table-row");
  await expect(rows.nth(1)).toContainText("10:00-18:00");
  await expect(rows.nth(1)).toContainText("operator");
  await expect(rows.first()).toContainText(old);
});

test("a price is set, and the log says from what to what", async ({ page, as, demo }) => {
  await as("operator");
  await page.goto("/settings/prices");
  const price = page.getByRole("spinbutton", { name: /短信/ });
  await price.fill("0.06");
  await page.getByRole("button", { name: "查看并保存" }).click();
  await expect(page.getByRole("dialog")).toContainText("¥0.05 → ¥0.06");
  await page.getByRole("button", { name: /^保\s?存$/ }).click();
  await expect(page.getByText("1 个价格已保存")).toBeVisible();
  await page.reload();
  await expect(price).toHaveValue("0.06");
  const { lines } = await asked<{ lines: { reason: string; actor: string }[] }>(
    page,
    demo,
    "GET",
    "/api/v1/audit/latest?action=price.set&limit=1",
  );
  expect(lines[0]).toMatchObject({
    actor: "operator",
    reason: expect.stringMatching(/^5 CNY → 6 CNY from 20/),
  });
  const body = { by: "story", prices: [{ kind: "sms_segment", unit_minor: 5 }] };
  await asked(page, demo, "PUT", "/api/v1/settings/prices", body);
});

test.describe(() => {
  test.use({ mayComplain: /409 \(Conflict\)/ });

  test("what was counted meanwhile is not counted away", async ({ page, as, demo }) => {
    const { gifts } = await asked<{ gifts: { sku: string; on_hand: number }[] }>(
      page,
      demo,
      "GET",
      "/api/v1/settings/stock",
    );
    const gift = gifts[0];
    if (!gift) throw new Error("the demo has no gifts");
    await as("operator");
    await page.goto("/settings/warehouses?part=stock");
    await page
      .getByRole("button", { name: /^盘\s?点$/ })
      .first()
      .click();
    const counted = page.getByRole("dialog").getByRole("spinbutton");
    await counted.fill("500");
    const other = { by: "story", sku: gift.sku, on_hand: gift.on_hand + 1, was: gift.on_hand };
    await asked(page, demo, "PUT", "/api/v1/settings/stock", other);
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /保\s?存/ })
      .click();
    await expect(page.getByRole("dialog").getByRole("alert")).toBeVisible();
    const { gifts: after } = await asked<{ gifts: { sku: string; on_hand: number }[] }>(
      page,
      demo,
      "GET",
      "/api/v1/settings/stock",
    );
    expect(after[0]?.on_hand).toBe(gift.on_hand + 1);
  });
});

test("the keys page names every secret and shows none", async ({ page, as, demo }) => {
  await as("operator");
  await page.goto("/settings/connections");
  await page.getByRole("table", { name: "密钥" }).waitFor();
  for (const name of ["master_key", "lookup_key", "api_key", "ingest_secret"])
    await expect(page.getByText(name, { exact: true })).toBeVisible();
  await expect(page.getByRole("row", { name: /webhook\.secret/ })).toContainText(
    "为发出的请求签名",
  );
  expect(await page.content()).not.toContain(demo.apiKey);
});

test("a poison event is parked, fails again, and is applied once its cause is gone", async ({
  page,
  as,
  demo,
}) => {
  const { since } = await asked<{ since: string }>(page, demo, "GET", "/api/v1/parcels/account");
  const id = `story/${Date.now()}`;
  sql(demo, "alter table correction add constraint unlucky check (amount_minor <> 13)");
  try {
    await told(page, demo, {
      source: "story",
      id,
      kind: "order.corrected",
      occurred_at: since,
      data: { shop: "story", correction_no: id, currency: "CNY", amount_minor: 13 },
      keys: {},
    });
    await as("owner");
    await page.goto("/settings/parked");
    const row = page.locator("tbody tr.ant-table-row", { hasText: id });
    await expect(async () => {
      await page.reload();
      await expect(row).toBeVisible({ timeout: 3_000 });
    }).toPass({ timeout: 40_000 });
    await expect(row).toContainText("账目更正");
    await expect(row).toContainText("CheckViolation");
    await row.getByRole("button", { name: /重\s?放/ }).click();
    await expect(page.getByText("1 条已放回队列")).toBeVisible();
    await expect(page.getByText("1 条再次失败")).toBeVisible({ timeout: 20_000 });

    sql(demo, "alter table correction drop constraint unlucky");
    await row.getByRole("checkbox").check();
    await page.getByRole("button", { name: "重放所选 1 条" }).click();
    await expect(page.getByText("没有再次失败")).toBeVisible({ timeout: 20_000 });
    await expect(row).toHaveCount(0);
  } finally {
    sql(demo, "alter table correction drop constraint if exists unlucky");
  }
});

/** A statement in the demo's database, as nothing in the product would run it. */
function sql(demo: Demo, statement: string): void {
  const script = `
from siyu.app import open_app
from siyu.settings import load
with open_app(load({}, home="${demo.home}")) as app, app.db.transaction() as conn:
    conn.execute("${statement}")`;
  const ran = spawnSync("../.venv/bin/python", ["-c", script], { encoding: "utf-8" });
  expect(ran.status, ran.stderr).toBe(0);
}

/** A fact as a sender's system posts it: signed. */
async function told(page: Page, demo: Demo, event: object): Promise<void> {
  const body = JSON.stringify({ events: [event] });
  const secret = readFileSync(join(demo.home, "keys", "ingest_secret"), "utf-8").trim();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  const answer = await page.request.post(`${demo.url}/api/v1/events`, {
    data: Buffer.from(body),
    headers: {
      "Content-Type": "application/json",
      "X-Siyu-Timestamp": timestamp,
      "X-Siyu-Signature": signature,
    },
  });
  expect(await answer.json()).toMatchObject({ answers: [{ status: "accepted" }] });
}
