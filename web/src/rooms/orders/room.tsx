import type { Room } from "@/ui/room";

const UNDER = "/customers";

export const room: Room = {
  routes: [
    { path: "/customers/orders", lazy: () => import("./list") },
    { path: "/customers/orders/:order", lazy: () => import("./order") },
    { path: "/customers/promises", lazy: () => import("./promises") },
    { path: "/customers/parcels", lazy: () => import("./parcels") },
  ],
  tabs: [
    {
      under: UNDER,
      path: UNDER,
      label: ["全部客户", "All customers"],
      order: 0,
      needs: ["customers.read"],
    },
    {
      under: UNDER,
      path: "/customers/orders",
      label: ["订单", "Orders"],
      order: 1,
      needs: ["customers.read"],
    },
    {
      under: UNDER,
      path: "/customers/parcels",
      label: ["包裹", "Parcels"],
      order: 2,
      needs: ["parcels.read"],
    },
  ],
};
