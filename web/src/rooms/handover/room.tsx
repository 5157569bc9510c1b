import type { Room } from "@/ui/room";

export const room: Room = {
  routes: [{ path: "/tasks/handover", lazy: () => import("./handover") }],
  tabs: [
    {
      under: "/tasks",
      path: "/tasks/handover",
      label: ["客户继承", "Hand-over"],
      order: 4,
      needs: ["staff.handover"],
    },
  ],
};
