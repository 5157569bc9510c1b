import { expect, test } from "vitest";
import { bundle, i18n, words } from "./words";

test("a word with two English forms follows the count, a Chinese one does not", async () => {
  words("test", { found: ["{{count}} 位客户", "{{count}} customer", "{{count}} customers"] });
  await i18n.changeLanguage("en");
  const english = [1, 2].map((count) => i18n.t("found", { ns: "test", count }));
  await i18n.changeLanguage("zh");
  const chinese = [1, 2].map((count) => i18n.t("found", { ns: "test", count }));

  expect(english).toEqual(["1 customer", "2 customers"]);
  expect(chinese).toEqual(["1 位客户", "2 位客户"]);
});

test("a key without words can be seen", () => {
  expect(i18n.t("nothing", { ns: "test" })).toBe("⟦nothing⟧");
});

test("both languages get every key", () => {
  const all = { a: ["一", "one"], b: ["二", "two", "twos"] } as const;
  expect(Object.keys(bundle(all, "zh"))).toEqual(["a", "b_other"]);
  expect(Object.keys(bundle(all, "en"))).toEqual(["a", "b_one", "b_other"]);
});
