import type { Room } from "@/ui/room";

export const room: Room = {
  routes: [{ path: "/customers/lists", lazy: () => import("./page") }],
  tabs: [
    {
      under: "/customers",
      path: "/customers/lists",
      label: ["名单", "Lists"],
      order: 3,
      needs: ["imports.read"],
    },
  ],
};
