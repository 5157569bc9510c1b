import { asked } from "../demo";
import type { Looked } from "../page";

export const pages: Looked[] = [
  { name: "orders", path: "/customers/orders", ready: "table a" },
  {
    name: "order",
    path: async (page, demo) => {
      const { parcels } = await asked<{ parcels: { orders: string[] }[] }>(
        page,
        demo,
        "GET",
        "/api/v1/parcels/list?fate=gift&limit=1",
      );
      const number = encodeURIComponent(parcels[0]?.orders[0] ?? "");
      const found = await asked<{ orders: { id: string }[] }>(
        page,
        demo,
        "GET",
        `/api/v1/orders?order_no=${number}`,
      );
      return `/customers/orders/${found.orders[0]?.id}`;
    },
    ready: "dl",
  },
  { name: "parcels", path: "/customers/parcels", ready: "table a" },
  { name: "promises", path: "/customers/promises" },
];
