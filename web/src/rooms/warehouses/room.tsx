import type { Room } from "@/ui/room";

export const room: Room = {
  routes: [{ path: "/settings/warehouses", lazy: () => import("./page") }],
  tabs: [
    {
      under: "/settings",
      path: "/settings/warehouses",
      label: ["仓库与赠品", "Warehouses & gifts"],
      order: 1.5,
      needs: ["parcels.read", "settings.read"],
    },
  ],
};
