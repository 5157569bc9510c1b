import { readFileSync, writeFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { acted, type History, NONE } from "@/ui/text/history";
import { set } from "@/ui/text/splice";
import { entryText } from "@/ui/text/spots";
import {
  addAt,
  addOn,
  afterwards,
  BLANK,
  connect,
  moveStep,
  moveTo,
  removeStep,
  rename,
  rewire,
  rewireAll,
  setAt,
} from "./edits";
import { KINDS } from "./forms";
import { type Plan, planOf, waysOf } from "./plan";
import { DRAWN, everyJourney } from "./repository";

vi.setConfig({ testTimeout: 60_000 }); // a runner may be slow: these take two seconds each

const JOURNEYS = everyJourney();
const READABLE = JOURNEYS.filter((one) => planOf(one.text) !== null);

const TEXT = `# ours
journey: a   # its code
title: {zh: 甲, en: "A"}
enter: { on: order.paid, max_age: 2h }
steps:
  # 1. First a pause.
  - {id: pause, wait: 5m}  # not longer
  - id: call
    send:   {channel: sms, material: 'hello', purpose: service}

  # 2. Then we look.
  - id: ways
    branch:
      - {when: {friend: true}, go: end}  # a friend
      - {else: true, go: late}
  - {id: late, wait: {until: "10:00"}}
  - {id: end, exit: done}
`;

/** Numbers by chance, the same every time. */
function chance(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
}

const plan = (text: string): Plan => planOf(text) as Plan;

/** An edit as somebody might make it. */
function anyEdit(text: string, draw: (most: number) => number): string {
  const { steps } = plan(text);
  const ways = waysOf(plan(text));
  const step = steps[draw(Math.max(1, steps.length))];
  const other = steps[draw(Math.max(1, steps.length))];
  const kind = KINDS[draw(KINDS.length)]?.key ?? "";
  if (!step || !other || draw(6) === 0) return addAt(text, draw(steps.length + 1), kind);
  const way = ways[draw(ways.length)];
  const edits = [
    () => removeStep(text, step.id),
    () => moveStep(text, step.id, draw(2) ? 1 : -1),
    () => connect(text, step.id, other.id),
    () => (way ? rewire(text, way, other.id) : text),
    () => (way ? addOn(text, [way], kind) : text),
    () => rename(text, step.id, `${step.id.slice(0, 20)}-r${draw(9)}`),
    () => setAt(text, ["steps", step.place, step.kind], draw(2) ? "3d" : { until: "09:30" }),
    () => setAt(text, ["steps", step.place, step.kind, "priority"], draw(9) + 1),
    () => setAt(text, ["title", "zh"], `标题 ${draw(99)}`),
    () => setAt(text, ["holdout"], draw(2) ? 0.2 : undefined),
    () => setAt(text, ["ends_when"], { any: [{ friend: true }, { tag: `t: ${draw(9)}` }] }),
  ];
  return edits[draw(edits.length)]?.() ?? text;
}

const remarks = (text: string) => text.match(/(?:^|\s)#.*$/gm)?.map((one) => one.trim()) ?? [];

test("the repository has journeys to try this on, and the canvas can draw all that is filled in", () => {
  expect(JOURNEYS.length).toBeGreaterThan(30);
  expect(JOURNEYS.filter((one) => one.good && planOf(one.text) === null)).toEqual([]);
});

test("a text that nobody changes is the same text, to the byte", () => {
  for (const { name, text } of READABLE) {
    const { said, steps } = plan(text);
    expect(setAt(text, ["title"], said.title), name).toBe(text);
    for (const step of steps) {
      expect(setAt(text, ["steps", step.place, "id"], step.id), name).toBe(text);
      for (const [word, value] of Object.entries(step.said))
        expect(set(text, ["steps", step.place, word], value), name).toBe(text);
    }
  }
});

test("whatever is edited: it reads on, what says the same is the same, and undo gives the bytes back", () => {
  for (const [seed, { name, text }] of READABLE.entries()) {
    const draw = chance(seed + 1);
    let now = text;
    let history: History = NONE;
    for (let count = 0; count < 12; count++) {
      const next = anyEdit(now, draw);
      const [before, after] = [planOf(now), planOf(next)];
      expect(after, `${name}\n${now}\n────\n${next}`).not.toBeNull();
      if (!before || !after) break;
      kept(name, now, next);
      history = acted(history, { kind: "put", text: now, tag: "", at: count });
      now = next;
    }
    const last = now;
    while (history.past.length) {
      const back = history.past.at(-1) as string;
      history = acted(history, { kind: "undo", text: now });
      now = back;
    }
    expect(now, name).toBe(text);
    while (history.ahead.length) {
      const on = history.ahead[0] as string;
      history = acted(history, { kind: "redo", text: now });
      now = on;
    }
    expect(now, name).toBe(last);
  }
});

/** Steps that say what they said are written as they were; no remark is lost but those of a step. */
function kept(name: string, now: string, next: string): void {
  const [before, after] = [plan(now), plan(next)];
  for (const step of before.steps) {
    const same = after.steps.filter((one) => one.id === step.id);
    const [one] = same;
    if (!one || same.length > 1 || before.steps.filter((two) => two.id === step.id).length > 1)
      continue;
    if (JSON.stringify(one.said) !== JSON.stringify(step.said)) continue;
    const was = entryText(now, ["steps", step.place]).trimEnd();
    expect(entryText(next, ["steps", one.place]).trimEnd(), name).toBe(was);
  }
  if (after.steps.length >= before.steps.length) {
    const left = remarks(next);
    const lost = remarks(now).filter((one) => !left.includes(one));
    expect(lost, `${name}\n${now}\n────\n${next}`).toEqual([]);
  }
}

test("an edit changes its own place alone", () => {
  const lines = (text: string) => text.split("\n");
  const changed = (next: string) => [
    lines(TEXT).filter((one) => !lines(next).includes(one)),
    lines(next).filter((one) => !lines(TEXT).includes(one)),
  ];

  expect(changed(setAt(TEXT, ["steps", 0, "wait"], "10m"))).toEqual([
    ["  - {id: pause, wait: 5m}  # not longer"],
    ["  - {id: pause, wait: 10m}  # not longer"],
  ]);
  expect(changed(setAt(TEXT, ["steps", 1, "send", "material"], "good bye"))).toEqual([
    ["    send:   {channel: sms, material: 'hello', purpose: service}"],
    ["    send:   {channel: sms, material: 'good bye', purpose: service}"],
  ]);
  expect(changed(setAt(TEXT, ["steps", 1, "send", "priority"], 7))[1]).toEqual([
    "    send:   {channel: sms, material: 'hello', purpose: service, priority: 7}",
  ]);
  expect(changed(setAt(TEXT, ["enter", "max_age"], undefined))[1]).toEqual([
    "enter: { on: order.paid }",
  ]);
  expect(changed(setAt(TEXT, ["holdout"], 0.1))).toEqual([[], ["holdout: 0.1"]]);
  expect(changed(setAt(TEXT, ["steps", 3, "wait", "until"], "11:00"))[1]).toEqual([
    '  - {id: late, wait: {until: "11:00"}}',
  ]);
});

test("a step in the middle of a way stands between both ends", () => {
  const ways = waysOf(plan(TEXT));
  const between = (source: string, to: string) =>
    ways.filter((one) => one.source === source && one.to === to);
  const pairs = (text: string) => waysOf(plan(text)).map((one) => `${one.source}>${one.to}`);

  expect(pairs(addOn(TEXT, between("pause", "call"), "wait"))).toEqual(
    expect.arrayContaining(["pause>wait", "wait>call"]),
  );
  const friend = addOn(TEXT, between("ways", "end"), "wait");
  expect(pairs(friend)).toEqual(expect.arrayContaining(["ways>wait", "wait>end", "late>end"]));
  expect(pairs(friend)).not.toContain("ways>end");
  expect(friend).toContain("go: wait}  # a friend");
  expect(pairs(addOn(TEXT, between("", "pause"), "tag"))).toEqual(
    expect.arrayContaining([">tag", "tag>pause"]),
  );
});

test("who came to a step that is gone goes on where it led", () => {
  const step = plan(TEXT).steps[3];
  expect(step && afterwards(plan(TEXT), step)).toEqual({ ways: 1, to: "end" });
  const gone = removeStep(TEXT, "late");
  expect(gone).toContain("{else: true, go: end}");
  expect(gone).not.toContain("late");

  const first = removeStep(TEXT, "pause"); // the remark heads what follows too
  expect(first).toContain("# 1. First a pause.\n  - id: call");
  expect(first).not.toContain("not longer");
});

test("a step has one name, wherever it is spoken of", () => {
  const asked = TEXT.replace(
    "{friend: true}, go: end",
    "{touch: {step: call, is: failed}}, go: late",
  );
  const named = rename(rename(asked, "late", "morning"), "call", "hello");

  expect(named).toContain("{touch: {step: hello, is: failed}}, go: morning}");
  expect(named).toContain("- id: hello");
  expect(named).toContain("{id: morning, wait");
});

test("a step moves with its lines, and a remark that speaks of it alone", () => {
  const moved = moveStep(TEXT, "call", -1);
  expect(plan(moved).steps.map((one) => one.id)).toEqual(["call", "pause", "ways", "late", "end"]);
  expect(moveStep(moved, "call", 1)).toContain("  - {id: pause, wait: 5m}  # not longer\n");
  expect(remarks(moved).sort()).toEqual(remarks(TEXT).sort());
});

test("every kind of step can be drawn from nothing", () => {
  let text = BLANK;
  for (const kind of KINDS) text = addAt(text, plan(text).steps.length, kind.key);

  expect(plan(text).steps.map((one) => one.kind)).toEqual(KINDS.map((kind) => kind.key));
  expect(text.startsWith('journey: ""\ntitle: {zh: "", en: ""}\nsteps:\n  - ')).toBe(true);
  for (const kind of KINDS) text = removeStep(text, kind.key);
  expect(text).toBe(BLANK);
});

test("what can't be drawn is left to the text", () => {
  for (const text of ["steps: [", "- a", "journey: &a b", "steps: [1]", "a: 1\na: 2", "? a\n: b"])
    expect(planOf(text)).toBeNull();
  expect(plan("journey: a").steps).toEqual([]);
});

/** Edits that leave a good journey good: tests/journeys/test_drawn.py holds the server to it. */
function goodEdits(text: string): string {
  let done = setAt(text, ["title", "en"], "Drawn: a journey");
  done = setAt(done, ["holdout"], 0.15);
  const between = waysOf(plan(done)).filter((one) => one.code !== "entry");
  for (const place of [0, Math.floor(between.length / 2), between.length - 1]) {
    const way = between[place];
    const here = waysOf(plan(done)).filter(
      (one) => one.source === way?.source && one.to === way.to,
    );
    done = addOn(done, here, place % 2 ? "wait" : "goal");
  }
  for (const { id, place, kind } of plan(done).steps) {
    if (kind === "send" || kind === "task")
      done = setAt(done, ["steps", place, kind, "priority"], 3);
    if (place % 3 === 0) done = rename(done, id, `${id}-x`);
  }
  return done;
}

test("what the canvas wrote of every playbook's journeys is what the server was asked about", () => {
  const good = JOURNEYS.filter((one) => one.good);
  const drawn = good.map(({ name, text }) => {
    const edited = goodEdits(text);
    const ways = waysOf(plan(edited)).filter((one) => one.code !== "entry");
    return { name, text: edited, ways: ways.map((one) => [one.source, one.to]) };
  });
  const said = `${JSON.stringify(drawn, null, 1)}\n`;
  if (process.env.SIYU_DRAWN) writeFileSync(DRAWN, said);
  expect(said, "SIYU_DRAWN=1 npx vitest run edits writes it").toBe(readFileSync(DRAWN, "utf8"));
});

test("a line that stands for several ways is led elsewhere with all of them", () => {
  const both = TEXT.replace("go: late}", "go: end}");
  const ways = waysOf(plan(both)).filter((one) => one.source === "ways" && one.to === "end");
  expect(ways).toHaveLength(2);
  expect(rewireAll(both, ways, "late")).toBe(both.replaceAll("go: end}", "go: late}"));
});

test("a step that is put on another one takes its place, remarks and all", () => {
  const moved = moveTo(TEXT, 0, 1);
  expect(plan(moved).steps.map((one) => one.id)).toEqual(["call", "pause", "ways", "late", "end"]);
  expect(moved).toContain("wait: 5m}  # not longer");
  expect(moveTo(TEXT, 0, 9)).toBe(TEXT);
});
