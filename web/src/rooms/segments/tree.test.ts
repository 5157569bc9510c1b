import { expect, test } from "vitest";
import {
  add,
  type Doc,
  deny,
  move,
  put,
  read,
  remove,
  turn,
  unwrap,
  whereOf,
  wrap,
  write,
} from "./tree";

const ORDERS = { orders: { category: "护肤", at_least: 2, within: "90d" } };
const TAG = { tag: "敏感肌" };
const TOUCHED = { touched: { last_older_than: "7d" } };
const HEAD = "segment: skin\ntitle: {zh: 护肤, en: Skin}\n";
const WHEN: Doc = { all: [ORDERS, { not: TAG }, TOUCHED] };

test("what clicks build is what the text says, and what the text says is drawn", () => {
  let text = HEAD;
  let when = add(null, [], ORDERS);
  text = write(text, { when });
  when = deny(add(when, [], TAG), ["all", 1]);
  text = write(text, { when });
  when = add(when, [], TOUCHED);
  text = write(text, { when, live: true, layer: "value" });

  expect(text).toBe(
    `${HEAD}layer: value\nlive: true\nwhen:
  all:
    - orders: {category: 护肤, at_least: 2, within: 90d}
    - not:
        tag: 敏感肌
    - touched: {last_older_than: 7d}
`,
  );
  expect(read(text)).toEqual({
    segment: "skin",
    title: { zh: "护肤", en: "Skin" },
    layer: "value",
    live: true,
    when: WHEN,
  });
});

test("every edit comes back out of the text as it went in", () => {
  const edits: Doc[] = [
    wrap(WHEN, ["all", 0], "any"),
    add(wrap(WHEN, ["all", 0], "any"), ["all", 0], TAG),
    deny(wrap(WHEN, [], "any"), []),
    turn(WHEN, []),
    move(WHEN, ["all", 1, "not"], -1),
    { sequence: { first: { orders: {} }, not_then: { event: { kind: "order.paid", is: true } } } },
    { spent: { at_least: "100.00" } },
    { tag: { any_of: ["yes", "on", "1", "true", "a: b", "# c"] } },
    { event: { kind: "call.finished", where: "seconds", is: 30 } },
  ];
  for (const when of edits) {
    expect(read(write(HEAD, { when }))?.when).toEqual(when);
    expect(read(write(write(HEAD, { when: WHEN }), { when }))?.when).toEqual(when);
  }
});

test("a click changes only its own place: comments elsewhere stay", () => {
  const text = `# ours\n${HEAD}when:\n  all:\n    # the shelf\n    - orders: {}\n    - tag: vip # theirs\n`;
  const next = put(read(text)?.when as Doc, ["all", 1], { tag: "vvip" });
  const written = write(text, { when: next });

  expect(written).toContain("# ours");
  expect(written).toContain("# the shelf");
  expect(read(written)?.when).toEqual({ all: [{ orders: {} }, { tag: "vvip" }] });
});

test("parts move among their neighbours, and out of their group at its end", () => {
  const doc: Doc = { all: [ORDERS, { any: [TAG, TOUCHED] }] };

  expect(move(doc, ["all", 1], -1)).toEqual({ all: [{ any: [TAG, TOUCHED] }, ORDERS] });
  expect(move(doc, ["all", 1, "any", 0], -1)).toEqual({ all: [ORDERS, TAG, { any: [TOUCHED] }] });
  expect(move(doc, ["all", 1, "any", 1], 1)).toEqual({ all: [ORDERS, { any: [TAG] }, TOUCHED] });
  expect(move(doc, ["all", 0], -1)).toEqual(doc);
  expect(move({ all: [{ not: { any: [TAG] } }] }, ["all", 0, "not", "any", 0], 1)).toEqual({
    all: [TAG],
  });
});

test("what held nothing else goes with its last part", () => {
  expect(remove({ all: [ORDERS, { not: { any: [TAG] } }] }, ["all", 1, "not", "any", 0])).toEqual({
    all: [ORDERS],
  });
  expect(remove({ all: [ORDERS] }, ["all", 0])).toBeNull();
  expect(unwrap({ all: [{ any: [TAG, TOUCHED] }] }, ["all", 0])).toEqual({ all: [TAG, TOUCHED] });
  expect(whereOf(["all", 1, "not", "any", 0])).toBe("all[1].not.any[0]");
});

test("what can't be drawn is left to the text", () => {
  expect(read("when: {all: [")).toBeNull();
  expect(read("when: {all: []}")).toBeNull();
  expect(read("when: {orders: {}, tag: vip}")).toBeNull();
  expect(read("")?.when).toBeNull();
});
