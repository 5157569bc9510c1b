import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button, Drawer, Flex, Segmented, Select } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useNow } from "@/ui/clock";
import { useFilters } from "@/ui/filters";
import { day as dayOf, minute } from "@/ui/format";
import { Page } from "@/ui/page";
import { Nothing, Shown } from "@/ui/states";
import { type Language, useLanguage } from "@/ui/words";
import { byDay, type Item, leadsTo, shownDays, stepped, type View } from "./days";
import { type Say, useCalendar } from "./words";
import "./calendar.css";

const KINDS = [
  "entry",
  "step",
  "moment",
  "group",
  "material_from",
  "material_until",
  "offer_end",
  "festival",
] as const;
const MOST = { month: 4, week: 40 } as const; // items of a day before the rest is in a drawer
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What goes out when, as a month or a week; each entry leads to the thing that it speaks of. */
export function Component() {
  const say = useCalendar();
  const [language] = useLanguage();
  const now = useNow(60);
  const [filters, set] = useFilters(["view", "day", "kinds"]);
  const view: View = filters.view === "week" ? "week" : "month";
  const today = dayOf(now);
  const day = DAY.test(filters.day) && dayjs(filters.day).isValid() ? filters.day : today;
  const kinds = KINDS.filter((one) => filters.kinds.split(",").includes(one));
  const days = shownDays(view, day);
  const query = api.useQuery("get", "/api/v1/calendar", {
    params: {
      query: {
        from: days[0] ?? day,
        to: days.at(-1) ?? day,
        ...(kinds.length && { kind: [...kinds] }),
      },
    },
  });
  return (
    <Page title={say("title")} under={say("under")}>
      <Flex wrap gap={8} align="center" className="cal-bar">
        <Button
          icon={<LeftOutlined />}
          aria-label={say("before")}
          onClick={() => set({ day: stepped(view, day, -1) })}
        />
        <Button onClick={() => set({ day: "" })}>{say("today")}</Button>
        <Button
          icon={<RightOutlined />}
          aria-label={say("after")}
          onClick={() => set({ day: stepped(view, day, 1) })}
        />
        <h2 className="cal-title" aria-live="polite">
          {titleOf(view, day, days, language)}
        </h2>
        <Segmented
          aria-label={say("title")}
          value={view}
          options={(["month", "week"] as const).map((one) => ({ value: one, label: say(one) }))}
          onChange={(chosen) => set({ view: chosen === "week" ? "week" : "" })}
        />
        <Select
          mode="multiple"
          className="cal-kinds"
          aria-label={say("kinds")}
          placeholder={say("every_kind")}
          allowClear
          popupMatchSelectWidth={false}
          maxTagCount="responsive"
          value={[...kinds]}
          options={KINDS.map((one) => ({ value: one, label: say(`kind_${one}`) }))}
          onChange={(chosen: string[]) => set({ kinds: chosen.join(",") })}
        />
      </Flex>
      <Shown query={query} rows={12}>
        {({ items }) => (
          <Days
            view={view}
            days={days}
            month={day.slice(0, 7)}
            today={today}
            items={byDay(items)}
          />
        )}
      </Shown>
    </Page>
  );
}

function titleOf(view: View, day: string, days: readonly string[], language: Language): string {
  const said = (one: string, form: string) =>
    dayjs(one)
      .locale(language === "zh" ? "zh-cn" : "en")
      .format(form);
  if (view === "month") return said(day, language === "zh" ? "YYYY 年 M 月" : "MMMM YYYY");
  const form = language === "zh" ? "M 月 D 日" : "D MMM";
  return `${said(days[0] ?? day, form)} – ${said(days.at(-1) ?? day, form)}`;
}

interface Shows {
  view: View;
  days: readonly string[];
  month: string;
  today: string;
  items: Map<string, Item[]>;
}

/** A grid on a desk; on a phone the days that hold something, one below the other. */
function Days({ view, days, month, today, items }: Shows) {
  const say = useCalendar();
  const [language] = useLanguage();
  const [open, setOpen] = useState<string | null>(null);
  const named = (day: string, form: string) =>
    dayjs(day)
      .locale(language === "zh" ? "zh-cn" : "en")
      .format(form);
  return (
    <>
      {items.size === 0 && (
        <Nothing
          what={`${say("nothing")}${language === "zh" ? "。" : ". "}${say("nothing_why")}`}
        />
      )}
      <div className={`cal cal-${view}`}>
        <div className="cal-heads" aria-hidden>
          {days.slice(0, 7).map((day) => (
            <span key={day}>{named(day, "ddd")}</span>
          ))}
        </div>
        <ol className="cal-days">
          {days.map((day) => {
            const all = items.get(day) ?? [];
            const classes = [
              "cal-day",
              day === today && "cal-today",
              view === "month" && !day.startsWith(month) && "cal-other",
              all.length === 0 && "cal-free",
            ];
            return (
              <li key={day} className={classes.filter(Boolean).join(" ")} data-day={day}>
                <div className="cal-date">
                  <time dateTime={day}>
                    <span className="cal-number number">{Number(day.slice(8))}</span>
                    <span className="cal-long">
                      {named(day, language === "zh" ? "M 月 D 日 dddd" : "dddd D MMM")}
                    </span>
                  </time>
                  {day === today && <span className="cal-now small">{say("is_today")}</span>}
                </div>
                <ul>
                  {all.slice(0, MOST[view]).map((one) => (
                    <Entry key={keyOf(one)} of={one} />
                  ))}
                </ul>
                {all.length > MOST[view] && (
                  <Button
                    type="link"
                    size="small"
                    className="cal-more"
                    onClick={() => setOpen(day)}
                  >
                    {say("more", { count: all.length - MOST[view] })}
                  </Button>
                )}
              </li>
            );
          })}
        </ol>
      </div>
      <Drawer
        open={open !== null}
        title={open && say("list_of", { day: open })}
        onClose={() => setOpen(null)}
        size={420}
      >
        <ul className="cal-list">
          {(items.get(open ?? "") ?? []).map((one) => (
            <Entry key={keyOf(one)} of={one} />
          ))}
        </ul>
      </Drawer>
    </>
  );
}

const keyOf = (one: Item) => `${one.kind} ${one.code} ${one.step} ${one.at}`;

function Entry({ of }: { of: Item }) {
  const say = useCalendar();
  const [language] = useLanguage();
  const to = leadsTo(of);
  const said = wordsOf(of, say, language);
  const hour = of.at === null ? "" : minute(of.at).slice(11);
  const shown = (
    <>
      {hour && <span className="number cal-hour">{hour}</span>} {said}
    </>
  );
  const hint = [say(`kind_${of.kind}`), hour || say("all_day"), said, of.step]
    .filter(Boolean)
    .join(" · ");
  return (
    <li className={`cal-entry cal-${of.kind}`} data-raw>
      {to ? (
        <Link to={to} title={hint}>
          {shown}
        </Link>
      ) : (
        <span title={hint}>{shown}</span>
      )}
    </li>
  );
}

function wordsOf(of: Item, say: Say, language: Language): string {
  const title = of.title[language] || of.title.zh || of.code;
  return say(of.kind, { title, step: of.step, count: of.many ?? 0 });
}
