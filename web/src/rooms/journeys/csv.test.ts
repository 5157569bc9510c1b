import { expect, test } from "vitest";
import { csv } from "./csv";

test("a file for a spreadsheet keeps words words, and quotes what it must", () => {
  expect(
    csv([
      ["步骤", "n"],
      ["=1+1", 3],
      ['a "b", c', -2],
    ]),
  ).toBe('步骤,n\r\n\'=1+1,3\r\n"a ""b"", c",-2\r\n');
});
