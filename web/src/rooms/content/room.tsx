import { AppstoreOutlined } from "@ant-design/icons";
import type { Room } from "@/ui/room";

const UNDER = "/content";

export const room: Room = {
  rail: {
    path: UNDER,
    label: ["内容与权益", "Content & offers"],
    icon: <AppstoreOutlined />,
    order: 3,
    needs: ["content.read"],
  },
  routes: [
    { path: UNDER, lazy: () => import("./list") },
    { path: "/content/materials/:code", lazy: () => import("./material") },
    { path: "/content/materials/:code/edit", lazy: () => import("./edit") },
  ],
  tabs: [
    { under: UNDER, path: UNDER, label: ["素材", "Materials"], order: 0, needs: ["content.read"] },
  ],
};
