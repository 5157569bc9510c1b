import { Flex, Table, Tag } from "antd";
import { lazy, Suspense, useMemo } from "react";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { rate } from "@/ui/format";
import { Soon } from "@/ui/soon";
import { Nothing, Shown } from "@/ui/states";
import { useColours } from "@/ui/theme";
import { Count, Rate } from "@/ui/value";
import { Wide } from "@/ui/wide";
import { useLanguage } from "@/ui/words";
import { Answer, Fell } from "./answer";
import { type Figure, Opens, type Pressed } from "./behind";
import type { Option } from "./chart";
import type { Caption } from "./picture";
import { ReportPage, untilReady, useAsked, useCaption } from "./report";
import { useStep } from "./steps";
import { useReports } from "./words";

const Chart = lazy(() => import("./chart").then((found) => ({ default: found.Chart })));

type Funnel = components["schemas"]["Funnel"];
type Source = components["schemas"]["SourceFunnel"];
type Group = Source["in_scope"];
type Fall = components["schemas"]["Fall"];

interface Line {
  key: string;
  opens: Pressed;
  wins?: Pressed;
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
    "/api/v1/reports/cascade/before",
    { params: { query: asked } },
    { ...untilReady, enabled: told?.state === "ready" },
  );
  const report = told?.report ?? undefined;
  return (
    <ReportPage name="cascade" told={told}>
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
                  falls={(earlier.data?.falls ?? []).filter((one) => one.source === source.source)}
                  period={told?.period}
                  days={report.window_days}
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
      {report.unmatched > 0 && (
        <>
          {say("unmatched", { count: report.unmatched })}{" "}
          <Opens
            of={report.unmatched}
            to={{ list: "unmatched" }}
            label={say("behind_unmatched")}
          />{" "}
        </>
      )}
      {report.raced > 0 &&
        say("raced", { count: report.raced, seconds: Math.ceil(report.longest_race_seconds) })}
    </p>
  );
}

function OneSource(props: {
  source: Source;
  earlier: Source | undefined;
  falls: Fall[];
  period: { first: string; last: string } | undefined;
  days: number;
  alone: boolean;
}) {
  const { source, earlier, falls, period, days, alone } = props;
  const say = useReports();
  const code = useCode();
  const [language] = useLanguage();
  const lines = useLines(source);
  const past = useLines(earlier ?? source);
  const caption = useCaption(
    "cascade",
    period,
  )([period && say("population", { ...period, days }), source.title[language], say("d_add_rate")]);
  return (
    <section className="panel" aria-label={source.title[language] ?? source.source}>
      <Flex vertical gap={12}>
        {!alone && <h2>{source.title[language] ?? source.source}</h2>}
        <p className="report-answer">
          <Answer source={source} />
        </p>
        {source.still_open > 0 && (
          <p className="quiet report-fell">
            {say("still_open")}{" "}
            <Opens
              of={source.still_open}
              to={{ list: "still_open", of: source.source }}
              label={code("definition", "still_open")}
            />
          </p>
        )}
        {falls.map((fall) => (
          <Fell key={fall.step} fall={fall} />
        ))}
        <Suspense fallback={<Soon height={36 * lines.length} />}>
          <Bars
            lines={lines}
            past={earlier ? past : []}
            label={say("funnel_of")}
            caption={caption}
          />
        </Suspense>
        <Figures
          lines={lines}
          past={earlier ? past : []}
          fell={falls.map((one) => `step ${one.step}`)}
          label={say("cascade")}
        />
        {earlier && <p className="quiet report-fell">{say("same_age")}</p>}
      </Flex>
    </section>
  );
}

function useLines(source: Source): Line[] {
  const code = useCode();
  const step = useStep();
  const of = source.source;
  const one = (key: "buyers" | "friends_before" | "not_admitted", people: number): Line => ({
    key,
    label: code("definition", key),
    opens: { list: key, of },
    people,
  });
  const group = (key: "holdout" | "in_scope" | "invited", wins: Figure, one: Group): Line => ({
    key,
    opens: { list: key, of },
    wins: { list: wins, of },
    label: code("definition", key),
    people: one.buyers,
    friends: one.friends,
    rate: one.rate,
    interval: one.interval,
  });
  return [
    one("buyers", source.buyers),
    one("friends_before", source.friends_before),
    one("not_admitted", source.not_admitted),
    group("holdout", "holdout_friends", source.holdout),
    group("in_scope", "friends", source.in_scope),
    group("invited", "invited_friends", source.invited),
    ...source.steps.map((one) => ({
      key: `step ${one.step}`,
      label: step(one.step),
      opens: { list: "reached" as const, of, step: one.step },
      wins: { list: "won" as const, of, step: one.step },
      indent: true,
      people: one.people,
      friends: one.adds,
      rate: one.rate,
      touches: one.touches,
      raced: one.raced,
    })),
  ];
}

function Bars(props: { lines: Line[]; past: Line[]; label: string; caption: Caption }) {
  const { lines, past, label, caption } = props;
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
  return <Chart option={option} height={44 * rows + 40} label={label} caption={caption} />;
}

function Figures(props: { lines: Line[]; past: Line[]; fell: string[]; label: string }) {
  const { lines, past, fell, label } = props;
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
              <span style={{ paddingInlineStart: line.indent ? 16 : 0 }}>
                {text}{" "}
                {fell.includes(line.key) && (
                  <Tag variant="filled" color="red" className="tone-harm">
                    {say("fell")}
                  </Tag>
                )}
              </span>
            ),
          },
          {
            title: say("people"),
            align: "right",
            render: (_, one) => (
              <Opens of={one.people} to={one.opens} label={`${one.label} ${say("people")}`} />
            ),
          },
          {
            title: say("friends"),
            align: "right",
            render: (_, one) =>
              one.friends === undefined || !one.wins ? (
                ""
              ) : (
                <Opens of={one.friends} to={one.wins} label={`${one.label} ${say("friends")}`} />
              ),
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
