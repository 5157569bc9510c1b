import type { Room } from "@/ui/room";

export const room: Room = {
  routes: [
    { path: "/content/offers", lazy: () => import("./list") },
    { path: "/content/offers/:code", lazy: () => import("./offer") },
  ],
  tabs: [
    {
      under: "/content",
      path: "/content/offers",
      label: ["权益", "Offers"],
      order: 1,
      needs: ["offers.read"],
    },
  ],
};
