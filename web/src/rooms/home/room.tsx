import { HomeOutlined } from "@ant-design/icons";
import type { Room } from "@/ui/room";

export const room: Room = {
  rail: {
    path: "/",
    label: ["概览", "Home"],
    icon: <HomeOutlined />,
    order: 0,
    needs: ["customers.read", "journeys.read", "tasks.read"],
  },
  routes: [{ path: "/", lazy: () => import("./home") }],
};
