import { Flex, Table } from "antd";
import { lazy, Suspense, useMemo } from "react";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { count, money } from "@/ui/format";
import { Soon } from "@/ui/soon";
import { Nothing, Shown } from "@/ui/states";
import { PALETTE, useColours } from "@/ui/theme";
import { Count, Money } from "@/ui/value";
import { Wide } from "@/ui/wide";
import { useLanguage } from "@/ui/words";
import { Opens } from "./behind";
import type { Option } from "./chart";
import type { Caption } from "./picture";
import { ReportPage, untilReady, useAsked, useCaption } from "./report";
import { useStep } from "./steps";
import { useReports } from "./words";

const Chart = lazy(() => import("./chart").then((found) => ({ default: found.Chart })));

type Costs = components["schemas"]["Costs"];
type Source = Costs["sources"][number];

interface Line {
  key: string;
  step?: string;
  kind?: string;
  quantity?: number;
  amount: number;
  adds?: number;
  each?: number | null;
}

export function Component() {
  const say = useReports();
  const [asked] = useAsked();
  const query = api.useQuery(
    "get",
    "/api/v1/reports/cost-per-add",
    { params: { query: asked } },
    untilReady,
  );
  const told = query.data;
  const report = told?.report ?? undefined;
  return (
    <ReportPage name="cost-per-add" told={told}>
      <Shown query={query} rows={10}>
        {() =>
          report && (
            <>
              {report.sources.map((source) => (
                <OneSource
                  key={source.source}
                  source={source}
                  currency={report.currency}
                  period={told?.period}
                  days={report.window_days}
                  alone={report.sources.length === 1}
                />
              ))}
              {report.sources.length === 0 && <Nothing what={say("none")} />}
            </>
          )
        }
      </Shown>
    </ReportPage>
  );
}

function OneSource(props: {
  source: Source;
  currency: string;
  period: { first: string; last: string } | undefined;
  days: number;
  alone: boolean;
}) {
  const { source, currency, period, days, alone } = props;
  const say = useReports();
  const [language] = useLanguage();
  const shown = (minor: number) => money(minor, language, currency || undefined);
  const spent = shown(source.amount_minor);
  const caption = useCaption(
    "cost-per-add",
    period,
  )([
    period && say("population", { ...period, days }),
    source.title[language],
    say("d_cost_per_add"),
  ]);
  return (
    <section className="panel" aria-label={source.title[language] ?? source.source}>
      <Flex vertical gap={12}>
        {!alone && <h2>{source.title[language] ?? source.source}</h2>}
        <p className="report-answer">
          {source.cost_per_add_minor === null
            ? say("cost_none", { cost: spent })
            : say("cost_answer", {
                friends: count(source.friends, language),
                cost: spent,
                each: shown(source.cost_per_add_minor),
              })}
        </p>
        {source.amount_minor > 0 ? (
          <>
            <Suspense fallback={<Soon height={220} />}>
              <Bars source={source} currency={currency} caption={caption} />
            </Suspense>
            <Lines source={source} currency={currency} />
          </>
        ) : (
          <Nothing what={say("no_cost")} />
        )}
      </Flex>
    </section>
  );
}

function Bars(props: { source: Source; currency: string; caption: Caption }) {
  const { source, currency, caption } = props;
  const say = useReports();
  const code = useCode();
  const step = useStep();
  const colours = useColours();
  const [language] = useLanguage();
  const option = useMemo<Option>(() => {
    const steps = source.steps.filter((one) => one.amount_minor > 0);
    const kinds = [...new Set(steps.flatMap((one) => one.kinds.map((kind) => kind.kind)))];
    const shown = (minor: unknown) => money(Number(minor), language, currency || undefined);
    return {
      grid: { left: 8, right: 24, top: 28, bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: shown },
      legend: { top: 0, right: 0, itemHeight: 10, textStyle: { color: colours.ink } },
      xAxis: {
        type: "value",
        splitLine: { show: false },
        axisLabel: { color: colours.out, formatter: (value: number) => shown(value) },
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: steps.map((one) => step(one.step)),
        axisTick: { show: false },
        axisLabel: { color: colours.ink },
      },
      series: kinds.map((kind, place) => ({
        type: "bar" as const,
        stack: "cost",
        name: code("price", kind),
        barWidth: 18,
        itemStyle: { color: PALETTE[place % PALETTE.length] as string },
        data: steps.map((one) => one.kinds.find((each) => each.kind === kind)?.amount_minor ?? 0),
      })),
    };
  }, [source, currency, language, colours, code, step]);
  const rows = source.steps.filter((one) => one.amount_minor > 0).length;
  const height = 36 * rows + 64;
  return <Chart option={option} height={height} label={say("cost_by_step")} caption={caption} />;
}

function Lines({ source, currency }: { source: Source; currency: string }) {
  const say = useReports();
  const code = useCode();
  const step = useStep();
  const lines: Line[] = source.steps.flatMap((one) => [
    {
      key: one.step,
      step: one.step,
      amount: one.amount_minor,
      adds: one.adds,
      each: one.cost_per_add_minor,
    },
    ...one.kinds.map((kind) => ({
      key: `${one.step} ${kind.kind}`,
      kind: kind.kind,
      quantity: kind.quantity,
      amount: kind.amount_minor,
    })),
  ]);
  lines.push({
    key: "all",
    amount: source.amount_minor,
    adds: source.friends,
    each: source.cost_per_add_minor,
  });
  const sum = (minor: number) => <Money minor={minor} {...(currency ? { currency } : {})} />;
  return (
    <Wide label={say("cost_by_step")}>
      <Table<Line>
        aria-label={say("cost_by_step")}
        size="small"
        rowKey="key"
        pagination={false}
        dataSource={lines}
        columns={[
          {
            title: say("step"),
            render: (_, one) => {
              if (one.step) return <strong>{step(one.step)}</strong>;
              if (one.kind)
                return (
                  <span className="quiet" style={{ paddingInlineStart: 16 }}>
                    {code("price", one.kind)}
                  </span>
                );
              return <strong>{say("total")}</strong>;
            },
          },
          {
            title: say("quantity"),
            align: "right",
            render: (_, one) => (one.quantity === undefined ? "" : <Count of={one.quantity} />),
          },
          {
            title: say("amount"),
            align: "right",
            className: "money",
            render: (_, one) => sum(one.amount),
          },
          {
            title: say("friends"),
            align: "right",
            render: (_, one) =>
              one.adds === undefined ? (
                ""
              ) : (
                <Opens
                  of={one.adds}
                  to={
                    one.step
                      ? { list: "won", of: source.source, step: one.step }
                      : { list: "friends", of: source.source }
                  }
                  label={`${one.step ? step(one.step) : say("total")} ${say("friends")}`}
                />
              ),
          },
          {
            title: say("each"),
            align: "right",
            className: "money",
            render: (_, one) => {
              if (one.each === undefined) return "";
              return one.each === null ? "—" : sum(one.each);
            },
          },
        ]}
      />
    </Wide>
  );
}
