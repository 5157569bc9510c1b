import type { Page } from "@playwright/test";
import { asked } from "../demo";
import type { Looked } from "../page";
import type { Demo } from "../server";

const RULES = `rule: gate-cream
when:
  - product: {category: 面霜}
  - keyword: [面霜, 太干]
unless: {product: {category: gifts}}
tag: 爱用面霜
confidence: 0.8
for: 365d
---
rule: gate-card
when: {source: {way: search}}
tag: by-card
`;

const at = (part: string) => async (page: Page, demo: Demo) => {
  await asked(page, demo, "PUT", "/api/v1/tags/rules", { text: RULES, by: "gate" });
  return `/customers/tags?part=${part}`;
};

export const pages: Looked[] = [
  { name: "tag-rules", path: at("rules"), phone: true, ready: "tbody tr.ant-table-row" },
  {
    name: "tag-rule-write",
    path: at("rules"),
    ready: "tbody tr.ant-table-row",
    before: async (page) => {
      await page.locator("tbody .ant-btn:not(.tag-number)").first().click();
      await page.locator(".cm-content").waitFor();
    },
  },
  { name: "tag-hits", path: at("hits"), ready: ".ant-table" },
  { name: "tag-waiting", path: at("waiting"), ready: ".ant-table" },
];
