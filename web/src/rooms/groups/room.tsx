import { CommentOutlined } from "@ant-design/icons";
import type { Room } from "@/ui/room";

export const room: Room = {
  rail: {
    path: "/groups",
    label: ["社群", "Groups"],
    icon: <CommentOutlined />,
    order: 4,
    needs: ["groups.read"],
  },
  routes: [
    { path: "/groups", lazy: () => import("./list") },
    { path: "/groups/plans", lazy: () => import("./plans") },
    { path: "/groups/ways", lazy: () => import("./ways") },
  ],
  tabs: [
    {
      under: "/groups",
      path: "/groups",
      label: ["客户群", "Group chats"],
      order: 0,
      needs: ["groups.read"],
    },
    {
      under: "/groups",
      path: "/groups/plans",
      label: ["群计划", "Plans"],
      order: 1,
      needs: ["groups.read"],
    },
    {
      under: "/groups",
      path: "/groups/ways",
      label: ["活码与链接", "Codes & links"],
      order: 2,
      needs: ["ways.read"],
    },
  ],
};
