import type { SchemaPlaybookSetting } from "@/api/schema";
import { priced, rate } from "@/ui/format";
import type { Language } from "@/ui/words";
import { span } from "../journeys/said";

type Setting = Pick<SchemaPlaybookSetting, "type" | "of" | "unit">;

/** A value of a setting as people read it: 21d → 21 天, 0.1 → 10%. */
export function shown(one: Setting, value: string, language: Language): string {
  switch (one.type) {
    case "duration":
      return span(value, language);
    case "share":
      return value.endsWith("%") ? value : rate(Number(value), language, 0);
    case "money":
      return Number.isFinite(Number(value)) ? priced(Number(value), language) : value;
    case "choice":
      return one.of.find((choice) => choice.code === value)?.title[language] ?? value;
    default:
      return [value, one.unit?.[language]].filter(Boolean).join(" ");
  }
}
