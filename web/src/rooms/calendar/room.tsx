import type { Room } from "@/ui/room";

export const room: Room = {
  routes: [{ path: "/journeys/calendar", lazy: () => import("./page") }],
  tabs: [
    {
      under: "/journeys",
      path: "/journeys/calendar",
      label: ["内容日历", "Calendar"],
      order: 2,
      needs: ["journeys.read"],
    },
  ],
};
