import { expect, test } from "vitest";
import { allow, begun, bodyOf, percentOf, spanOf, stepOf, triedNow } from "./choices";

const STANDING = {
  state: "running",
  pilot: 50,
  shops: ["tmall"],
  staff: [],
  budget: { total_minor: 500_000, daily_minor: null, spent_minor: 1200 },
  settings: [
    { name: "gap", value: "5d", default: "3d" },
    { name: "less", value: null, default: "10%" },
  ],
};

test("a start begins with what a running one goes by, and says nothing that nobody chose", () => {
  const chosen = begun(STANDING);
  expect(chosen.settings).toEqual({ gap: "5d" });
  expect(chosen.pilot).toBe(50);
  expect(chosen.budget).toEqual({ total_minor: 500_000, daily_minor: null });
  expect(begun({ ...STANDING, state: "stopped" }).pilot).toBe(null);
  const body = bodyOf({ ...chosen, settings: { gap: " ", less: "5%" } });
  expect(body.settings).toEqual({ less: "5%" });
  expect("tried" in body).toBe(false);
});

test("a forecast is of other settings once one of them has changed", () => {
  const chosen = begun(STANDING);
  expect(triedNow({ ...chosen, settings: { less: "5%", gap: "5d" } })).toBe(
    triedNow({ ...chosen, settings: { gap: "5d", less: "5%", other: "" } }),
  );
  expect(triedNow({ ...chosen, settings: { gap: "6d" } })).not.toBe(triedNow(chosen));
});

test("what a shop allows is a change only while it differs from what stands", () => {
  const stands = { shop: "tmall", channel: "sms", allowed: true, note: "" };
  const changed = allow([], { ...stands, allowed: false }, stands);
  expect(changed).toEqual([{ ...stands, allowed: false }]);
  expect(allow(changed, stands, stands)).toEqual([]);
});

test("spans and shares are read as people write them", () => {
  expect(spanOf("3d")).toEqual([3, "d"]);
  expect(spanOf("2h30m")).toBe(null);
  expect(percentOf("10%")).toBe(10);
  expect(percentOf("0.07")).toBe(7);
  expect(percentOf("soon")).toBe(null);
});

test("what is missing is shown at the first step", () => {
  expect(stepOf({ step: "needs" })).toBe("source");
  expect(stepOf({ step: "budget" })).toBe("budget");
});
