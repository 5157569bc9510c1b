import type { Looked } from "../page";

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
  { name: "settings-connections", path: "/settings/connections", ready: "table code" },
  { name: "settings-parked", path: "/settings/parked", as: "owner" },
  { name: "settings-audit", path: "/settings/audit", ready: "table" },
  { name: "settings-subscribers", path: "/settings/subscribers", as: "owner" },
];
