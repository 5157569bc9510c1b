import { BarChartOutlined } from "@ant-design/icons";
import type { Room } from "@/ui/room";

const needs = ["reports.read"] as const;

export const room: Room = {
  rail: {
    path: "/reports",
    label: ["报表", "Reports"],
    icon: <BarChartOutlined />,
    order: 6,
    needs,
  },
  routes: [
    { path: "/reports", lazy: () => import("./cascade") },
    { path: "/reports/cost", lazy: () => import("./cost") },
    { path: "/reports/withheld", lazy: () => import("./withheld") },
  ],
  tabs: [
    {
      under: "/reports",
      path: "/reports",
      label: ["加好友漏斗", "Add-friend funnel"],
      order: 1,
      needs,
    },
    {
      under: "/reports",
      path: "/reports/cost",
      label: ["加粉成本", "Cost per friend"],
      order: 2,
      needs,
    },
    {
      under: "/reports",
      path: "/reports/withheld",
      label: ["未发送", "Not sent"],
      order: 3,
      needs,
    },
  ],
};
