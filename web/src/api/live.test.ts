import { expect, test } from "vitest";
import { type Heard, linkOf, SECONDS } from "./live";

const now = 1_000_000;
const well: Heard = { lost: null, beat: now, back: null, late: 0, waiting: 0 };
const ago = (seconds: number) => now - seconds * 1000;

test("a server that beats is here", () => {
  expect(linkOf(well, now)).toEqual({ is: "here" });
});

test("a stream that ends and comes again at once is nothing to speak of", () => {
  expect(linkOf({ ...well, lost: ago(2) }, now)).toEqual({ is: "here" });
});

test("a server that is out of reach is gone, however long ago it beat", () => {
  expect(linkOf({ ...well, lost: ago(SECONDS.gone + 1), beat: ago(60) }, now)).toEqual({
    is: "gone",
  });
});

test("a server that is reached and says nothing is slow", () => {
  expect(linkOf({ ...well, beat: ago(SECONDS.slow + 1) }, now)).toEqual({ is: "slow" });
});

test("who was gone is back for a moment", () => {
  expect(linkOf({ ...well, back: ago(1) }, now)).toEqual({ is: "back" });
  expect(linkOf({ ...well, back: ago(SECONDS.back + 1) }, now)).toEqual({ is: "here" });
});

test("facts that wait for more than a minute are said with how many", () => {
  expect(linkOf({ ...well, late: 61, waiting: 1200 }, now)).toEqual({
    is: "behind",
    waiting: 1200,
  });
});
