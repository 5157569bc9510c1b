import type { Looked } from "../page";
import { service } from "../slots";

export const pages: Looked[] = [
  {
    name: "slots",
    as: "operator",
    path: async (page, demo) => {
      await service(page, demo, "gate-cleaning");
      return "/tasks/slots?service=gate-cleaning";
    },
    phone: true,
    ready: ".slot-times",
  },
  {
    name: "slots-write",
    as: "operator",
    path: async (page, demo) => {
      await service(page, demo, "gate-cleaning");
      return "/tasks/slots?service=gate-cleaning";
    },
    ready: ".slot-times",
    before: async (page) => {
      await page.getByRole("button", { name: /修改服务|Edit the service/ }).click();
      await page.locator(".form-fields").first().waitFor();
    },
  },
];
