import { expect, test } from "vitest";
import { opening } from "./frame";

test("a drawing opens so that its steps can be read, on a phone too", () => {
  expect(opening(1200, 800)).toBe(1);
  expect(opening(1200, 1500)).toBeCloseTo(0.8);
  expect(opening(330, 1500)).toBe(0.8); // 4 px high texts otherwise
  expect(opening(1200, 6000)).toBe(0.5);
  expect(opening(0, 0)).toBe(1);
});
