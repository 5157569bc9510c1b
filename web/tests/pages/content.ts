import type { Page } from "@playwright/test";
import { asked } from "../demo";
import type { Looked } from "../page";
import type { Demo } from "../server";

const TEXT = `- code: gate-spring
  channel: wecom_message
  title: 春季上新
  tags: [春季, 凉鞋]
  owner: lin
  valid_from: 2026-03-01
  valid_until: 2099-03-31
  variables: {brand: text, name: text}
  zh: |-
    {{ name }}，{{ brand }}凉鞋到店了
    周末来试穿，送一双棉袜
  en: |-
    {{ name }}, sandals are here at {{ brand }}
    Come and try them: a pair of socks is yours
  variants:
    - code: b
      weight: 2
      zh: "{{ name }}，凉鞋到店了"
      en: "{{ name }}, sandals are here"
`;

const brought = async (page: Page, demo: Demo, text = TEXT) => {
  await asked(page, demo, "POST", "/api/v1/materials", { text, draft: true, by: "gate" });
  return "/content/materials/gate-spring";
};

export const pages: Looked[] = [
  { name: "materials", path: "/content", phone: true, ready: "tbody tr.ant-table-row" },
  {
    name: "material",
    path: (...all) => brought(...all),
    phone: true,
    ready: ".content-line",
  },
  {
    name: "material-versions",
    path: async (page, demo) => {
      await brought(page, demo);
      const path = await brought(page, demo, TEXT.replace("周末来试穿", "本周末来试穿"));
      return `${path}?tab=versions`;
    },
    ready: "tbody tr.ant-table-row",
    before: async (page) => {
      await page.locator("tbody .ant-btn").first().click();
      await page.locator(".content-diff .tone-ours").first().waitFor();
    },
  },
  {
    name: "material-did",
    path: "/content/materials/invite-sms?tab=did",
    ready: ".panel table, .panel .ant-empty",
  },
  {
    name: "material-edit",
    path: async (...all) => `${await brought(...all)}/edit`,
    phone: true,
    ready: ".content-pair textarea",
  },
  {
    name: "material-text",
    path: async (...all) => `${await brought(...all)}/edit`,
    ready: ".content-pair textarea",
    before: async (page) => {
      await page.locator(".ant-segmented-item").last().click();
      await page.locator(".cm-content").waitFor();
    },
  },
  {
    name: "materials-bring",
    path: "/content",
    ready: "tbody tr.ant-table-row",
    before: async (page) => {
      await page.locator(".page-primary .ant-btn").first().click();
      await page.locator(".ant-upload-drag").waitFor();
    },
  },
];
