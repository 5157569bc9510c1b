import { expect, test } from "vitest";
import { KEYS, outcomeOf, passes, spoken } from "./outcomes";

const press = (key: string, more = {}) =>
  outcomeOf({ key, repeat: false, ctrlKey: false, metaKey: false, altKey: false, ...more });

test("each key is one outcome, and no two keys are the same", () => {
  expect(KEYS.map(([key]) => press(key))).toEqual(KEYS.map(([, outcome]) => outcome));
  expect(new Set(KEYS.map(([, outcome]) => outcome)).size).toBe(KEYS.length);
  expect(press("7")).toBeUndefined();
});

test("a key that is held down, or belongs to the browser, is no outcome", () => {
  expect(press("1", { repeat: true })).toBeUndefined();
  expect(press("1", { ctrlKey: true })).toBeUndefined();
});

test("a script greets by name, or without one", () => {
  expect(spoken("{name}，我是花间的顾问", "林小雨")).toBe("林小雨，我是花间的顾问");
  expect(spoken("{name}，我是花间的顾问", "")).toBe("您好，我是花间的顾问");
});

test("what says nothing of the report is told again, a refusal is not", () => {
  const again = [0, 401, 429, 500, 503].map((status) => passes({ status, code: "" }));
  expect(again).toEqual([true, true, true, true, true]);
  expect(passes({ status: 409, code: "under_way" })).toBe(true);
  expect(passes({ status: 409, code: "refused" })).toBe(false);
  expect(passes({ status: 404, code: "not_found" })).toBe(false);
});
