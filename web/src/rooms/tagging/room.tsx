import type { Room } from "@/ui/room";

export const room: Room = {
  routes: [{ path: "/customers/tags", lazy: () => import("./page") }],
  tabs: [
    {
      under: "/customers",
      path: "/customers/tags",
      label: ["标签规则", "Tag rules"],
      order: 0.7,
      needs: ["segments.read"],
    },
  ],
};
