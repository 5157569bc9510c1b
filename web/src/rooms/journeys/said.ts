import type { SchemaGraph, SchemaNode, SchemaStepSays, SchemaWalker } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { because, ending } from "@/ui/ending";
import { count } from "@/ui/format";
import { type Language, useLanguage } from "@/ui/words";
import { type Say, useJourneys } from "./words";

export const MOST = 10_000;

/** Counts stop behind 10,000. */
export function bounded(value: number, language: Language): string {
  return value > MOST ? `${count(MOST, language)}+` : count(value, language);
}

const UNITS: Record<string, readonly [string, string]> = {
  s: ["秒", "second"],
  m: ["分钟", "minute"],
  h: ["小时", "hour"],
  d: ["天", "day"],
  w: ["周", "week"],
};
const SPAN = /^(?:\d{1,9}[smhdw])+$/;

/** `1h30m` → 1 小时 30 分钟; anything else as it is. */
export function span(said: string, language: Language): string {
  if (!SPAN.test(said)) return said;
  const parts = [...said.matchAll(/(\d+)([smhdw])/g)].map(([, number = "", unit = ""]) => {
    const [zh, en] = UNITS[unit] ?? ["", ""];
    return language === "zh" ? `${number} ${zh}` : `${number} ${en}${number === "1" ? "" : "s"}`;
  });
  return parts.join(" ");
}

type Both = { zh: string; en: string } | null | undefined;
type Code = ReturnType<typeof useCode>;

export interface Tongue {
  say: Say;
  code: Code;
  language: Language;
  in: (words: Both) => string;
  many: (value: number) => string;
}

/** All that is needed to say something of a journey in the language of the page. */
export function useTongue(): Tongue {
  const say = useJourneys();
  const code = useCode();
  const [language] = useLanguage();
  return {
    say,
    code,
    language,
    in: (words) => words?.[language] ?? "",
    many: (value) => bounded(value, language),
  };
}

const SETS: Record<string, Parameters<Code>[0]> = {
  channel: "channel",
  purpose: "purpose",
  kind: "task_kind",
  on: "event",
};

/** One value that a step says. */
export function value(one: SchemaStepSays, tongue: Tongue): string {
  if (one.words) return tongue.in(one.words);
  const set = SETS[one.name];
  return set ? tongue.code(set, one.value) : one.value;
}

/** What a step says in one line: what it sends, how long it waits. */
export function summary(node: SchemaNode, tongue: Tongue): string {
  const { say } = tongue;
  const said = new Map(node.says.map((one) => [one.name, value(one, tongue)]));
  const some = (...names: string[]) => names.flatMap((name) => said.get(name) ?? []);
  switch (node.kind) {
    case "send":
      return some("channel", "material").join(" · ");
    case "task":
      return some("kind", "material").join(" · ");
    case "offer":
      return [
        ...some("promise"),
        ...some("expires").map((one) => say("expires_in", { span: one })),
      ].join(" · ");
    case "until":
      return [
        ...some("until"),
        ...some("timeout").map((one) => say("at_most", { span: one })),
      ].join(" · ");
    case "wait":
      return wait(said, tongue);
    default:
      return node.says.map((one) => value(one, tongue)).join(" · ");
  }
}

function wait(said: Map<string, string>, { say }: Tongue): string {
  const less = said.get("less");
  const parts = [
    said.get("wait"),
    said.get("until") === "parcel_cutoff" ? say("until_cutoff") : said.get("until"),
    said.get("weekday"),
    said.get("date"),
    said.get("child_turns"),
    said.get("at"),
    less && say("before_that", { span: less }),
  ];
  return parts.filter(Boolean).join(" · ");
}

/** Who comes in, and how often. */
export function entry(graph: SchemaGraph, tongue: Tongue): { title: string; rest: string } {
  const { say, code } = tongue;
  const said = new Map(graph.enters.map((one) => [one.name, value(one, tongue)]));
  const again =
    graph.reenter === "never" || graph.reenter === "each"
      ? say(`reenter_${graph.reenter}`)
      : say("reenter_after", { span: seconds(Number(graph.reenter), tongue.language) });
  const age = said.get("max_age");
  const title =
    said.get("on") ??
    [
      code("enter", graph.enter),
      said.get("sizes"),
      said.get("every"),
      said.get("date"),
      said.get("child_turns"),
      said.get("at"),
    ]
      .filter(Boolean)
      .join(" · ");
  const rest = [
    said.get("segment"),
    graph.source && say("source", { source: graph.source }),
    age && say("max_age", { span: age }),
    again,
  ];
  return { title, rest: rest.filter(Boolean).join(" · ") };
}

export function seconds(total: number, language: Language): string {
  const sizes: [string, number][] = [
    ["d", 86400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ];
  let left = total;
  const parts = sizes.flatMap(([unit, size]) => {
    const many = Math.floor(left / size);
    left -= many * size;
    return many ? [`${many}${unit}`] : [];
  });
  return span(parts.join("") || "0s", language);
}

/** How somebody came to where they stand, in a line. */
export function story(person: SchemaWalker, tongue: Tongue): string {
  const { code, language } = tongue;
  const last = person.last;
  if (!last) return "";
  const colon = language === "zh" ? "：" : ": ";
  if (last.code === "moved")
    return last.passed
      .map((one) =>
        [`${one.step}${colon}${because(one.code, code, language)}`, one.about]
          .filter(Boolean)
          .join(" "),
      )
      .join(" → ");
  const why = last.code === "ended" || last.code === "taken_back";
  const about = why ? ending(last.about, code, language) : last.about;
  return [code("line", last.code), about].filter(Boolean).join(colon);
}

type Difference = { code: string; step: string; field: string; old: string; new: string };

/** One difference of two texts, in words. */
export function difference(one: Difference, tongue: Tongue): string {
  const { say, language } = tongue;
  const words = { step: one.step, old: span(one.old, language), new: span(one.new, language) };
  switch (one.code) {
    case "step_new":
      return say(one.old ? "diff_step_new" : "diff_step_first", words);
    case "step_gone":
      return say("diff_step_gone", words);
    case "order":
      return say("diff_order", words);
    case "field_new":
    case "field_gone":
    case "changed": {
      const what = say(`diff_${one.code}`, { ...words, field: field(one.field, tongue) });
      return one.step ? say("diff_at", { step: one.step, what }) : what;
    }
    default:
      return one.code;
  }
}

/** `wait` is the step's own word, `send.priority` a path in it. */
function field(path: string, { code, language }: Tongue): string {
  const [head = "", ...rest] = path.split(".");
  const word = code("node", head);
  const shown = [word === head ? head : word, ...rest].join(".");
  return language === "zh"
    ? ` ${shown} `.replace(/^ (?=[\u4e00-\u9fff])| $/g, "")
    : shown.toLowerCase();
}

/** What a way is called: its condition, its arm, or nothing where it is the only one. */
export function way(one: SchemaGraph["edges"][number], tongue: Tongue): string {
  if (one.words) return tongue.in(one.words);
  if (one.code === "arm") return `${one.name} ${Math.round((one.share ?? 0) * 100)}%`;
  return one.code === "next" || one.code === "go" ? "" : tongue.code("way", one.code);
}
