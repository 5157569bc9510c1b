import { expect, test } from "vitest";
import { broken } from "./picture";

const each = (text: string) => [...text].length;

test("English breaks between words, Chinese anywhere, and nothing is lost", () => {
  expect(broken("friends added within days", 14, each)).toEqual(["friends added", "within days"]);
  expect(broken("首单后 14 天内加为好友", 6, each)).toEqual(["首单后 14", "天内加为好友"]);
  expect(broken("short", 14, each)).toEqual(["short"]);
  expect(broken("", 14, each)).toEqual([]);
});
