import type { Page } from "@playwright/test";
import { asked } from "../demo";
import type { Looked } from "../page";
import type { Demo } from "../server";

const PLAN = `group: gate-mums
title: {zh: 妈妈群, en: Mums}
chats: ["妈妈群*"]
capacity: 200
---
group: gate-experts
title: {zh: 专家群, en: Experts}
apart_from: [gate-mums]
chats: ["专家群*"]
`;

const at = (part: string) => async (page: Page, demo: Demo) => {
  await asked(page, demo, "PUT", "/api/v1/groups/plans", { text: PLAN, by: "gate" });
  return `/groups/plans?part=${part}`;
};

export const pages: Looked[] = [
  { name: "group-plans", path: at("plans"), phone: true, ready: "tbody tr.ant-table-row" },
  { name: "group-posts", path: at("posts"), ready: ".panel h2" },
  { name: "group-odd", path: at("odd"), ready: ".ant-segmented" },
  {
    name: "group-plan-write",
    path: at("plans"),
    ready: "tbody tr.ant-table-row",
    before: async (page) => {
      await page.locator("tbody .ant-btn").first().click();
      await page.locator(".form-fields").first().waitFor();
    },
  },
];
