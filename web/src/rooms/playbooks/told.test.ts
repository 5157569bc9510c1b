import { expect, test } from "vitest";
import { type CodeSet, codeIn } from "@/ui/codes";
import type { StartSay } from "./start.words";
import { cameIn } from "./told";

const tongue = (language: "zh" | "en") => ({
  say: ((key: string, { event }: { event: string }) => `${key} ${event}`) as unknown as StartSay,
  code: (set: CodeSet, code: string) => codeIn(set, code, language),
  language,
});

test("how people come in names no code of an event, and begins as a sentence does", () => {
  const way = (kind: string, says: string) => ({ journey: "j", kind, says });
  const paid = way("order.paid", "收到客户的 order.paid 时");
  expect(cameIn(paid, tongue("zh"))).toBe("way_event 订单支付");
  const waves = way("waves", "in waves, the best first");
  expect(cameIn(waves, tongue("en"))).toBe("In waves, the best first");
});
