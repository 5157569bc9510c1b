import { expect, test } from "vitest";
import { said } from "./said";
import type { Say } from "./words";

const say = ((key: string) => key) as Say;

test("a rule is said in words, with its exceptions and how long it lasts", () => {
  const text = `rule: size-42
when:
  - product: {sku: [SHOE-42, BOOT-42]}
  - keyword: [42码, 穿42]
unless: {product: {category: gifts}}
tag: size-42
confidence: 0.8
for: 365d
`;

  expect(said(text, say)).toEqual({
    tag: "size-42",
    when: "w_product f_sku SHOE-42 / BOOT-42 or w_keyword 42码 / 穿42",
    unless: "w_product f_category gifts",
    lasts: "365d",
    confidence: 0.8,
  });
});

test("a text that can't be read is said to be none", () => {
  expect(said("rule: [", say)).toBeNull();
  expect(said("- a list", say)).toBeNull();
});
