import type { Room } from "@/ui/room";

const UNDER = "/journeys";

export const room: Room = {
  routes: [{ path: "/journeys/moments", lazy: () => import("./list") }],
  tabs: [
    {
      under: UNDER,
      path: UNDER,
      label: ["全部旅程", "All journeys"],
      order: 0,
      needs: ["journeys.read"],
    },
    {
      under: UNDER,
      path: "/journeys/moments",
      label: ["朋友圈", "Moments"],
      order: 1,
      needs: ["moments.read"],
    },
  ],
};
