import type { SchemaDryAnswer, SchemaPlaybookFull } from "@/api/schema";
import type { useCode } from "@/ui/codes";
import { count, money, rate } from "@/ui/format";
import type { Language } from "@/ui/words";
import type { Choices, Preview } from "./choices";
import { shown } from "./said";
import type { StartSay } from "./start.words";

interface Said {
  of: SchemaPlaybookFull;
  preview: Preview;
  chosen: Choices;
  answer: SchemaDryAnswer | null;
  stale: boolean;
  tongue: { say: StartSay; code: ReturnType<typeof useCode>; language: Language };
}

/** What happens from now on, line by line: to whom, to how many, at what cost, by what rules. */
export function told(of: Said): string[] {
  const { say } = of.tongue;
  return [
    ...of.preview.source.ways.map((one) => cameIn(one, of.tongue)),
    ...shops(of),
    of.chosen.pilot === null ? say("says_all") : say("says_pilot", { count: of.chosen.pilot }),
    ...reckoned(of),
    ...(of.of.holdout > 0
      ? [say("says_holdout", { share: rate(of.of.holdout, of.tongue.language, 0) })]
      : []),
    capped(of),
    ...people(of),
    ...rules(of),
    ...settings(of),
    say("says_stop"),
  ];
}

/** How people come in, an event by what it is called. */
export function cameIn(of: Preview["source"]["ways"][number], tongue: Said["tongue"]): string {
  const event = tongue.code("event", of.kind);
  if (event !== of.kind) return tongue.say("way_event", { event });
  return of.says.charAt(0).toUpperCase() + of.says.slice(1);
}

const listed = (some: string[], language: Language) => some.join(language === "zh" ? "、" : ", ");

function shops({ preview, chosen, tongue: { say, language } }: Said): string[] {
  const { takes_shops, shops } = preview.source;
  if (!takes_shops || chosen.shops.length === 0) return [];
  const names = chosen.shops.map((one) => shops.find((shop) => shop.code === one)?.name || one);
  return [say("says_shops", { shops: listed(names, language) })];
}

function reckoned({ preview, answer, stale, tongue: { say, language } }: Said): string[] {
  if (!answer) return [say("says_unknown")];
  const span = { from: answer.from, to: answer.to };
  if (answer.entered === 0) return [say("says_nobody", span)];
  const { low, likely, high } = answer.cost_minor;
  const shape = (minor: number) => money(minor, language, answer.currency);
  const cost =
    low === high
      ? shape(likely)
      : say("range", { likely: shape(likely), low: shape(low), high: shape(high) });
  return [
    say("says_people", {
      ...span,
      days: preview.forecast?.days ?? answer.days.length,
      customers: count(answer.customers, language),
    }),
    say("says_cost", { cost, hours: (answer.staff_minutes.likely / 60).toFixed(1) }),
    ...(stale ? [say("says_stale")] : []),
  ];
}

function capped({ preview, chosen, tongue: { say, language } }: Said): string {
  const shape = (minor: number) => money(minor, language, preview.budget.currency);
  const { total_minor = null, daily_minor = null } = chosen.budget ?? {};
  const caps = [
    ...(total_minor === null ? [] : [say("says_total", { money: shape(total_minor) })]),
    ...(daily_minor === null ? [] : [say("says_daily", { money: shape(daily_minor) })]),
  ];
  return caps.length
    ? say("says_budget", { budget: listed(caps, language) })
    : say("says_no_budget");
}

function people({ preview, chosen, tongue: { say, language } }: Said): string[] {
  if (chosen.staff.length === 0) return [];
  const names = chosen.staff.map(
    (one) => preview.staff.guides.find((guide) => guide.code === one)?.name || one,
  );
  return [say("says_staff", { staff: listed(names, language) })];
}

function rules({ preview, chosen, tongue: { say, code, language } }: Said): string[] {
  if (chosen.policy.length === 0) return [];
  const said = chosen.policy.map((one) => {
    const shop = preview.policy.find((row) => row.shop === one.shop)?.name || one.shop;
    const channel = code("channel", one.channel);
    return say(one.allowed ? "says_allowed" : "says_forbidden", { shop, channel });
  });
  return [say("says_policy", { count: said.length, rules: listed(said, language) })];
}

function settings({ preview, chosen, tongue: { say, language } }: Said): string[] {
  const said = preview.settings.flatMap(({ setting: one }) => {
    const value = chosen.settings[one.name];
    if (!value || value === one.default) return [];
    return [`${one.title[language]} ${shown(one, value, language)}`];
  });
  return said.length ? [say("says_settings", { settings: listed(said, language) })] : [];
}
