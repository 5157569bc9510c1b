import type { Looked } from "../page";

export const pages: Looked[] = [
  { name: "moments", path: "/journeys/moments", ready: "table" },
  {
    name: "moments-write",
    path: "/journeys/moments",
    ready: "table",
    before: async (page) => {
      await page.locator(".page-primary .ant-btn-primary").click();
      await page.locator(".ant-drawer textarea").waitFor();
    },
  },
];
