import { asked } from "../demo";
import type { Looked } from "../page";

const house = { shops: ["nowhere"], audit_minutes: 30, ship_cutoff: "16:00", by: "gate" };
const at = (part: string, ready: string, filters = ""): Looked => ({
  name: `warehouses-${part}`,
  path: `/settings/warehouses?part=${part}${filters}`,
  ready,
});

export const pages: Looked[] = [
  {
    name: "warehouses",
    path: async (page, demo) => {
      await asked(page, demo, "PUT", "/api/v1/warehouses/gate", house);
      return "/settings/warehouses";
    },
    ready: ".house",
    before: async (page) => {
      await page
        .getByRole("button", { name: /^修\s?改$|^Change$/ })
        .first()
        .click();
      await page.locator(".ant-drawer form").waitFor();
    },
  },
  at("differences", ".figure-button", "&all=1&days=30"),
  at("stock", "table"),
  { name: "lists", path: "/customers/lists", ready: ".ant-upload-drag" },
];
