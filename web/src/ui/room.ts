import type { ComponentType, LazyExoticComponent, ReactNode } from "react";
import type { RouteObject } from "react-router";
import type { Said } from "./words";

/** Where on the frame a room's own small part stands. */
export type Slot = "goal" | "search" | "stop" | "tray" | "banner" | "me";

export type Part = ComponentType | LazyExoticComponent<ComponentType>;

/**
 * What a room brings to the console: `src/rooms/<room>/room.tsx` exports one as `room`, and the frame
 * finds it by its folder. Deleting the folder deletes the room.
 */
export interface Room {
  /** Its word in the rail, and where it stands among the others. */
  rail?: {
    path: string;
    label: Said;
    icon: ReactNode;
    order: number;
    /** Whoever has one of these permissions sees it. */
    needs: readonly string[];
  };
  /** Pages, each lazy: `lazy: () => import("./list")` of a module that exports `Component`. */
  routes: RouteObject[];
  parts?: Partial<Record<Slot, Part>>;
  /** Pages that stand beside one another under a word of the rail (`under`: its path), drawn as tabs. */
  tabs?: readonly Tab[];
}

export interface Tab {
  under: string;
  path: string;
  label: Said;
  order: number;
  needs: readonly string[];
}
