import dayjs from "dayjs";
import type { components } from "@/api/schema";

export type Item = components["schemas"]["CalendarItem"];
export type View = "month" | "week";

const FORM = "YYYY-MM-DD";
const WEEK = 7;

/** The Monday of the week in which a day lies. */
function monday(day: string): dayjs.Dayjs {
  const at = dayjs(day);
  return at.subtract((at.day() + WEEK - 1) % WEEK, "day");
}

/** The days that a view shows around one: a week from Monday on, or whole weeks that hold the month. */
export function shownDays(view: View, day: string): string[] {
  const first = monday(view === "week" ? day : dayjs(day).startOf("month").format(FORM));
  const last =
    view === "week"
      ? first.add(WEEK - 1, "day")
      : monday(dayjs(day).endOf("month").format(FORM)).add(WEEK - 1, "day");
  const many = last.diff(first, "day") + 1;
  return Array.from({ length: many }, (_, place) => first.add(place, "day").format(FORM));
}

/** The same view one step on, or back. */
export function stepped(view: View, day: string, by: 1 | -1): string {
  const at = view === "week" ? dayjs(day) : dayjs(day).startOf("month");
  return at.add(by, view).format(FORM);
}

export function byDay(items: readonly Item[]): Map<string, Item[]> {
  const found = new Map<string, Item[]>();
  for (const one of items) found.set(one.day, [...(found.get(one.day) ?? []), one]);
  return found;
}

/** Where somebody gets who presses it; festivals lead nowhere. */
export function leadsTo(one: Item): string | null {
  switch (one.kind) {
    case "entry":
    case "step":
      return `/journeys/${encodeURIComponent(one.code)}`;
    case "moment":
      return "/journeys/moments";
    case "group":
      return "/groups";
    case "material_from":
    case "material_until":
      return `/content/materials/${encodeURIComponent(one.code)}`;
    case "offer_end":
      return `/content/offers/${encodeURIComponent(one.code)}`;
    case "festival":
      return null;
  }
}
