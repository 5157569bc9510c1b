import type { Page } from "@playwright/test";
import { asked } from "../demo";
import type { Looked } from "../page";
import type { Demo } from "../server";

/** The connector with the longest form. */
async function longest(page: Page, demo: Demo): Promise<string> {
  const { connections } = await asked<{ connections: { name: string; fields: unknown[] }[] }>(
    page,
    demo,
    "GET",
    "/api/v1/connections",
  );
  const [first] = connections.sort((a, b) => b.fields.length - a.fields.length);
  return `/settings/connections/${first?.name}`;
}

export const pages: Looked[] = [
  { name: "settings-shops", path: "/settings/shops", ready: "table button" },
  {
    name: "settings-policies",
    path: "/settings/shops",
    ready: "table button",
    before: async (page) => {
      await page
        .getByRole("button", { name: /修改政策|Change/ })
        .first()
        .click();
      await page.getByRole("dialog").waitFor();
    },
  },
  { name: "settings-rules", path: "/settings/rules", ready: "table.rules" },
  { name: "settings-prices", path: "/settings/prices", ready: "table" },
  {
    name: "settings-connections",
    path: "/settings/connections",
    ready: "table code",
    phone: true,
  },
  {
    name: "settings-connection",
    path: longest,
    ready: ".setting",
    phone: true,
    before: async (page) => {
      await page.getByRole("button", { name: /测试连接|Test it/ }).click();
      await page.locator(".findings li").first().waitFor();
    },
  },
  { name: "settings-parked", path: "/settings/parked", as: "owner" },
  { name: "settings-audit", path: "/settings/audit", ready: "table" },
  { name: "settings-subscribers", path: "/settings/subscribers", as: "owner" },
];
