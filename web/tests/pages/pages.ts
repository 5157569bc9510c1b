import type { Page } from "@playwright/test";
import { asked } from "../demo";
import type { Looked } from "../page";
import type { Demo } from "../server";

const TEXT = `page: gate-wallet
kind: wallet
title: {zh: 我的卡包, en: My wallet}
words: {zh: 您的券和预约都在这里。, en: Your coupons and bookings are here.}
`;

async function made(page: Page, demo: Demo) {
  await asked(page, demo, "PUT", "/api/v1/pages", { text: TEXT, by: "gate" });
  return "/content/pages";
}

export const pages: Looked[] = [
  { name: "brand-pages", path: made, phone: true, ready: "tbody tr.ant-table-row" },
  {
    name: "brand-page-write",
    path: made,
    ready: "tbody tr.ant-table-row",
    before: async (page) => {
      const row = page.getByRole("row", { name: /gate-wallet/ });
      await row.getByRole("button").nth(1).click();
      await page.locator(".form-fields").first().waitFor();
      await page.locator("iframe.page-phone").waitFor();
    },
  },
  {
    name: "brand-page-address",
    path: made,
    ready: "tbody tr.ant-table-row",
    before: async (page) => {
      const row = page.getByRole("row", { name: /gate-wallet/ });
      await row.getByRole("button").first().click();
      await page.locator(".page-address").waitFor();
    },
  },
];
