import { Flex, Table } from "antd";
import dayjs from "dayjs";
import { lazy, Suspense, useMemo } from "react";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { count, rate } from "@/ui/format";
import { Soon } from "@/ui/soon";
import { Nothing, Shown } from "@/ui/states";
import { PALETTE, useColours } from "@/ui/theme";
import { Reason, useReason } from "@/ui/value";
import { Wide } from "@/ui/wide";
import { useLanguage } from "@/ui/words";
import { Opens } from "./behind";
import type { Option } from "./chart";
import type { Caption } from "./picture";
import { ReportPage, untilReady, useAsked, useCaption } from "./report";
import { useReports } from "./words";

const Chart = lazy(() => import("./chart").then((found) => ({ default: found.Chart })));

type NotSent = components["schemas"]["NotSent"];

interface Line {
  reason: string;
  channel: string;
  purpose: string;
  touches: number;
}

export function Component() {
  const [asked] = useAsked();
  const query = api.useQuery(
    "get",
    "/api/v1/reports/withheld",
    { params: { query: asked } },
    untilReady,
  );
  const told = query.data;
  const report = told?.report ?? undefined;
  return (
    <ReportPage name="withheld" told={told}>
      <Shown query={query} rows={10}>
        {() => report && <Whole report={report} period={told?.period} />}
      </Shown>
    </ReportPage>
  );
}

type Period = { first: string; last: string } | undefined;

function Whole({ report, period }: { report: NotSent; period: Period }) {
  const say = useReports();
  const code = useCode();
  const why = useReason();
  const [language] = useLanguage();
  const lines = useMemo(() => folded(report), [report]);
  const reasons = useMemo(() => byReason(report), [report]);
  const most = reasons[0];
  const caption = useCaption(
    "withheld",
    period,
  )([period && say("touches_of", period), say("d_withheld")]);
  const shown = (value: number) => count(value, language);
  if (report.wished === 0) return <Nothing what={say("none")} />;
  return (
    <section className="panel" aria-label={say("withheld")}>
      <Flex vertical gap={12}>
        <p className="report-answer">
          {most
            ? say("withheld_answer", {
                wished: shown(report.wished),
                withheld: shown(report.withheld),
                share: rate(report.withheld / report.wished, language),
                reason: why(most),
              })
            : say("withheld_none", { wished: shown(report.wished) })}
        </p>
        {most && (
          <>
            <Suspense fallback={<Soon height={260} />}>
              <Days report={report} reasons={reasons} caption={caption} />
            </Suspense>
            <Wide label={say("withheld")}>
              <Table<Line>
                aria-label={say("withheld")}
                size="small"
                rowKey={(one) => `${one.reason} ${one.channel} ${one.purpose}`}
                pagination={false}
                dataSource={lines}
                footer={() => (
                  <Flex justify="space-between">
                    <strong>{say("total")}</strong>
                    <Opens of={report.withheld} to={{ list: "withheld" }} label={say("total")} />
                  </Flex>
                )}
                columns={[
                  {
                    title: say("reason"),
                    render: (_, one) => <Reason code={one.reason} />,
                  },
                  { title: say("channel"), render: (_, one) => code("channel", one.channel) },
                  { title: say("purpose"), render: (_, one) => code("purpose", one.purpose) },
                  {
                    title: say("touches"),
                    align: "right",
                    render: (_, { touches, ...line }) => (
                      <Opens
                        of={touches}
                        to={{ list: "withheld", ...line }}
                        label={`${why(line.reason)} ${code("channel", line.channel)}`}
                      />
                    ),
                  },
                ]}
              />
            </Wide>
          </>
        )}
      </Flex>
    </section>
  );
}

/** All days together, the most frequent first. */
function folded(report: NotSent): Line[] {
  const found = new Map<string, Line>();
  for (const { reason, channel, purpose, touches } of report.rows) {
    const key = `${reason} ${channel} ${purpose}`;
    const line = found.get(key) ?? { reason, channel, purpose, touches: 0 };
    found.set(key, { ...line, touches: line.touches + touches });
  }
  return [...found.values()].sort((one, other) => other.touches - one.touches);
}

function byReason(report: NotSent): string[] {
  const found = new Map<string, number>();
  for (const one of report.rows) found.set(one.reason, (found.get(one.reason) ?? 0) + one.touches);
  return [...found].sort((one, other) => other[1] - one[1]).map(([reason]) => reason);
}

function Days(props: { report: NotSent; reasons: string[]; caption: Caption }) {
  const { report, reasons, caption } = props;
  const say = useReports();
  const why = useReason();
  const colours = useColours();
  const option = useMemo<Option>(() => {
    const days = everyDay(report.rows.map((one) => one.day).sort());
    const of = (day: string, reason: string) =>
      report.rows
        .filter((one) => one.day === day && one.reason === reason)
        .reduce((sum, one) => sum + one.touches, 0);
    return {
      grid: { left: 8, right: 8, top: 36, bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" } },
      legend: {
        top: 0,
        left: 0,
        type: "scroll",
        itemHeight: 10,
        textStyle: { color: colours.ink },
      },
      xAxis: {
        type: "category",
        data: days.map((one) => one.slice(5)),
        axisTick: { show: false },
        axisLabel: { color: colours.out },
      },
      yAxis: { type: "value", minInterval: 1, axisLabel: { color: colours.out } },
      series: reasons.map((reason, place) => ({
        type: "bar" as const,
        stack: "withheld",
        name: why(reason),
        barMaxWidth: 36,
        itemStyle: { color: PALETTE[place % PALETTE.length] as string },
        data: days.map((one) => of(one, reason)),
      })),
    };
  }, [report, reasons, colours, why]);
  return <Chart option={option} height={260} label={say("by_day")} caption={caption} />;
}

/** From the first to the last, also those on which nothing was withheld. */
function everyDay(days: string[]): string[] {
  const first = dayjs(days[0]);
  const many = dayjs(days.at(-1)).diff(first, "day") + 1;
  return Array.from({ length: many }, (_, place) => first.add(place, "day").format("YYYY-MM-DD"));
}
