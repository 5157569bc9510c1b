import { Button, Tag } from "antd";
import dayjs from "dayjs";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { exact } from "@/ui/format";
import { Shown } from "@/ui/states";
import { type Language, useLanguage } from "@/ui/words";
import { useSlots } from "./words";

type SlotDay = components["schemas"]["SlotDay"];

/** The same question for everybody who asks about this week. */
export function useWeek(service: string, store: string, from: string) {
  return api.useQuery(
    "get",
    "/api/v1/slots/calendar",
    { params: { query: { service, store, day: from, days: 7 } } },
    { refetchInterval: 60_000 },
  );
}

/** Seven days beside one another, each with its times and how many are booked. */
export function Week(props: {
  service: string;
  store: string;
  from: string;
  day: string;
  choose: (day: string) => void;
}) {
  const { service, store, from, day, choose } = props;
  const query = useWeek(service, store, from);
  return (
    <Shown query={query} rows={8}>
      {({ days }) => (
        <ol className="slot-week">
          {days.map((one) => (
            <OneDay key={one.day} of={one} chosen={one.day === day} choose={choose} />
          ))}
        </ol>
      )}
    </Shown>
  );
}

function OneDay(props: { of: SlotDay; chosen: boolean; choose: (day: string) => void }) {
  const { of, chosen, choose } = props;
  const say = useSlots();
  const [language] = useLanguage();
  const name = dayName(of.day, language);
  const booked = of.slots.reduce((sum, one) => sum + one.booked, 0);
  const all = of.slots.reduce((sum, one) => sum + one.capacity, 0);
  return (
    <li className={chosen ? "slot-day slot-chosen" : "slot-day"}>
      <Button
        type={chosen ? "primary" : "default"}
        size="small"
        block
        aria-label={say("pick", { day: name })}
        aria-pressed={chosen}
        onClick={() => choose(of.day)}
      >
        {name}
      </Button>
      {of.closed && <Tag className="tone-out">{say("closed")}</Tag>}
      {!of.closed && of.slots.length === 0 && (
        <span className="quiet small">{say("no_hours")}</span>
      )}
      {of.slots.length > 0 && (
        <span className="quiet small">{say("day_total", { booked, all })}</span>
      )}
      <ul className="slot-times">
        {of.slots.map((one) => (
          <li key={one.starts_at}>
            <span className="number">{exact(one.starts_at).slice(11, 16)}</span>{" "}
            <span
              className={
                one.capacity === 0 || one.booked >= one.capacity
                  ? "number tone-waits"
                  : one.booked > 0
                    ? "number tone-ours"
                    : "number quiet"
              }
            >
              {one.capacity === 0
                ? `${one.booked} · ${say("outside")}`
                : say("booked_of", { booked: one.booked, all: one.capacity })}
            </span>
          </li>
        ))}
      </ul>
    </li>
  );
}

/** A day as people say it. */
export function dayName(day: string, language: Language): string {
  const form = language === "zh" ? "M 月 D 日 ddd" : "ddd, D MMM";
  return dayjs(day)
    .locale(language === "zh" ? "zh-cn" : "en")
    .format(form);
}
