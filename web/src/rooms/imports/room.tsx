import { lazy } from "react";
import type { Room } from "@/ui/room";

const needs = ["imports.read"] as const;

export const room: Room = {
  routes: [
    { path: "/settings/imports", lazy: () => import("./list") },
    { path: "/settings/imports/:upload", lazy: () => import("./upload") },
  ],
  tabs: [
    {
      under: "/settings",
      path: "/settings/imports",
      label: ["导入", "Import"],
      order: 4,
      needs,
    },
  ],
  parts: { tray: lazy(() => import("./tray")) },
};
