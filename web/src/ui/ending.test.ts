import { expect, test } from "vitest";
import { type CodeSet, codeIn } from "./codes";
import { withheld } from "./ending";

const zh = (set: CodeSet, code: string) => codeIn(set, code, "zh");
const en = (set: CodeSet, code: string) => codeIn(set, code, "en");

test("why something was not sent is said in words, whichever part of the engine says it", () => {
  expect(withheld("quiet_hours", zh, "zh")).toBe("等待可触达时段");
  expect(withheld("sequence", zh, "zh")).toBe("先后发生");
  expect(withheld("sequence_and_not_stage", en, "en")).not.toContain("_");
});
