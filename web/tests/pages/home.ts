import type { Looked } from "../page";

const opened = (name: string | RegExp) => async (page: import("@playwright/test").Page) => {
  await page.getByRole("button", { name }).first().click();
  await page.locator(".ant-modal, .ant-drawer-content, .ant-drawer-section").first().waitFor();
};

export const pages: Looked[] = [
  { name: "home", path: "/", as: "owner", phone: true, ready: "[data-step=orders]" },
  {
    name: "home-orders",
    path: "/?list=orders",
    as: "owner",
    phone: true,
    ready: ".ant-drawer .ant-table-row",
  },
  {
    name: "home-stop",
    path: "/",
    ready: "[data-step=orders]",
    phone: true,
    before: opened(/暂停触达|Pause/),
  },
  {
    name: "home-stopped",
    path: async (page) => {
      // drawn only: a stop would hold the demo of the other stories
      const since = new Date(0).toISOString();
      const stopped = [{ scope: "channel:sms", since, by: "ana" }];
      await page.route("**/api/v1/stops", (route) => route.fulfill({ json: { stopped } }));
      return "/";
    },
    phone: true,
    ready: ".stopped",
  },
  {
    name: "home-goal",
    path: "/",
    as: "owner",
    phone: true,
    ready: ".goal-button",
    before: opened(/加好友|growth/),
  },
];
