import { DownloadOutlined, QuestionCircleOutlined } from "@ant-design/icons";
import { Alert, Button, DatePicker, Drawer, Flex, Select, Space } from "antd";
import dayjs from "dayjs";
import { type ReactNode, useState } from "react";
import { api } from "@/api/client";
import { useNow } from "@/ui/clock";
import { useCode } from "@/ui/codes";
import { useFilters } from "@/ui/filters";
import { day } from "@/ui/format";
import { Page } from "@/ui/page";
import { When } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { Behind } from "./behind";
import type { Caption } from "./picture";
import "./reports.css";
import { useReports } from "./words";

type Say = ReturnType<typeof useReports>;
type Definition = Parameters<Say>[0] extends infer Key
  ? Key extends `d_${infer Code}`
    ? Code
    : never
  : never;
export type Asked = { from?: string; to?: string; source?: string; shop?: string };
type Told = {
  state: "ready" | "working";
  seconds: number;
  period: { first: string; last: string };
  definitions: string[];
  report?: { fresh: { as_of: string; waiting: number }; window_days?: number } | null;
};
export type Name = "cascade" | "cost-per-add" | "withheld";

/** What is asked for, from the URL: a view can be sent to a colleague. */
export function useAsked(): [Asked, (change: Record<string, string>) => void] {
  const [{ from, to, source, shop }, set] = useFilters(["from", "to", "source", "shop"]);
  const asked: Asked = {};
  if (from) asked.from = from;
  if (to) asked.to = to;
  if (source) asked.source = source;
  if (shop) asked.shop = shop;
  return [asked, set];
}

/** Ask again soon while a long report is being worked out. */
export const untilReady = {
  refetchInterval: (query: { state: { data?: unknown } }) =>
    (query.state.data as Told | undefined)?.state === "working" ? 1000 : false,
  staleTime: 30_000,
} as const;

/** What the picture of a report says: its question, of when, of which source, and what is counted. */
export function useCaption(name: Name, period: Told["period"] | undefined) {
  const say = useReports();
  return (lines: (string | false | undefined)[]): Caption => ({
    title: say(TITLES[name]),
    lines: lines.filter((one) => typeof one === "string" && one !== "") as string[],
    file: `siyu-${name}-${period?.first}-${period?.last}.png`,
  });
}

/** Whom a report speaks of: a cohort that is watched for some days, or a period's touches. */
function population(name: Name, { period, report }: Told, say: Say): string {
  const { first, last } = period;
  if (name === "withheld") return say("touches_of", { first, last });
  const days = report?.window_days;
  return days ? say("population", { first, last, days }) : "";
}

const TITLES = { cascade: "cascade", "cost-per-add": "cost", withheld: "withheld" } as const;

/** The template of every report: question, answer, what it speaks of, then what it shows. */
export function ReportPage(props: { name: Name; told: Told | undefined; children: ReactNode }) {
  const { name, told, children } = props;
  const say = useReports();
  const fresh = told?.report?.fresh;
  const [asked, set] = useAsked();
  const [open, setOpen] = useState(false);
  return (
    <Page
      title={say(TITLES[name])}
      under={
        <Space size={4} wrap separator="·">
          {told && population(name, told, say)}
          {fresh && (
            <span>
              {say("as_of")} <When at={fresh.as_of} />
            </span>
          )}
          {fresh && fresh.waiting > 0 && <span>{say("waiting", { count: fresh.waiting })}</span>}
          <Button
            type="link"
            size="small"
            className="report-definitions"
            icon={<QuestionCircleOutlined />}
            onClick={() => setOpen(true)}
          >
            {say("definitions")}
          </Button>
        </Space>
      }
      primary={<Csv name={name} asked={asked} />}
    >
      <Flex vertical gap={16}>
        <Period asked={asked} period={told?.period} set={set} />
        {told?.state === "working" && (
          <Alert
            type="info"
            showIcon
            role="status"
            title={say(fresh ? "working" : "working_first", { seconds: Math.round(told.seconds) })}
          />
        )}
        {children}
      </Flex>
      <Behind
        report={name}
        asked={told ? { ...asked, from: told.period.first, to: told.period.last } : asked}
      />
      <Drawer
        title={say("definitions")}
        open={open}
        onClose={() => setOpen(false)}
        size={420}
        destroyOnHidden
        styles={{ body: { padding: 0, overflow: "hidden" } }}
      >
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse */}
        <section className="report-scroll" aria-label={say("definitions")} tabIndex={0}>
          <Definitions codes={told?.definitions ?? []} />
        </section>
      </Drawer>
    </Page>
  );
}

function Definitions({ codes }: { codes: string[] }) {
  const say = useReports();
  const code = useCode();
  return (
    <dl className="report-terms">
      {codes.map((one) => (
        <div key={one}>
          <dt>{code("definition", one)}</dt>
          <dd className="quiet">{say(`d_${one as Definition}`)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Csv({ name, asked }: { name: Name; asked: Asked }) {
  const say = useReports();
  const [language] = useLanguage();
  const query = new URLSearchParams({ ...asked, lang: language });
  return (
    <Button
      type="primary"
      icon={<DownloadOutlined />}
      href={`/api/v1/reports/${name}.csv?${query}`}
      download
    >
      {say("csv")}
    </Button>
  );
}

const SPANS = [7, 28, 90] as const;

function Period(props: {
  asked: Asked;
  period: { first: string; last: string } | undefined;
  set: (change: Record<string, string>) => void;
}) {
  const { asked, period, set } = props;
  const say = useReports();
  const now = useNow(60);
  const sources = api.useQuery("get", "/api/v1/reports/filters", {}, { staleTime: 300_000 });
  const [language] = useLanguage();
  const today = day(now);
  const length = period ? dayjs(period.last).diff(dayjs(period.first), "day") + 1 : 0;
  const span = (days: number) =>
    set({
      from: dayjs(today)
        .subtract(days - 1, "day")
        .format("YYYY-MM-DD"),
      to: today,
    });
  return (
    <Flex gap={8} wrap align="center">
      <Space.Compact>
        {SPANS.map((days) => (
          <Button
            key={days}
            onClick={() => span(days)}
            className={length === days && period?.last === today ? "report-span-on" : ""}
            aria-pressed={length === days && period?.last === today}
          >
            {say(`days_${days}`)}
          </Button>
        ))}
      </Space.Compact>
      <DatePicker.RangePicker
        allowClear={false}
        aria-label={say("from")}
        value={period ? [dayjs(period.first), dayjs(period.last)] : null}
        maxDate={dayjs(today)}
        onChange={(days) => {
          if (days?.[0] && days[1])
            set({ from: days[0].format("YYYY-MM-DD"), to: days[1].format("YYYY-MM-DD") });
        }}
      />
      {(sources.data?.sources.length ?? 0) > 1 && (
        <Select
          aria-label={say("source")}
          value={asked.source ?? ""}
          onChange={(source) => set({ source })}
          options={[
            { value: "", label: say("all_sources") },
            ...(sources.data?.sources ?? []).map((one) => ({
              value: one.code,
              label: one.title[language] ?? one.code,
            })),
          ]}
        />
      )}
      {(sources.data?.shops.length ?? 0) > 1 && (
        <Select
          aria-label={say("shop")}
          value={asked.shop ?? ""}
          onChange={(shop) => set({ shop })}
          popupMatchSelectWidth={false}
          options={[
            { value: "", label: say("all_shops") },
            ...(sources.data?.shops ?? []).map((one) => ({ value: one.code, label: one.name })),
          ]}
        />
      )}
    </Flex>
  );
}
