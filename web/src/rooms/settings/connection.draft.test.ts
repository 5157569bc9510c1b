import { expect, test } from "vitest";
import { changes, fieldOf, type Setting, standing, unreadable } from "./connection.draft";

const about = { zh: "说明", en: "words" };
const made = (name: string, some: Partial<Setting>): Setting => ({
  name,
  kind: "text",
  about,
  choices: [],
  value: "",
  default: "",
  origin: "unset",
  fixed: false,
  ...some,
});
const SETTINGS = [
  made("url", { value: "https://a.example", origin: "settings_file" }),
  made("base", { value: "https://b.example", default: "https://b.example" }),
  made("secret", { kind: "secret", origin: "settings_file" }),
  made("token", { kind: "secret" }),
  made("texts", { kind: "many", value: '[{"a":1}]', origin: "settings_file" }),
  made("told", { value: "x", origin: "environment", fixed: true }),
];
const changed = (typed: Record<string, string | null>) =>
  Object.fromEntries(changes(SETTINGS, typed).map(({ setting, to }) => [setting.name, to]));

test("what nobody touched, and what was typed back, is no change", () => {
  expect(changed({})).toEqual({});
  expect(changed({ url: " https://a.example ", base: "", secret: "", token: "" })).toEqual({});
  expect(changed({ texts: '[ {"a": 1} ]', told: "y" })).toEqual({});
});

test("an emptied field is forgotten, an empty secret stays until it is told to go", () => {
  expect(changed({ url: "", secret: "" })).toEqual({ url: null });
  expect(changed({ url: null, base: null, secret: null, token: null })).toEqual({
    url: null,
    secret: null,
  });
});

test("what was typed is what is sent, and a default typed in is set", () => {
  expect(changed({ base: "https://b.example", secret: "new", texts: "[1]" })).toEqual({
    base: "https://b.example",
    secret: "new",
    texts: "[1]",
  });
});

test("a default and a secret stand in no box, a list stands there line by line", () => {
  expect(SETTINGS.slice(1, 4).map(standing)).toEqual(["", "", ""]);
  expect(standing(SETTINGS[4] as Setting)).toBe('[\n  {\n    "a": 1\n  }\n]');
});

test("a list that can't be read is told while it is typed, a number or words are no list", () => {
  expect([unreadable(""), unreadable("[]"), unreadable('{"a": [1]}')]).toEqual([null, null, null]);
  expect(unreadable("[1,\n 2,,]")?.why).toMatch(/^not_json/);
  expect(unreadable("12")?.why).toBe("not_many");
});

test("a problem inside a list is one of its field", () => {
  expect(["url", "texts[0].a", "map.key", ""].map(fieldOf)).toEqual(["url", "texts", "map", ""]);
});
