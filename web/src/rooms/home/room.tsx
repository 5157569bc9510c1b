import { HomeOutlined } from "@ant-design/icons";
import { lazy } from "react";
import type { Room } from "@/ui/room";

export const room: Room = {
  rail: {
    path: "/",
    label: ["概览", "Home"],
    icon: <HomeOutlined />,
    order: 0,
    needs: ["overview.read"],
  },
  routes: [{ path: "/", lazy: () => import("./home") }],
  parts: {
    banner: lazy(() => import("./banner")),
    goal: lazy(() => import("./goal")),
    stop: lazy(() => import("./stop")),
  },
};
