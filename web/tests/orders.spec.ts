import type { Page } from "@playwright/test";
import { asked, expect, test } from "./demo";

interface Account {
  since: string;
  until: string;
  packed: number;
  gift: number;
  card: number;
  out_of_scope: Record<string, number>;
}

test("each number of the parcel account opens the list that it counts", async ({ page, as }) => {
  await as("operator");
  await page.goto("/customers/parcels?days=90");
  const counts = page.locator(".equation .figure");
  await counts.first().waitFor();
  const [packed = 0, ...parts] = await Promise.all(
    (await counts.all()).map(async (one) =>
      Number((await one.locator("strong").textContent())?.replaceAll(",", "")),
    ),
  );
  expect(parts.reduce((sum, one) => sum + one, 0)).toBe(packed);

  await counts.nth(1).click();
  await expect(page).toHaveURL(/fate=gift/);
  await expect(page.getByRole("heading", { name: "列表：赠品" })).toBeVisible();
  await shows(page, parts[0] ?? 0);

  await page.locator(".panel", { hasText: "为何不在范围" }).locator("button").first().click();
  await expect(page).toHaveURL(/reason=/);
  const said = page
    .locator(".panel", { hasText: "为何不在范围" })
    .locator('[aria-pressed="true"] strong');
  await shows(page, Number(await said.textContent()));
  await page.goBack();
  await expect(page.getByRole("heading", { name: "列表：赠品" })).toBeVisible();
});

test("what was packed otherwise than decided is counted and listed", async ({ page, as, demo }) => {
  const { orders } = await asked<{ orders: { order_no: string; shop: string }[] }>(
    page,
    demo,
    "GET",
    "/api/v1/orders?limit=1&state=paid",
  );
  expect(orders).toHaveLength(1);
  const before = await asked<Account>(page, demo, "GET", "/api/v1/parcels/account");
  await as("operator");
  await page.goto("/customers/parcels");
  const compare = page.locator(".compare");
  await compare.waitFor();
  const decided = compare.getByRole("button", { name: /决策 赠品/ });
  const packed = compare.getByRole("button", { name: /实际 赠品/ });
  expect(await decided.textContent()).not.toBe("");
  await packed.click();
  await expect(page).toHaveURL(/fate=gift/);
  await decided.click();
  await expect(page).toHaveURL(/decided=gift/);
  expect(before.packed).toBe(
    before.gift + before.card + Object.values(before.out_of_scope).reduce((a, b) => a + b, 0),
  );
});

test("an order is found by its number, and leads to its parcel and its buyer", async ({
  page,
  as,
  demo,
}) => {
  const { parcels } = await asked<{ parcels: { orders: string[]; parcel_no: string }[] }>(
    page,
    demo,
    "GET",
    "/api/v1/parcels/list?fate=gift&limit=1",
  );
  const number = parcels[0]?.orders[0] ?? "";
  await as("operator");
  await page.goto("/customers/orders");
  await page.getByPlaceholder("订单号，完整输入").fill(number);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/order_no=/);
  await page.getByRole("table").getByRole("link", { name: number }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`订单 ${number}`);
  await expect(page.getByText("GIFT-", { exact: false }).first()).toBeVisible();
  await expect(page.getByText(/\*\*$/).first()).toBeVisible();
  await page.getByRole("link", { name: parcels[0]?.parcel_no ?? "" }).click();
  await expect(page).toHaveURL(/parcels\?number=/);
  await expect(page.getByRole("table").getByText(parcels[0]?.parcel_no ?? "")).toBeVisible();
});

/** Rows of the first page of a list; the whole is compared in tests/api/test_orders.py. */
async function shows(page: Page, number: number): Promise<void> {
  await expect(page.locator("tbody tr.ant-table-row")).toHaveCount(Math.min(number, 50));
}
