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
    { path: "/reports/figures", lazy: () => import("./all") },
    { path: "/reports/figures/:name", lazy: () => import("./question") },
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
    {
      under: "/reports",
      path: "/reports/figures",
      label: ["全部报表", "All reports"],
      order: 4,
      needs,
    },
  ],
};
