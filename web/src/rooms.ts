import type { Part, Room, Slot } from "./ui/room";

const found = import.meta.glob<{ room: Room }>("./rooms/*/room.tsx", { eager: true });

/** Every room of the console, in the order of the rail. */
export const rooms: readonly Room[] = Object.values(found)
  .map((one) => one.room)
  .sort((one, other) => (one.rail?.order ?? 99) - (other.rail?.order ?? 99));

/** What rooms put into a slot of the frame. */
export function partsOf(slot: Slot): Part[] {
  return rooms.flatMap((room) => room.parts?.[slot] ?? []);
}
