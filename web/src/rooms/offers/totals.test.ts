import { expect, test } from "vitest";
import { few, owed, type Row, totals } from "./totals";

const row: Row = {
  code: "x",
  kind: "sample",
  title: {},
  value_minor: 0,
  sku: "",
  substitute: null,
  terms: {},
  allotted: [],
  held: 0,
  committed: 0,
  promised: 0,
  claimable: 0,
  liability_minor: 0,
  currency: "CNY",
  unpriced: 0,
};
const part = (name: string, pieces: number | null, taken: number) => ({
  part: name,
  pieces,
  taken,
  budget_minor: null,
  spent_minor: 0,
});

test("what is taken and neither held nor committed was given", () => {
  const found = totals({ ...row, allotted: [part("", 100, 60)], held: 5, committed: 15 });

  expect(found).toMatchObject({ pieces: 100, held: 5, open: 15, given: 40, left: 40 });
});

test("stores and prizes are summed", () => {
  const found = totals({ ...row, allotted: [part("east", 10, 4), part("west", 20, 20)] });

  expect(found).toMatchObject({ pieces: 30, taken: 24, left: 6 });
  expect(few(found)).toBe(false);
  expect(few({ ...found, left: 2 })).toBe(true);
});

test("a gift without an allotment is bounded by nothing here, and is owed all the same", () => {
  const gift = { ...row, kind: "gift", promised: 3, claimable: 2 };

  expect(totals(gift)).toMatchObject({ pieces: null, left: null, budget: null });
  expect(owed(gift)).toBe(5);
});
