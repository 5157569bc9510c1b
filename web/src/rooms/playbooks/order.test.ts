import { expect, test } from "vitest";
import { ordered } from "./order";

test("what runs comes first, then what is proposed in its order, then the rest by name", () => {
  const rows = ["b", "a", "c", "d"].map((playbook) => ({
    playbook,
    state: playbook === "d" ? "running" : "available",
  }));
  const found = ordered(rows, [{ playbook: "c" }, { playbook: "d" }]);
  expect(found.map((one) => one.playbook)).toEqual(["d", "c", "a", "b"]);
});
