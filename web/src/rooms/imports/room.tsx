import { lazy } from "react";
import type { Room } from "@/ui/room";

const needs = ["imports.read"] as const;

export const room: Room = {
  routes: [
    { path: "/customers/imports", lazy: () => import("./list") },
    { path: "/customers/imports/:upload", lazy: () => import("./upload") },
  ],
  tabs: [
    {
      under: "/customers",
      path: "/customers/imports",
      label: ["导入", "Import"],
      order: 90,
      needs,
    },
  ],
  parts: { tray: lazy(() => import("./tray")) },
};
