import type { Room } from "@/ui/room";

export const room: Room = {
  routes: [{ path: "/tasks/slots", lazy: () => import("./page") }],
  tabs: [
    {
      under: "/tasks",
      path: "/tasks/slots",
      label: ["到店预约", "Bookings"],
      order: 5,
      needs: ["tasks.read"],
    },
  ],
};
