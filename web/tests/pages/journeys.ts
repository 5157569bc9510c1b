import { dried } from "../dry";
import type { Looked } from "../page";

export const pages: Looked[] = [
  { name: "journeys", path: "/journeys", ready: "table" },
  { name: "journey", path: "/journeys/cascade", ready: ".journey-step" },
  { name: "journey-list", path: "/journeys/cascade?view=list", ready: "table" },
  {
    name: "journey-people",
    path: "/journeys/cascade?node=watch",
    ready: ".ant-drawer table, .ant-drawer .ant-empty",
  },
  {
    name: "journey-edit",
    path: "/journeys/cascade?view=edit&node=intent",
    ready: ".board-side .seg-row",
  },
  { name: "journey-new", path: "/journeys/_new", ready: ".board-side" },
  {
    name: "journey-versions",
    path: "/journeys/cascade?tab=versions",
    ready: "table",
  },
  { name: "journey-dry-run", path: (page, demo) => dried(page, demo), ready: ".dry-answer" },
  {
    name: "journey-publish",
    path: "/journeys/cascade",
    ready: ".cm-content",
    before: async (page) => {
      const editor = page.locator(".cm-content");
      await editor.click();
      await page.keyboard.press("Control+Home");
      await page.keyboard.type("# a remark\n");
      const publish = page.locator(".page-primary .ant-btn-primary");
      await publish.and(page.locator(":enabled")).waitFor();
      await publish.click();
      await page.locator(".ant-modal .ant-radio-group").waitFor();
    },
  },
];
