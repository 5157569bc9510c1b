import { expect, test } from "vitest";
import vocabulary from "@/api/vocabulary.json";
import { type CodeSet, codeIn } from "./codes";

const HAN = /\p{Script=Han}/u;

test.each(Object.keys(vocabulary) as CodeSet[])(
  "every code of %s has words in both languages",
  (set) => {
    for (const code of Object.keys(vocabulary[set])) {
      const [zh, en] = [codeIn(set, code, "zh"), codeIn(set, code, "en")];
      expect(zh === code && !/^[A-Z]$|^$/.test(code), `${set}.${code} has no Chinese words`).toBe(
        false,
      );
      expect(HAN.test(en), `${set}.${code} is Chinese in English`).toBe(false);
      expect([typeof zh, typeof en], `${set}.${code}`).toEqual(["string", "string"]);
      expect(en, `${set}.${code} has no English words`).not.toBe("");
    }
  },
);

test("a code that came later than this console is shown as it is", () => {
  expect(codeIn("channel", "telepathy", "zh")).toBe("telepathy");
});
