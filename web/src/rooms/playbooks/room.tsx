import type { Room } from "@/ui/room";
import { UNDER } from "./places";

export const room: Room = {
  routes: [
    { path: UNDER, lazy: () => import("./gallery") },
    { path: `${UNDER}/:name`, lazy: () => import("./playbook") },
    { path: `${UNDER}/:name/start`, lazy: () => import("./start") },
    { path: `${UNDER}/:name/forecasts/:run`, lazy: () => import("./forecast") },
  ],
  tabs: [
    {
      under: "/journeys",
      path: UNDER,
      label: ["打法", "Playbooks"],
      order: 0.5,
      needs: ["journeys.read"],
    },
  ],
};
