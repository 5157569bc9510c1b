import { TeamOutlined } from "@ant-design/icons";
import { lazy } from "react";
import type { Room } from "@/ui/room";

export const room: Room = {
  rail: {
    path: "/customers",
    label: ["客户", "Customers"],
    icon: <TeamOutlined />,
    order: 1,
    needs: ["customers.read"],
  },
  routes: [
    { path: "/customers", lazy: () => import("./list") },
    { path: "/customers/match", lazy: () => import("./match") },
    { path: "/customers/:customer", lazy: () => import("./customer") },
  ],
  parts: { search: lazy(() => import("./search")) },
};
