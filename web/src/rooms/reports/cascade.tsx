import { Flex, Table } from "antd";
import { lazy, Suspense, useMemo } from "react";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { count, rate } from "@/ui/format";
import { Soon } from "@/ui/soon";
import { Nothing, Shown } from "@/ui/states";
import { useColours } from "@/ui/theme";
import { Count, Rate } from "@/ui/value";
import { Wide } from "@/ui/wide";
import { useLanguage } from "@/ui/words";
import type { Option } from "./chart";
import { before, ReportPage, untilReady, useAsked, useStep } from "./report";
import { useReports } from "./words";

const Chart = lazy(() => import("./chart").then((found) => ({ default: found.Chart })));

type Funnel = components["schemas"]["Funnel"];
type Source = components["schemas"]["SourceFunnel"];
type Group = Source["in_scope"];

interface Line {
  key: string;
  label: string;
  indent?: boolean;
  people: number;
  friends?: number;
  rate?: number | null;
  interval?: { low: number; high: number } | null | undefined;
  touches?: number;
  raced?: number;
}

export function Component() {
  const say = useReports();
  const [asked] = useAsked();
  const query = api.useQuery(
    "get",
    "/api/v1/reports/cascade",
    { params: { query: asked } },
    untilReady,
  );
  const told = query.data;
  const earlier = api.useQuery(
    "get",
    "/api/v1/reports/cascade",
    { params: { query: told ? before(told.period, asked) : {} } },
    { ...untilReady, enabled: told?.state === "ready" },
  );
  const report = told?.report ?? undefined;
  return (
    <ReportPage
      name="cascade"
      title={say("cascade")}
      told={told}
      fresh={report?.fresh}
      population={
        told &&
        report &&
        say("population", {
          first: told.period.first,
          last: told.period.last,
          days: report.window_days,
        })
      }
    >
      <Shown query={query} rows={12}>
        {() =>
          report && (
            <>
              {report.sources.map((source) => (
                <OneSource
                  key={source.source}
                  source={source}
                  earlier={earlier.data?.report?.sources.find(
                    (one) => one.source === source.source && one.buyers > 0,
                  )}
                  alone={report.sources.length === 1}
                />
              ))}
              {report.sources.length === 0 && <Nothing what={say("none")} />}
              <Beside report={report} />
            </>
          )
        }
      </Shown>
    </ReportPage>
  );
}

function Beside({ report }: { report: Funnel }) {
  const say = useReports();
  return (
    <p className="quiet">
      {report.unmatched > 0 && say("unmatched", { count: report.unmatched })}
      {report.raced > 0 &&
        say("raced", { count: report.raced, seconds: Math.ceil(report.longest_race_seconds) })}
    </p>
  );
}

function OneSource(props: { source: Source; earlier: Source | undefined; alone: boolean }) {
  const { source, earlier, alone } = props;
  const say = useReports();
  const [language] = useLanguage();
  const lines = useLines(source);
  const past = useLines(earlier ?? source);
  return (
    <section className="panel" aria-label={source.title[language] ?? source.source}>
      <Flex vertical gap={12}>
        {!alone && <h2>{source.title[language] ?? source.source}</h2>}
        <p className="report-answer">
          <Answer source={source} />
        </p>
        <Suspense fallback={<Soon height={36 * lines.length} />}>
          <Bars lines={lines} past={earlier ? past : []} label={say("funnel_of")} />
        </Suspense>
        <Figures lines={lines} past={earlier ? past : []} label={say("cascade")} />
      </Flex>
    </section>
  );
}

function Answer({ source }: { source: Source }) {
  const say = useReports();
  const [language] = useLanguage();
  const scope = source.in_scope;
  if (!scope.interval || scope.rate === null) return <>{say("answer_none")}</>;
  const share = (value: number) => rate(value, language);
  const points = (value: number) => (value * 100).toFixed(1);
  const lift = source.lift;
  const said = [
    say("answer", {
      buyers: count(scope.buyers, language),
      friends: count(scope.friends, language),
      rate: share(scope.rate),
      low: share(scope.interval.low),
      high: share(scope.interval.high),
    }),
    lift &&
      say(lift.interval.low > 0 ? "lift_up" : "lift_open", {
        points: points(lift.points),
        low: points(lift.interval.low),
        high: points(lift.interval.high),
      }),
    source.still_open > 0 && say("still_open", { count: source.still_open }),
  ];
  return <>{said.filter(Boolean).join(language === "zh" ? "" : " ")}</>;
}

function useLines(source: Source): Line[] {
  const code = useCode();
  const step = useStep();
  const group = (key: string, one: Group): Line => ({
    key,
    label: code("definition", key),
    people: one.buyers,
    friends: one.friends,
    rate: one.rate,
    interval: one.interval,
  });
  return [
    { key: "buyers", label: code("definition", "buyers"), people: source.buyers },
    {
      key: "friends_before",
      label: code("definition", "friends_before"),
      people: source.friends_before,
    },
    { key: "not_admitted", label: code("definition", "not_admitted"), people: source.not_admitted },
    group("holdout", source.holdout),
    group("in_scope", source.in_scope),
    group("invited", source.invited),
    ...source.steps.map((one) => ({
      key: `step ${one.step}`,
      label: step(one.step),
      indent: true,
      people: one.people,
      friends: one.adds,
      rate: one.rate,
      touches: one.touches,
      raced: one.raced,
    })),
  ];
}

function Bars({ lines, past, label }: { lines: Line[]; past: Line[]; label: string }) {
  const say = useReports();
  const colours = useColours();
  const option = useMemo<Option>(() => {
    const drawn = lines.filter(
      (one) => !["friends_before", "not_admitted", "holdout"].includes(one.key),
    );
    const of = (line: Line) => past.find((one) => one.key === line.key)?.people ?? 0;
    return {
      grid: { left: 8, right: 48, top: 28, bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" } },
      legend: { top: 0, right: 0, itemHeight: 10, textStyle: { color: colours.ink } },
      xAxis: { type: "value", axisLabel: { color: colours.out }, splitLine: { show: false } },
      yAxis: {
        type: "category",
        inverse: true,
        data: drawn.map((one) => one.label),
        axisTick: { show: false },
        axisLabel: { color: colours.ink },
      },
      series: [
        ...(past.length
          ? [
              {
                type: "bar" as const,
                name: say("last_period"),
                data: drawn.map(of),
                barWidth: 8,
                barGap: "10%",
                itemStyle: { color: "transparent", borderColor: colours.out, borderWidth: 1 },
              },
            ]
          : []),
        {
          type: "bar" as const,
          name: say("this_period"),
          data: drawn.map((one) => one.people),
          barWidth: 14,
          itemStyle: { color: colours.ours },
          label: { show: true, position: "right", color: colours.ink },
        },
        {
          type: "bar" as const,
          name: say("friends"),
          data: drawn.map((one) => one.friends ?? 0),
          barWidth: 8,
          itemStyle: { color: "#e69f00" },
        },
      ],
    };
  }, [lines, past, colours, say]);
  const rows = lines.length - 3;
  return <Chart option={option} height={44 * rows + 40} label={label} />;
}

function Figures({ lines, past, label }: { lines: Line[]; past: Line[]; label: string }) {
  const say = useReports();
  const [language] = useLanguage();
  const span = (line: Line) =>
    line.interval
      ? `${rate(line.interval.low, language)}–${rate(line.interval.high, language)}`
      : "";
  return (
    <Wide label={label}>
      <Table<Line>
        aria-label={label}
        size="small"
        rowKey="key"
        pagination={false}
        dataSource={lines}
        columns={[
          {
            title: say("figure"),
            dataIndex: "label",
            render: (text: string, line) => (
              <span style={{ paddingInlineStart: line.indent ? 16 : 0 }}>{text}</span>
            ),
          },
          { title: say("people"), align: "right", render: (_, one) => <Count of={one.people} /> },
          {
            title: say("friends"),
            align: "right",
            render: (_, one) => (one.friends === undefined ? "" : <Count of={one.friends} />),
          },
          {
            title: say("rate"),
            align: "right",
            render: (_, one) => (one.rate === undefined ? "" : <Rate of={one.rate} />),
          },
          {
            title: say("interval"),
            align: "right",
            className: "number",
            render: (_, one) => span(one),
          },
          {
            title: say("before"),
            align: "right",
            render: (_, one) => {
              const then = past.find((old) => old.key === one.key);
              if (!then) return "—";
              return then.rate === undefined ? <Count of={then.people} /> : <Rate of={then.rate} />;
            },
          },
          {
            title: say("touches"),
            align: "right",
            render: (_, one) => (one.touches === undefined ? "" : <Count of={one.touches} />),
          },
        ]}
      />
    </Wide>
  );
}
