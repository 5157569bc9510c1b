import type { Page } from "@playwright/test";
import { customerOf, openDialog, toSearch, unsent } from "../customers";
import type { Looked } from "../page";
import type { Demo } from "../server";

const path = async (page: Page, demo: Demo) => {
  const { customer } = await unsent(page, demo);
  return `/customers/${customer}`;
};

export const pages: Looked[] = [
  { name: "customers", path: "/customers?friend=live", ready: "tbody tr.ant-table-row" },
  { name: "customers-guide", path: "/customers", as: "guide", phone: true, ready: "main h1" },
  { name: "customer", path, phone: true, ready: ".timeline li" },
  {
    name: "customer-unsent",
    path: async (...all) => `${await path(...all)}?kinds=withheld`,
    ready: ".timeline li",
  },
  {
    name: "customer-identities",
    path,
    ready: ".timeline li",
    before: async (page) => {
      await page.getByRole("button", { name: /身份|Identities/ }).click();
      await page.locator(".ant-drawer .key").first().waitFor();
    },
  },
  {
    name: "customer-merge",
    path,
    ready: ".timeline li",
    before: async (page) => {
      await openDialog(page, /更多操作|More/, /合并客户|Merge/);
      await page
        .getByRole("dialog")
        .getByRole("textbox")
        .first()
        .fill(await customerOf(page));
      await page.locator(".hit").first().click();
      await page.locator(".moves").waitFor();
    },
  },
  {
    name: "customers-search",
    path: "/customers",
    ready: "tbody tr.ant-table-row",
    before: async (page) => {
      const order = await customerOf(page);
      await toSearch(page);
      await page.keyboard.type(order);
      await page.locator(".search-found .found").first().waitFor();
    },
  },
  { name: "match", path: "/customers/match", ready: "tbody tr.ant-table-row" },
];
