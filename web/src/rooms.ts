import type { Part, Room, Slot, Tab } from "./ui/room";

const found = import.meta.glob<{ room: Room }>("./rooms/*/room.tsx", { eager: true });

/** Every room of the console, in the order of the rail. */
export const rooms: readonly Room[] = Object.values(found)
  .map((one) => one.room)
  .sort((one, other) => (one.rail?.order ?? 99) - (other.rail?.order ?? 99));

/** The pages under the word of the rail at whose address somebody is, whichever rooms brought them. */
export function tabsAt(pathname: string): Tab[] {
  const within = (path: string) => pathname === path || pathname.startsWith(`${path}/`);
  return rooms
    .flatMap((room) => room.tabs ?? [])
    .filter((tab) => within(tab.under))
    .sort((one, other) => one.order - other.order);
}

/** What rooms put into a slot of the frame. */
export function partsOf(slot: Slot): Part[] {
  return rooms.flatMap((room) => room.parts?.[slot] ?? []);
}
