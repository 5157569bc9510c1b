import type { Room } from "@/ui/room";

export const room: Room = {
  routes: [{ path: "/content/pages", lazy: () => import("./list") }],
  tabs: [
    {
      under: "/content",
      path: "/content/pages",
      label: ["落地页", "Pages"],
      order: 2,
      needs: ["content.read"],
    },
  ],
};
