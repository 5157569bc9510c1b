import type { Room } from "@/ui/room";

export const room: Room = {
  routes: [
    { path: "/settings/staff", lazy: () => import("./staff") },
    { path: "/me", lazy: () => import("./me") },
  ],
  tabs: [
    {
      under: "/settings",
      path: "/settings/staff",
      label: ["员工", "Staff"],
      order: 20,
      needs: ["staff.read"],
    },
  ],
};
