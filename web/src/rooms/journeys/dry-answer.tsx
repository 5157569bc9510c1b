import { Flex, Table } from "antd";
import { lazy, Suspense, useMemo } from "react";
import { Link } from "react-router";
import type { SchemaDryAnswer, SchemaDryRange, SchemaDryRate, SchemaDryRun } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { count, digits, money, rate } from "@/ui/format";
import { Soon } from "@/ui/soon";
import { PALETTE, useColours } from "@/ui/theme";
import { Count, Money, Reason, useReason } from "@/ui/value";
import { Wide } from "@/ui/wide";
import { useLanguage } from "@/ui/words";
import type { Option } from "../reports/chart";
import { useDry } from "./dry.words";
import { type Cell, Part } from "./dry-part";

const Chart = lazy(() => import("../reports/chart").then((found) => ({ default: found.Chart })));

/** What a dry run tells: the answer first, then what it is made of. */
export function Answer({ found, answer }: { found: SchemaDryRun; answer: SchemaDryAnswer }) {
  return (
    <Flex vertical gap={16}>
      <Sentence answer={answer} />
      {answer.entered > 0 && <Days answer={answer} />}
      <Touches answer={answer} />
      <NotSent answer={answer} />
      <Together answer={answer} />
      <How answer={answer} given={found.given} />
    </Flex>
  );
}

export function Sentence({ answer }: { answer: SchemaDryAnswer }) {
  const say = useDry();
  const code = useCode();
  const [language] = useLanguage();
  const shown = (value: number) => count(value, language);
  const range = (of: SchemaDryRange, as: (value: number) => string) =>
    of.low === of.high
      ? as(of.likely)
      : say("range", { likely: as(of.likely), low: as(of.low), high: as(of.high) });
  const hours = (minutes: number) => say("hours", { hours: worked(minutes) });
  const cost = (minor: number) => money(minor, language, answer.currency);
  const notes = [
    answer.held_out > 0 && say("held_out", { count: shown(answer.held_out) }),
    answer.parked > 0 && say("parked", { count: shown(answer.parked) }),
    ...Object.entries(answer.refused).map(([reason, many]) =>
      say("not_let_in", { reason: code("entry", reason), count: shown(many) }),
    ),
  ].filter(Boolean);
  const heard = shown(answer.heard);
  return (
    <section className="panel">
      <p className="dry-answer">
        {answer.entered === 0
          ? say("nobody", { heard })
          : say("answer", {
              customers: shown(answer.customers),
              entered: shown(answer.entered),
              cost: range(answer.cost_minor, cost),
              hours: range(answer.staff_minutes, hours),
              friends: range(answer.friends, shown),
            })}
      </p>
      {notes.length > 0 && (
        <p className={answer.parked > 0 ? "tone-harm" : ""}>{notes.join(" · ")}</p>
      )}
      <span className="quiet">
        {say("fine_print", { heard, seconds: answer.seconds, minutes: answer.grid_minutes })}{" "}
        {answer.ranges_of > 0 &&
          answer.ranges_of < 1 &&
          say("ranges_of", { share: rate(answer.ranges_of, language, 0) })}
      </span>
    </section>
  );
}

const worked = (minutes: number) => (minutes / 60).toFixed(1);

function Days({ answer }: { answer: SchemaDryAnswer }) {
  const say = useDry();
  const colours = useColours();
  const { days } = answer;
  const option = useMemo<Option>(() => {
    const axis = { type: "value" as const, axisLabel: { color: colours.out } };
    const bar = (name: string, place: number, data: Cell[]) => ({
      type: "bar" as const,
      name,
      yAxisIndex: place,
      barMaxWidth: 24,
      itemStyle: { color: PALETTE[place] as string },
      data,
    });
    return {
      grid: { left: 8, right: 8, top: 36, bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" } },
      legend: { top: 0, left: 0, itemHeight: 10, textStyle: { color: colours.ink } },
      xAxis: {
        type: "category",
        data: days.map((one) => one.day.slice(5)),
        axisTick: { show: false },
        axisLabel: { color: colours.out },
      },
      yAxis: [
        { ...axis, minInterval: 1 },
        { ...axis, splitLine: { show: false } },
      ],
      series: [
        bar(
          say("entered"),
          0,
          days.map((one) => one.entered),
        ),
        bar(
          say("staff_hours"),
          1,
          days.map((one) => Number(worked(one.staff_minutes))),
        ),
      ],
    };
  }, [days, colours, say]);
  const period = say("period", { first: answer.from, last: answer.to });
  return (
    <Part
      title={say("by_day")}
      file={`days-${answer.journey}`}
      heads={[say("day"), say("entered"), say("staff_hours")]}
      rows={days.map((one) => [one.day, one.entered, worked(one.staff_minutes)])}
    >
      <Suspense fallback={<Soon height={240} />}>
        <Chart
          option={option}
          height={240}
          label={say("by_day")}
          caption={{
            title: say("title", { title: answer.journey }),
            lines: [period, `${say("entered")} · ${say("staff_hours")}`],
            file: `dry-run-${answer.journey}-${answer.from}-${answer.to}.png`,
          }}
        />
      </Suspense>
      <Wide label={say("by_day")}>
        <Table
          aria-label={say("by_day")}
          size="small"
          rowKey="day"
          pagination={{ pageSize: 31, hideOnSinglePage: true, showSizeChanger: false }}
          dataSource={days.filter((one) => one.entered > 0 || one.staff_minutes > 0)}
          columns={[
            { title: say("day"), dataIndex: "day", className: "number" },
            {
              title: say("entered"),
              align: "right",
              render: (_, one) => <Count of={one.entered} />,
            },
            {
              title: say("staff_hours"),
              align: "right",
              className: "number",
              render: (_, one) => worked(one.staff_minutes),
            },
          ]}
        />
      </Wide>
    </Part>
  );
}

function Touches({ answer }: { answer: SchemaDryAnswer }) {
  const say = useDry();
  const code = useCode();
  const { steps, currency } = answer;
  const number = (name: "wished" | "sent" | "withheld" | "waiting" | "reached") => ({
    title: say(name === "waiting" ? "waits" : name),
    align: "right" as const,
    render: (_: unknown, one: (typeof steps)[number]) => <Count of={one[name]} />,
  });
  const minor = 10 ** digits(currency);
  return (
    <Part
      title={say("touches")}
      none={say("no_touches")}
      file={`touches-${answer.journey}`}
      heads={[
        say("step"),
        say("channel"),
        say("wished"),
        say("sent"),
        say("withheld"),
        say("waits"),
        say("reached"),
        `${say("cost")} ${currency}`,
      ]}
      rows={steps.map((one) => [
        one.step,
        code("channel", one.channel),
        one.wished,
        one.sent,
        one.withheld,
        one.waiting,
        one.reached,
        one.cost_minor / minor,
      ])}
    >
      <Wide label={say("touches")}>
        <Table
          aria-label={say("touches")}
          size="small"
          rowKey={(one) => `${one.step} ${one.channel}`}
          pagination={false}
          dataSource={steps}
          columns={[
            { title: say("step"), render: (_, one) => <code>{one.step}</code> },
            { title: say("channel"), render: (_, one) => code("channel", one.channel) },
            number("wished"),
            number("sent"),
            number("withheld"),
            number("waiting"),
            number("reached"),
            {
              title: say("cost"),
              align: "right",
              render: (_, one) => <Money minor={one.cost_minor} currency={currency} />,
            },
          ]}
        />
      </Wide>
    </Part>
  );
}

function NotSent({ answer }: { answer: SchemaDryAnswer }) {
  const say = useDry();
  const code = useCode();
  const reason = useReason();
  return (
    <Part
      title={say("not_sent")}
      none={say("all_sent")}
      file={`not-sent-${answer.journey}`}
      heads={[say("step"), say("channel"), say("reason"), say("many"), say("first")]}
      rows={answer.withheld.map((one) => [
        one.step,
        code("channel", one.channel),
        reason(one.reason),
        one.touches,
        one.by,
      ])}
    >
      <Wide label={say("not_sent")}>
        <Table
          aria-label={say("not_sent")}
          size="small"
          rowKey={(one) => `${one.step} ${one.channel} ${one.reason} ${one.by}`}
          pagination={false}
          dataSource={answer.withheld}
          columns={[
            { title: say("step"), render: (_, one) => <code>{one.step}</code> },
            { title: say("channel"), render: (_, one) => code("channel", one.channel) },
            {
              title: say("reason"),
              render: (_, one) => <Reason code={one.reason} />,
            },
            { title: say("many"), align: "right", render: (_, one) => <Count of={one.touches} /> },
            { title: say("first"), render: (_, one) => one.by && <Journey code={one.by} /> },
          ]}
        />
      </Wide>
    </Part>
  );
}

function Journey({ code }: { code: string }) {
  return (
    <Link to={`/journeys/${code}`}>
      <code>{code}</code>
    </Link>
  );
}

function Together({ answer }: { answer: SchemaDryAnswer }) {
  const say = useDry();
  return (
    <Part
      title={say("together")}
      none={say("alone")}
      file={`journeys-${answer.journey}`}
      heads={[say("journey"), say("people"), say("gave_way"), say("took")]}
      rows={answer.collisions.map((one) => [one.journey, one.customers, one.gave_way, one.took])}
    >
      <Wide label={say("together")}>
        <Table
          aria-label={say("together")}
          size="small"
          rowKey="journey"
          pagination={false}
          dataSource={answer.collisions}
          columns={[
            { title: say("journey"), render: (_, one) => <Journey code={one.journey} /> },
            {
              title: say("people"),
              align: "right",
              render: (_, one) => <Count of={one.customers} />,
            },
            {
              title: say("gave_way"),
              align: "right",
              render: (_, one) => <Count of={one.gave_way} />,
            },
            { title: say("took"), align: "right", render: (_, one) => <Count of={one.took} /> },
          ]}
        />
      </Wide>
    </Part>
  );
}

/** By which rates people answered, and whose they are. */
function How({ answer, given }: { answer: SchemaDryAnswer; given: string[] }) {
  const say = useDry();
  const code = useCode();
  const [language] = useLanguage();
  const used = [...new Set(answer.steps.map((one) => one.channel))];
  const rows = used.flatMap((channel) => {
    const react = answer.rates[channel];
    return react ? [{ channel, ...react }] : [];
  });
  const basis = (channel: string, { seen }: SchemaDryRate) => {
    if (seen > 0) return say("basis_own", { count: count(seen, language) });
    return say(given.includes(channel) ? "basis_given" : "basis_assumed");
  };
  const three = (of: SchemaDryRate) =>
    of.high === 0
      ? "—"
      : [of.low, of.likely, of.high].map((one) => rate(one, language, 0)).join(" / ");
  return (
    <Part
      title={say("how")}
      why={say("how_why")}
      none=""
      file={`rates-${answer.journey}`}
      heads={[say("channel"), say("reached"), say("added"), say("refuses"), say("basis")]}
      rows={rows.map((one) => [
        code("channel", one.channel),
        three(one.reached),
        three(one.added),
        three(one.refused),
        basis(one.channel, one.reached),
      ])}
    >
      <Wide label={say("how")}>
        <Table
          aria-label={say("how")}
          size="small"
          rowKey="channel"
          pagination={false}
          dataSource={rows}
          columns={[
            { title: say("channel"), render: (_, one) => code("channel", one.channel) },
            { title: say("reached"), className: "number", render: (_, one) => three(one.reached) },
            { title: say("added"), className: "number", render: (_, one) => three(one.added) },
            { title: say("refuses"), className: "number", render: (_, one) => three(one.refused) },
            { title: say("basis"), render: (_, one) => basis(one.channel, one.reached) },
          ]}
        />
      </Wide>
    </Part>
  );
}
