import dayjs from "dayjs";
import relativeTime from "dayjs/plugin/relativeTime";
import timezone from "dayjs/plugin/timezone";
import utc from "dayjs/plugin/utc";
import "dayjs/locale/zh-cn";
import type { Language } from "./words";

dayjs.extend(utc);
dayjs.extend(timezone);
dayjs.extend(relativeTime);

let place = "Asia/Shanghai";
let currency = "CNY";

/** The brand's zone and currency, once it is known who is here. */
export function brandIs(timeZone: string, money: string): void {
  place = timeZone;
  currency = money;
}

const locale = (language: Language) => (language === "zh" ? "zh-CN" : "en");

/** Minor units as money: 123450 → ¥1,234.50; the currency decides how many digits. */
export function money(minor: number, language: Language, code: string = currency): string {
  const shape = new Intl.NumberFormat(locale(language), {
    style: "currency",
    currency: code,
    currencyDisplay: "narrowSymbol",
  });
  return shape.format(minor / 10 ** digits(code));
}

/** Whole units as money, as people write them: 100.5 → ¥100.50. */
export function priced(value: number, language: Language, code: string = currency): string {
  return money(value * 10 ** digits(code), language, code);
}

/** How many digits the minor unit of a currency is: 2 of CNY, 0 of JPY. */
export function digits(code: string): number {
  const shape = new Intl.NumberFormat("en", { style: "currency", currency: code });
  return shape.resolvedOptions().maximumFractionDigits ?? 2;
}

/** 12345 → 12,345. */
export function count(value: number, language: Language): string {
  return new Intl.NumberFormat(locale(language)).format(value);
}

/** 0.4697 → 47.0 %; `digits` after the point. */
export function rate(value: number, language: Language, digits = 1): string {
  const shape = { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(locale(language), shape as Intl.NumberFormatOptions).format(value);
}

/** A moment in the brand's zone, exact to the second. */
export function exact(moment: string | Date): string {
  return dayjs(moment).tz(place).format("YYYY-MM-DD HH:mm:ss");
}

/** A moment in the brand's zone, to the minute. */
export function minute(moment: string | Date): string {
  return dayjs(moment).tz(place).format("YYYY-MM-DD HH:mm");
}

/** The day in the brand's zone. */
export function day(moment: string | Date): string {
  return dayjs(moment).tz(place).format("YYYY-MM-DD");
}

/** The first moment of a day (YYYY-MM-DD) by the brand's clocks, or of one so many days later. */
export function opens(day: string, later = 0): string {
  return dayjs.tz(day, place).add(later, "day").toISOString();
}

/** How long ago, or in how long, seen from `now` (the server's clock, which a sandbox may set). */
export function ago(moment: string | Date, now: Date, language: Language): string {
  return dayjs(moment)
    .locale(language === "zh" ? "zh-cn" : "en")
    .from(now);
}

/** 93 → 1:33; 4000 → 1:06:40. */
export function duration(seconds: number): string {
  const parts = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    Math.floor(seconds) % 60,
  ];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  const two = (value: number) => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
