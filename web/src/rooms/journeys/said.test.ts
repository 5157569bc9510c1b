import { describe, expect, it } from "vitest";
import type { SchemaGraph } from "@/api/schema";
import { codeIn } from "@/ui/codes";
import { because } from "@/ui/ending";
import { kept } from "./draft";
import { path, place, stroke, together } from "./layout";
import { bounded, seconds, span } from "./said";

const zh = (set: Parameters<typeof codeIn>[0], code: string) => codeIn(set, code, "zh");
const en = (set: Parameters<typeof codeIn>[0], code: string) => codeIn(set, code, "en");

const way = (source: string, to: string, code: SchemaGraph["edges"][number]["code"], weight = 0) =>
  ({ source, to, code, weight, words: null, name: "", share: null }) as const;
const graph = {
  nodes: ["a", "b", "c"].map((id) => ({ id })),
  edges: [
    way("a", "b", "case", 3),
    way("a", "b", "else", 3),
    way("a", "c", "case"),
    way("b", "c", "next"),
  ],
} as unknown as SchemaGraph;

describe("what is said of a journey", () => {
  it("says spans in words, and leaves alone what is none", () => {
    expect(span("5m", "zh")).toBe("5 分钟");
    expect(span("1h30m", "en")).toBe("1 hour 30 minutes");
    expect(span("until: 10:00", "zh")).toBe("until: 10:00");
    expect(seconds(93600, "zh")).toBe("1 天 2 小时");
  });

  it("stops counting where the server does", () => {
    expect(bounded(10_000, "en")).toBe("10,000");
    expect(bounded(10_001, "en")).toBe("10,000+");
  });

  it("says why in both languages, also of several conditions and of none", () => {
    expect(because("timed_out", zh, "zh")).toBe("等待超时");
    expect(because("not_friend", zh, "zh")).toBe("非「是好友」");
    expect(because("order_gone_and_tag", en, "en")).toBe("order gone + tag");
    expect(because("arm-a", zh, "zh")).toBe("arm-a");
  });
});

describe("a drawing", () => {
  it("draws ways between the same two steps once, with their weight", () => {
    expect(together(graph).map((one) => [one.id, one.weight, one.ways.length])).toEqual([
      ["a→b", 3, 2],
      ["a→c", 0, 1],
      ["b→c", 0, 1],
    ]);
  });

  it("goes from top to bottom, and no two steps cover each other", () => {
    const { places, lines } = place(graph);
    expect(places.a?.y).toBeLessThan(places.b?.y ?? 0);
    expect(places.b?.y).toBeLessThan(places.c?.y ?? 0);
    expect(lines).toHaveLength(4); // with the way in
  });

  it("draws a way as wide as it is walked", () => {
    expect(stroke(0, 9)).toBeLessThan(stroke(1, 9));
    expect(stroke(1, 9)).toBeLessThan(stroke(9, 9));
    expect(
      path([
        { x: 0, y: 0 },
        { x: 0, y: 9 },
      ]),
    ).toBe("M 0 0 L 0 9");
  });
});

describe("a draft", () => {
  const store = (said: string | null) => ({ getItem: () => said });

  it("is what was kept, or nothing where that can't be read", () => {
    expect(kept("a", store('{"text":"x","base":2}'))).toEqual({ text: "x", base: 2 });
    for (const said of [null, "nonsense", "{}", '{"text":1,"base":2}'])
      expect(kept("a", store(said))).toBeNull();
  });
});
