// What stories and the gate need to know of the demo's customers; asked of its API.
import type { Page } from "@playwright/test";
import { asked, expect } from "./demo";
import type { Demo } from "./server";

export interface Listed {
  customer: string;
  name_masked: string;
  phone_masked: string;
  last_order: string;
}

interface Line {
  what: string;
  reason: string;
  order: string;
}

/** A customer of the demo to whom something was withheld, with the reason. */
export async function unsent(page: Page, demo: Demo): Promise<Listed & { line: Line }> {
  const { customers } = await asked<{ customers: Listed[] }>(
    page,
    demo,
    "GET",
    "/api/v1/customers?limit=200",
  );
  for (const one of customers) {
    const path = `/api/v1/customers/${one.customer}/timeline?kinds=withheld`;
    const { lines } = await asked<{ lines: Line[] }>(page, demo, "GET", path);
    const line = lines.find(({ what, reason, order }) => what === "withheld" && reason && order);
    if (line) return { ...one, line };
  }
  throw new Error("nothing was withheld from anybody in the demo");
}

/** The number of an order of a customer who has a name and is there for a while. */
export async function customerOf(page: Page): Promise<string> {
  const answer = await page.request.get("/api/v1/customers?limit=100");
  const { customers } = (await answer.json()) as { customers: Listed[] };
  return (
    customers
      .findLast((one) => one.last_order && one.name_masked.includes("*"))
      ?.last_order.split("/")
      .at(-1) ?? ""
  );
}

/** A button that opens a menu, and one of its words. */
export async function openDialog(page: Page, button: RegExp, item: RegExp): Promise<void> {
  await page.getByRole("main").getByRole("button", { name: button }).click();
  await page.getByRole("menuitem", { name: item }).click();
  await page.getByRole("dialog").waitFor();
}

/** By the key `/`, as soon as the box is there to hear it: it comes after the page. */
export async function toSearch(page: Page): Promise<void> {
  const box = page.getByRole("combobox", { name: /查找客户|Find a customer/ });
  await box.waitFor();
  await expect(async () => {
    await page.keyboard.press("/");
    await expect(box).toBeFocused({ timeout: 500 });
  }).toPass();
}
