import { CarryOutOutlined } from "@ant-design/icons";
import type { Room } from "@/ui/room";

const WORK = ["tasks.work"];
const MANAGE = ["tasks.manage"];
const FILES = ["tasks.manage", "imports.write"];

export const room: Room = {
  rail: {
    path: "/tasks",
    label: ["任务", "Tasks"],
    icon: <CarryOutOutlined />,
    order: 5,
    needs: ["tasks.read"],
  },
  tabs: [
    { under: "/tasks", path: "/tasks", label: ["我的待办", "My to-do"], order: 0, needs: WORK },
    { under: "/tasks", path: "/tasks/desk", label: ["呼叫台", "Call desk"], order: 1, needs: WORK },
    { under: "/tasks", path: "/tasks/team", label: ["团队", "Team"], order: 2, needs: MANAGE },
    {
      under: "/tasks",
      path: "/tasks/reveals",
      label: ["查号", "Phones to look up"],
      order: 3,
      needs: FILES,
    },
    {
      under: "/tasks",
      path: "/tasks/presses",
      label: ["待发送", "To be sent"],
      order: 4,
      needs: ["tasks.read"],
    },
  ],
  routes: [
    { path: "/tasks", lazy: () => import("./list") },
    { path: "/tasks/desk", lazy: () => import("./desk") },
    { path: "/tasks/team", lazy: () => import("./team") },
    { path: "/tasks/reveals", lazy: () => import("./reveals") },
    { path: "/tasks/presses", lazy: () => import("./presses") },
  ],
};
