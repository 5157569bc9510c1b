import { expect, test } from "vitest";
import { byDay, type Item, leadsTo, shownDays, stepped } from "./days";

const item = (kind: Item["kind"], day = "2026-09-25"): Item => ({
  day,
  at: null,
  kind,
  code: "a",
  title: {},
  step: "",
  many: null,
});

test("a month is whole weeks, Monday to Sunday, six of them at most", () => {
  const days = shownDays("month", "2026-11-20");

  expect([days[0], days.at(-1), days.length]).toEqual(["2026-10-26", "2026-12-06", 42]);
  expect(shownDays("month", "2027-02-14")).toHaveLength(28);
});

test("a week begins on Monday, also for a Sunday", () => {
  expect(shownDays("week", "2026-11-22")[0]).toBe("2026-11-16");
  expect(shownDays("week", "2026-11-16").at(-1)).toBe("2026-11-22");
});

test("a step from the end of a long month comes to the next one", () => {
  expect(stepped("month", "2026-01-31", 1)).toBe("2026-02-01");
  expect(stepped("month", "2026-03-31", -1)).toBe("2026-02-01");
  expect(stepped("week", "2026-12-30", 1)).toBe("2027-01-06");
});

test("each kind leads to its thing, a festival nowhere", () => {
  expect(leadsTo(item("entry"))).toBe("/journeys/a");
  expect(leadsTo(item("material_until"))).toBe("/content/materials/a");
  expect(leadsTo(item("offer_end"))).toBe("/content/offers/a");
  expect(leadsTo(item("festival"))).toBeNull();
  expect(
    byDay([item("entry"), item("step"), item("entry", "2026-09-26")]).get("2026-09-25"),
  ).toHaveLength(2);
});
