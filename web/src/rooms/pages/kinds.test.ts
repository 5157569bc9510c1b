import { expect, test } from "vitest";
import { addressed, BLANK, KINDS } from "./kinds";

test("an address carries only the parameters that were filled in, encoded", () => {
  expect(addressed("https://x.example/p/a", {})).toBe("https://x.example/p/a");
  expect(
    addressed("https://x.example/p/a", {
      utm_source: " 抖音 ",
      utm_medium: "",
      utm_campaign: "a&b",
    }),
  ).toBe("https://x.example/p/a?utm_source=%E6%8A%96%E9%9F%B3&utm_campaign=a%26b");
});

test("each kind begins with a text of its kind", () => {
  for (const kind of KINDS) expect(BLANK[kind]).toContain(`kind: ${kind}`);
});
