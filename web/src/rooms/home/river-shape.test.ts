import { expect, test } from "vitest";
import { heights, river } from "./river-shape";

test("the river is as wide as its people are many", () => {
  const [orders = 0, invited = 0] = heights([100, 50], 100);
  expect(orders).toBe(2 * invited);
});

test("a step without people is a line, and a day without any does not divide by nothing", () => {
  expect(heights([0, 0], 0)).toEqual([2, 2]);
  expect(river([0, 0, 0, 0], 0)).not.toContain("NaN");
});

test("the shape is closed and goes through every bend on both banks", () => {
  const shape = river([10, 8, 4, 1], 10);
  expect(shape.startsWith("M0")).toBe(true);
  expect(shape.endsWith("Z")).toBe(true);
  expect(shape.match(/C/g)).toHaveLength(6);
});
