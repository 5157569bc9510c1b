import { expect, test } from "vitest";
import { parse } from "yaml";
import {
  LOCALES,
  type Locale,
  placed,
  read,
  type Shown,
  textOf,
  unvary,
  vary,
  write,
} from "./draft";

const text = (locale: "zh" | "en", variant: string, body: string, weight = 1) => ({
  locale,
  variant,
  weight,
  body,
  variables: { name: "text" },
  links: {},
  form: { heading: locale === "zh" ? "标题" : "Heading", url: "https://a.example" },
});

const SHOWN: Shown = {
  material: {
    code: "hello",
    channel: "by_hand",
    kind: "link",
    title: "问候",
    tags: ["spring"],
    owner: "lin",
    valid_from: "2026-03-01",
    valid_until: null,
    playbook: "own",
    retired_at: null,
    retired_by: "",
    version: 1,
    state: "draft",
    made_by: "ana",
    made_at: null,
  },
  versions: [],
  version: 1,
  texts: [
    text("zh", "a", "第一行\n{{ name }}，第二行", 2),
    text("en", "a", "First line\n{{ name }}, second", 2),
    text("zh", "b", "短"),
    text("en", "b", '"Short": yes'),
  ],
};

test("a material becomes a text that says the same, variants and both languages", () => {
  const said = read(textOf(SHOWN));

  expect(said).toEqual({
    code: "hello",
    channel: "by_hand",
    title: "问候",
    tags: ["spring"],
    owner: "lin",
    valid_from: "2026-03-01",
    valid_until: "",
    variants: [
      {
        place: -1,
        code: "a",
        weight: 2,
        zh: "第一行\n{{ name }}，第二行",
        en: "First line\n{{ name }}, second",
      },
      { place: 0, code: "b", weight: 1, zh: "短", en: '"Short": yes' },
    ],
  });
  expect(textOf(SHOWN)).toContain("heading:\n    zh: 标题\n    en: Heading");
});

test("a poster becomes a text with everything that it says", () => {
  const poster = (locale: Locale) => ({
    locale,
    variant: "",
    weight: 1,
    body: "",
    variables: { shop: "link" },
    links: { shop: "https://a.example" },
    form: {
      heading: locale === "zh" ? "到店" : "Come",
      benefit: locale === "zh" ? "有礼" : "A gift",
      colour: "#c8102e",
      qr: "0.1 0.2 0.3",
      same_code: "yes",
    },
  });
  const text = textOf({ ...SHOWN, texts: LOCALES.map(poster) });

  expect(text).toContain("benefit:\n    zh: 有礼\n    en: A gift");
  expect(parse(text)[0]).toMatchObject({
    colour: "#c8102e",
    qr: { x: 0.1, y: 0.2, size: 0.3 },
    same_code: true,
  });
});

test("a change is made in the text and touches nothing else of it", () => {
  const whole = `# ours\n${textOf(SHOWN)}`;
  const changed = write(whole, ["variants", 0, "zh"], "很短\n两行");

  expect(changed).toContain("# ours");
  expect(read(changed)?.variants[1]?.zh).toBe("很短\n两行");
  expect(read(changed)?.variants[0]).toEqual(read(whole)?.variants[0]);
  expect(read(write(whole, ["owner"], ""))?.owner).toBe("");
  expect(write(whole, ["owner"], "")).not.toContain("owner:");
});

test("a variant is added with the next letter, and taken away again", () => {
  const more = vary(textOf(SHOWN));

  expect(read(more)?.variants.map((one) => one.code)).toEqual(["a", "b", "c"]);
  const none = unvary(unvary(more, 1), 0);
  expect(read(none)?.variants.map((one) => one.code)).toEqual([""]);
  expect(none).not.toContain("variants");
});

test("a finding stands at the line of the text that it speaks of", () => {
  const whole = textOf(SHOWN);
  const lines = whole.split("\n");
  const second = lines.findIndex((one) => one.includes("，第二行")) + 1;
  const short = lines.findIndex((one) => one.includes("zh: 短")) + 1;
  const found = placed(whole, read(whole), [
    { where: "hello.a.zh", line: second, why: "more certain" },
    { where: "hello.b.zh", line: short, why: "too short" },
    { where: "hello", line: 1, why: "the code" },
  ]);

  expect(found).toEqual([
    { cell: ".zh", line: 2, why: "more certain" },
    { cell: "b.zh", line: 1, why: "too short" },
    { cell: "", line: 1, why: "hello the code" },
  ]);
});

test("what is no single material can't be drawn as a form", () => {
  expect(read("- code: a\n- code: b\n")).toBeNull();
  expect(read("{{")).toBeNull();
  expect(read("just words")).toBeNull();
});
