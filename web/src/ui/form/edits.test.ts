import { expect, test, vi } from "vitest";
import { BLANK } from "@/rooms/pages/kinds";
import { acted, type History, NONE } from "@/ui/text/history";
import { endOf, nodeAt, type Path, parsed, range, saidOf, whereOf } from "@/ui/text/spots";
import { type Doc, isDoc } from "@/ui/text/yaml";
import { type Ask, begins, type Drawn, drawn, type FormName, fits, placed, saidBy } from "./asks";
import { add, entries, put, putWords, recode, shift } from "./edits";
import { everyText } from "./repository";

vi.setConfig({ testTimeout: 60_000 }); // a runner may be slow

const OWN = `# the mothers' groups
group: mums   # a code of ours

title: {zh: 妈妈群, en: "Mums"}  # both
chats:
  - "妈妈群*"   # by title
  # and the old one
  - 'wr-1'
capacity:   300
calendar:
  # weekdays
  - {on: mon-fri, at: "20:00", say: evening, owner: li}   # after dinner
  - on: sat
    at: '10:00'  # late
    say: weekend
    through: moments
`;
const STORES = `service: cleaning
title: {zh: 清洗, en: Cleaning}
stores:
  # by the lake
  hz-1: {week: "mon-sun 10:00-18:00", capacity: 2}  # two chairs
  gz-1:
    week: mon-fri 10:00-12:00; sat 10:00-16:00
    closed: [2026-12-01, 2026-12-02]  # painted`;

const OF = { group: "Plan", service: "Service", page: "Page" } as const;

const SAID: { form: FormName; name: string; text: string }[] = [
  ...(["group", "service", "page"] as const).flatMap((head) =>
    everyText(head).map((one) => ({ form: OF[head], ...one })),
  ),
  { form: "Plan", name: "our own plan", text: OWN },
  { form: "Plan", name: "the same of another system", text: OWN.replaceAll("\n", "\r\n") },
  { form: "Service", name: "our own service", text: STORES },
  ...Object.entries(BLANK).map(([name, text]) => ({ form: "Page" as const, name, text })),
];
const TEXTS = SAID.filter((one) => saidBy(one.text) !== null);

const remarks = (text: string) => text.match(/(?:^|\s)#.*$/gm)?.map((one) => one.trim()) ?? [];
const said = (text: string) => saidBy(text) as Doc;
const at = (text: string, path: Path) => saidOf(nodeAt(parsed(text), path));

/** Other values that a field of this kind may be given. */
function values({ ask, value }: Drawn): unknown[] {
  if (fits(ask, value) === "deep") return [];
  if (ask.form || ask.keyed) return [];
  if (ask.many) return [["one"], ["one", "two: three", "四"], [...((value as []) ?? []), "more"]];
  return (VALUES[ask.takes] ?? WORDS).filter((one) => one !== value);
}
const WORDS = ["new", "两个 字", 'it\'s: "so" # really', "true", "20:00", "- a", "{x}"];
const VALUES: Record<string, unknown[]> = {
  count: [7, 1],
  number: [0.25],
  flag: [true, false],
  words: [],
  prose: [],
  choice: ["survey", "moments", "one"],
  days: ["sun", "mon-tue"],
  time: ["08:30"],
  week: ["tue 09:00-10:00; wed 10:00-11:00"],
  span: ["3d", "90m"],
};

/** What is there otherwise is the same to the byte, and says the same. */
function alone(name: string, text: string, next: string, path: Path, value: unknown): void {
  const where = `${name} ${whereOf(path)} = ${JSON.stringify(value)}\n${text}\n────\n${next}`;
  expect(saidBy(next), where).not.toBeNull();
  expect(at(next, path), where).toEqual(value);
  expect(without(said(next), path), where).toEqual(without(said(text), path));
  const node = nodeAt(parsed(text), path);
  const [from, to] = node ? [range(node)[0], endOf(node)] : [0, 0];
  if (node && to > from) {
    expect(next.startsWith(text.slice(0, lead(text, from))), where).toBe(true);
    expect(next.endsWith(text.slice(to)), where).toBe(true);
  } else {
    const lines = next.split(/(?<=\n)/);
    const kept = text.split(/(?<=\n)/).filter((one) => lines.includes(one));
    expect(text.split(/(?<=\n)/).length - kept.length, where).toBeLessThanOrEqual(1);
  }
  if (!String(value).includes("#") && !Array.isArray(value))
    expect(remarks(next), where).toEqual(remarks(text));
}

/** A value over several lines may come to stand behind its word. */
const lead = (text: string, from: number) =>
  from - (/\s*$/.exec(text.slice(0, from))?.[0].length ?? 0);

/** A value in which one place is left out, and whatever had to be made around it. */
function without(value: unknown, [first, ...rest]: Path): unknown {
  if (Array.isArray(value))
    return value.map((one, place) => (place === first ? without(one, rest) : one));
  if (!isDoc(value)) return "";
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => {
      if (key !== first) return [[key, one]];
      return rest.length ? [[key, without(one, rest)]] : [];
    }),
  );
}

function undone(name: string, text: string, next: string): void {
  const history: History = acted(NONE, { kind: "put", text, tag: "", at: 0 });
  const back = history.past.at(-1);
  expect(back, name).toBe(text);
  expect(acted(history, { kind: "undo", text: next }).ahead[0], name).toBe(next);
}

test("the repository has plans, services and pages to try this on", () => {
  for (const form of ["Plan", "Service", "Page"] as const)
    expect(TEXTS.filter((one) => one.form === form).length, form).toBeGreaterThan(5);
});

test("a field that is set to what it says leaves the text as it is, to the byte", () => {
  for (const { form, name, text } of TEXTS)
    for (const one of drawn(form, said(text)))
      expect(put(text, one.form, one.path, one.value), `${name} ${whereOf(one.path)}`).toBe(text);
});

test("whatever field is edited, only its own place changes, and undo gives the bytes back", () => {
  let edits = 0;
  for (const { form, name, text } of TEXTS)
    for (const one of drawn(form, said(text))) {
      for (const value of values(one)) {
        const next = put(text, one.form, one.path, value);
        alone(name, text, next, one.path, value);
        undone(name, text, next);
        if (one.value !== undefined && !Array.isArray(value))
          expect(at(put(next, one.form, one.path, one.value), one.path)).toEqual(one.value);
        edits++;
      }
      edits += inWords(name, text, one);
    }
  expect(edits).toBeGreaterThan(1000);
});

/** Words in both languages, one after the other. */
function inWords(name: string, text: string, { ask, form, path, value }: Drawn): number {
  if (ask.keyed || (ask.takes !== "words" && ask.takes !== "prose")) return 0;
  if (fits(ask, value) !== "good") return 0;
  for (const language of ["zh", "en"]) {
    const next = putWords(text, ask, form, path, {
      said: value,
      language,
      value: "新的: one\n\ntwo",
    });
    const words = {
      ...(isDoc(value) ? value : { zh: "", en: "" }),
      [language]: "新的: one\n\ntwo",
    };
    alone(name, text, next, path, words);
    undone(name, text, next);
  }
  return 2;
}

const parts = (value: unknown): unknown[] => (Array.isArray(value) ? value : entries(value));

test("parts are added, moved and taken away with their lines, and no other part changes", () => {
  let seen = 0;
  for (const { form, name, text } of TEXTS)
    for (const one of drawn(form, said(text)))
      if ((one.ask.keyed || (one.ask.many && one.ask.form)) && fits(one.ask, one.value) === "good")
        seen += inParts(name, text, one);
  expect(seen).toBeGreaterThan(30);
});

function inParts(name: string, text: string, { ask, path, value, form }: Drawn): number {
  const where = `${name} ${whereOf(path)}`;
  const before = parts(value);
  const more = add(text, ask, form, path, value);
  expect(parts(at(more, path)).slice(0, before.length), where).toEqual(before);
  expect(parts(at(more, path)), where).toHaveLength(before.length + 1);
  expect(remarks(more), where).toEqual(remarks(text));
  for (const place of before.keys()) {
    if (place) moved(where, text, path, place);
    const key = ask.keyed ? (before[place] as [string])[0] : place;
    const less = put(text, form, [...path, key], undefined);
    const kept = before.filter((_, here) => here !== place);
    expect(parts(at(less, path)), where).toEqual(kept);
  }
  return before.length;
}

function moved(where: string, text: string, path: Path, place: number): void {
  const before = parts(at(text, path));
  const next = shift(text, path, place, -1);
  const wanted = before.map((one, here) =>
    here === place ? before[place - 1] : here === place - 1 ? before[place] : one,
  );
  expect(parts(at(next, path)), `${where}\n${text}\n───\n${next}`).toEqual(wanted);
  expect(without(said(next), path), where).toEqual(without(said(text), path));
  expect(remarks(next).sort(), where).toEqual(remarks(text).sort());
  expect(parts(at(shift(next, path, place, -1), path)), where).toEqual(before);
}

test("a part that is moved takes its remark along, and one under another code keeps its words", () => {
  const moved = shift(STORES, ["stores"], 0, 1);
  expect(moved).toContain("capacity: 2}  # two chairs");
  expect(moved.indexOf("gz-1")).toBeLessThan(moved.indexOf("hz-1"));
  expect(recode(STORES, ["stores"], "hz-1", "sh 1")).toBe(STORES.replace("hz-1", "sh 1"));
  expect(recode(STORES, ["stores"], "hz-1", "gz-1")).toBe(STORES);
  expect(recode(STORES, ["stores"], "hz-1", "a: b")).toBe(STORES.replace("hz-1", '"a: b"'));
});

test("an edit changes these characters", () => {
  expect(put(OWN, "Plan", ["capacity"], 250)).toBe(OWN.replace("  300", "  250"));
  expect(put(OWN, "Entry", ["calendar", 1, "at"], "11:00")).toBe(OWN.replace("10:00", "11:00"));
  expect(put(OWN, "Plan", ["way"], "mums")).toBe(OWN.replace("capacity", "way: mums\ncapacity"));
  expect(put(OWN, "Entry", ["calendar", 0, "owner"], undefined)).toBe(
    OWN.replace(", owner: li", ""),
  );
});

test("what can't be drawn says so, and nothing of it is lost", () => {
  const strange = "group: a\ncapacity: many\ncalendar: soon\ntitle: [x]\nmood: good\n";
  const found = drawn("Plan", said(strange));
  const fit = (name: string) => {
    const one = found.find(({ ask }) => ask.name === name) as Drawn;
    return fits(one.ask, one.value);
  };
  expect(["group", "capacity", "calendar", "title"].map(fit)).toEqual([
    "good",
    "plain",
    "plain",
    "deep",
  ]);
  expect(put(strange, "Plan", ["group"], "b")).toBe(strange.replace(": a", ": b"));
  expect(saidBy("group: a\n---\ngroup: b\n")).toBeNull();
  expect(saidBy("group: [")).toBeNull();
});

test("a problem is shown at the narrowest field that it names, others above them all", () => {
  const found = placed(
    [
      { where: "calendar[1].at", line: 1 },
      { where: "title.zh", line: 2 },
      { where: "calendar", line: 3 },
      { where: "", line: 4 },
      { where: "mood", line: 5 },
      { where: "calendar[0].mood", line: 6 },
    ],
    drawn("Plan", said(OWN)),
  );
  const lines = Object.fromEntries(
    [...found].map(([key, some]) => [key, some.map((one) => one.line)]),
  );
  expect(lines).toEqual({
    "calendar[1].at": [1],
    "calendar[0]": [6],
    title: [2],
    calendar: [3],
    "": [4, 5],
  });
});

test("one more part begins with what it has to say", () => {
  const question = { many: false, keyed: false, form: "Question", takes: "" } as Ask;
  expect(begins(question)).toEqual({
    code: "",
    type: "one",
    ask: { zh: "", en: "" },
    choices: { a: { zh: "", en: "" }, b: { zh: "", en: "" } },
  });
});

test("a word that is missing is said at its field", () => {
  const why = "`page` is missing: it must be said";
  const found = placed([{ where: "text", why }], drawn("Page", { kind: "entry" }));
  expect([...found.keys()]).toEqual(["page"]);
  const other = placed([{ where: "text", why }], drawn("Page", { page: "a", kind: "entry" }));
  expect([...other.keys()]).toEqual([""]);
});
