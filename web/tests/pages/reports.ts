import type { Looked } from "../page";

export const pages: Looked[] = [
  { name: "reports-cascade", path: "/reports", ready: "[role=img]", phone: true },
  { name: "reports-cost", path: "/reports/cost", ready: "[role=img]", phone: true },
  { name: "reports-withheld", path: "/reports/withheld", ready: "[role=img]", phone: true },
  {
    name: "reports-behind",
    path: "/reports?list=in_scope&of=new-orders",
    ready: "[role=dialog] .ant-table-row",
    phone: true,
  },
  {
    name: "reports-behind-withheld",
    path: "/reports/withheld?list=withheld",
    ready: "[role=dialog] .ant-table-row",
    phone: true,
  },
  {
    name: "reports-definitions",
    path: "/reports",
    ready: "[role=img]",
    before: async (page) => {
      await page.locator(".report-definitions").click();
      await page.locator(".report-terms").waitFor();
    },
  },
];
