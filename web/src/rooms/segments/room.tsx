import type { Room } from "@/ui/room";

export const room: Room = {
  routes: [
    { path: "/customers/segments", lazy: () => import("./list") },
    { path: "/customers/segments/:code", lazy: () => import("./segment") },
  ],
  tabs: [
    {
      under: "/customers",
      path: "/customers/segments",
      label: ["分群", "Segments"],
      order: 0.5,
      needs: ["segments.read"],
    },
  ],
};
