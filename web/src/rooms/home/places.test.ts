import { expect, test } from "vitest";
import vocabulary from "@/api/vocabulary.json";
import { rooms } from "@/rooms";
import { PLACES } from "./places";

const served = new Set(rooms.flatMap((room) => room.routes.map((route) => route.path)));

test.each(Object.keys(vocabulary.need))("%s leads to a page that there is", (need) => {
  expect(served).toContain(PLACES[need]?.split("?")[0]);
});
