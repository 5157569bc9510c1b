import type { Page } from "@playwright/test";
import { asked } from "../demo";
import type { Looked } from "../page";
import type { Demo } from "../server";

const TEXT = `segment: gate-shelf
title: {zh: 护肤回访, en: Skincare again}
layer: value
when:
  all:
    - orders: {category: 面霜, at_least: 1, within: 90d}
    - not: {tag: 敏感肌}
    - any:
        - not: {touched: {within: 7d}}
        - sequence: {first: {orders: {}}, not_then: {orders: {}}, within: 30d}
`;

const kept = async (page: Page, demo: Demo) => {
  await asked(page, demo, "PUT", "/api/v1/segments", { text: TEXT, by: "story", note: "gate" });
  return "/customers/segments/gate-shelf";
};
const counted = ".seg-total";

export const pages: Looked[] = [
  { name: "segments", path: "/customers/segments", phone: true, ready: "tbody tr.ant-table-row" },
  { name: "segment-new", path: "/customers/segments/_new", phone: true, ready: ".cm-content" },
  {
    name: "segment",
    path: kept,
    phone: true,
    ready: counted,
    before: async (page) => {
      await page.locator(".seg-clause").first().click();
      await page.locator(".seg-open").waitFor();
    },
  },
  {
    name: "segment-why",
    path: kept,
    ready: ".seg-people li",
    before: async (page) => {
      await page.locator(".seg-people li .ant-btn").first().click();
      await page.locator(".seg-because li").first().waitFor();
    },
  },
  {
    name: "segment-versions",
    path: async (...all) => `${await kept(...all)}?tab=versions`,
    ready: "tbody tr.ant-table-row",
  },
];
