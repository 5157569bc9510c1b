import { BranchesOutlined } from "@ant-design/icons";
import { lazy } from "react";
import type { Room } from "@/ui/room";

export const room: Room = {
  rail: {
    path: "/journeys",
    label: ["旅程", "Journeys"],
    icon: <BranchesOutlined />,
    order: 2,
    needs: ["journeys.read"],
  },
  routes: [
    { path: "/journeys", lazy: () => import("./list") },
    { path: "/journeys/_new", lazy: () => import("./new") }, // no code begins so
    { path: "/journeys/:code", lazy: () => import("./journey") },
    { path: "/journeys/:code/dry-runs/:run", lazy: () => import("./dry-run") },
  ],
  parts: { tray: lazy(() => import("./dry-tray")) },
};
