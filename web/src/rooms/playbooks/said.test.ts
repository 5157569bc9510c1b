import { expect, test } from "vitest";
import { shown } from "./said";

const of = (type: string) => ({
  type,
  unit: type === "count" ? { zh: "人", en: "people" } : null,
  of: [{ code: "warm", title: { zh: "热情", en: "warm words" } }],
});

test("a value is said as people read it", () => {
  expect(shown(of("duration"), "21d", "zh")).toBe("21 天");
  expect(shown(of("share"), "10%", "en")).toBe("10%");
  expect(shown(of("share"), "0.1", "en")).toBe("10%");
  expect(shown(of("choice"), "warm", "zh")).toBe("热情");
  expect(shown(of("count"), "100", "en")).toBe("100 people");
  expect(shown(of("money"), "30", "en")).toContain("30.00");
});
