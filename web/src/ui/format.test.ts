import { expect, test } from "vitest";
import { ago, day, duration, exact, money, rate } from "./format";

test("money is minor units of its own currency", () => {
  expect(money(123450, "zh")).toBe("¥1,234.50");
  expect(money(123450, "en", "GBP")).toBe("£1,234.50");
  expect(money(1234, "en", "JPY")).toBe("¥1,234");
  expect(money(-50, "zh")).toBe("-¥0.50");
});

test("moments are those of the brand's zone", () => {
  expect(exact("2026-03-02T16:00:01Z")).toBe("2026-03-03 00:00:01");
  expect(day("2026-03-02T15:59:59Z")).toBe("2026-03-02");
});

test("how long ago is seen from the server's clock", () => {
  const now = new Date("2026-03-02T12:00:00Z");
  expect(ago("2026-03-02T11:00:00Z", now, "zh")).toBe("1 小时前");
  expect(ago("2026-03-02T11:00:00Z", now, "en")).toBe("an hour ago");
});

test("rates and spans", () => {
  expect(rate(0.4697, "zh")).toBe("47.0%");
  expect([duration(93), duration(4000)]).toEqual(["1:33", "1:06:40"]);
});
