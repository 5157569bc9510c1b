import type { components } from "@/api/schema";
import { count, digits, money, rate } from "@/ui/format";
import type { Option } from "./parts";
import { type Whisker, whisker } from "./whisker";

/** Charts of a report as data, drawn on a page of the console and in a file by itself alike. */
type Answer = components["schemas"]["ReportAnswer"];
export type Chart = components["schemas"]["ReportChart"];
type Table = components["schemas"]["ReportTable"];
type Column = Table["columns"][number];
export type Cell = Table["rows"][number][number];
type Row = Table["rows"][number];
export type Drawable = Pick<Answer, "currency" | "tables" | "charts">;
export type Language = "zh" | "en";
interface Look {
  ink: string;
  out: string;
  ours: string;
  ground: string;
  palette: readonly string[];
}

/** A cell as people read it; `currency`: of its row. */
export function shown(
  cell: Cell,
  kind: Column["kind"],
  currency: string,
  language: Language,
): string {
  if (cell === null) return "—";
  if (typeof cell === "object") return cell[language];
  if (typeof cell === "string") return kind === "month" ? cell.slice(0, 7) : cell;
  if (kind === "money") return money(cell, language, currency);
  if (kind === "rate") return rate(cell, language);
  if (kind === "count") return count(cell, language);
  return new Intl.NumberFormat(language, {
    maximumFractionDigits: Math.abs(cell) < 100 ? 3 : 0,
  }).format(cell);
}

/** Whether there is anything to draw: a height, and of a heat map one that is not everybody. */
export function drawable(of: Drawable, chart: Chart): boolean {
  const table = of.tables.find((one) => one.name === chart.table);
  if (!table) return false;
  const heights = table.columns.flatMap((one, place) =>
    chart.y.includes(one.name) ? [{ place, share: one.kind === "rate" }] : [],
  );
  return table.rows.some((row) =>
    heights.some(({ place, share }) => {
      const cell = row[place];
      return typeof cell === "number" && !(chart.kind === "heat" && share && cell === 1);
    }),
  );
}

/** What stands where a chart would say nothing. */
export const UNDRAWN = {
  zh: "数据还太少，画不出这张图：原因见上面的结论和页末的说明，已有的数字在表格里。",
  en: "Too little is known to draw this: the answer above and the notes say why; the tables hold what there is.",
};

export const HEIGHT = 340;
const DARK = 0.65; // of the darkest cell
const FEW = 8; // lines that can still be told apart

export function draws(of: Drawable, chart: Chart, language: Language, look: Look): Option {
  const table = of.tables.find((one) => one.name === chart.table);
  if (!table) return {};
  const drawing = new Drawing(of, table, chart, language, look);
  if (chart.kind === "heat") return drawing.heat();
  return chart.kind === "scatter" ? drawing.scatter() : drawing.lines();
}

class Drawing {
  private readonly places: Map<string, number>;
  private readonly rows: Row[];
  private readonly currency: string;
  private readonly table: Table;
  private readonly chart: Chart;
  private readonly language: Language;
  private readonly look: Look;

  constructor(of: Drawable, table: Table, chart: Chart, language: Language, look: Look) {
    this.table = table;
    this.chart = chart;
    this.language = language;
    this.look = look;
    this.places = new Map(table.columns.map((one, place) => [one.name, place]));
    this.currency = of.currency;
    const own = this.places.get("currency");
    // amounts of another currency can't stand on one axis
    this.rows = table.rows.filter((row) => own === undefined || row[own] === of.currency);
  }

  private column(name: string): Column {
    const found = this.table.columns[this.places.get(name) ?? -1];
    if (!found) throw new Error(`${this.table.name} has no column ${name}`);
    return found;
  }

  private cell(row: Row, name: string): Cell {
    return row[this.places.get(name) ?? -1] ?? null;
  }

  private text(row: Row, name: string): string {
    return shown(this.cell(row, name), this.column(name).kind, this.currency, this.language);
  }

  private height(row: Row, name: string): number | null {
    const cell = this.cell(row, name);
    if (typeof cell !== "number") return null;
    return this.column(name).kind === "money" ? cell / 10 ** digits(this.currency) : cell;
  }

  /** An axis value as people read it. */
  private said(name: string): (value: unknown) => string {
    const kind = this.column(name).kind;
    const up = kind === "money" ? 10 ** digits(this.currency) : 1;
    return (value) =>
      typeof value === "number" ? shown(value * up, kind, this.currency, this.language) : "—";
  }

  private ends(name: string): [string, string] | undefined {
    const low = this.table.columns.find((one) => one.low_of === name);
    const high = this.table.columns.find((one) => one.high_of === name);
    return low && high && [low.name, high.name];
  }

  private frame(y: string): Option {
    const { ink, out } = this.look;
    const many = this.chart.by !== "" || this.chart.y.length > 1;
    return {
      grid: { left: 8, right: 24, top: many ? 40 : 16, bottom: 28, containLabel: true },
      tooltip: {
        trigger: this.chart.kind === "scatter" ? "item" : "axis",
        confine: true,
        valueFormatter: this.said(y),
      },
      legend: many
        ? { top: 0, left: 0, type: "scroll", itemHeight: 10, textStyle: { color: ink } }
        : { show: false },
      yAxis: {
        type: "value",
        axisLabel: { color: out, formatter: this.said(y) },
        splitLine: { lineStyle: { color: out, opacity: 0.2 } },
      },
    };
  }

  private across(name: string, along: string[], numeric: boolean) {
    const { out } = this.look;
    const named = { name: this.column(name).title[this.language], nameLocation: "middle" as const };
    const looks = { nameGap: 26, nameTextStyle: { color: out }, axisLabel: { color: out } };
    return numeric
      ? { type: "value" as const, ...named, ...looks, splitLine: { show: false } }
      : { type: "category" as const, data: along, ...named, ...looks, axisTick: { show: false } };
  }

  private targets() {
    return {
      silent: true,
      symbol: "none",
      lineStyle: { type: "dashed" as const, color: this.look.out },
      data: this.chart.targets.map((one) => ({
        yAxis: one.at,
        label: {
          formatter: one.title[this.language],
          position: "insideEndTop" as const,
          color: this.look.out,
        },
      })),
    };
  }

  /** Lines or bars: one for each `y`, or for each value of `by`. */
  lines(): Option {
    const { x, by, y, kind } = this.chart;
    const first = y[0] as string;
    const numeric =
      kind === "line" && this.rows.every((row) => typeof this.cell(row, x) === "number");
    const along = [...new Set(this.rows.map((row) => this.text(row, x)))];
    const groups = by ? [...new Set(this.rows.map((row) => this.text(row, by)))].slice(0, FEW) : [];
    const all = by
      ? groups.map((group) => ({
          title: group,
          name: first,
          rows: this.rows.filter((row) => this.text(row, by) === group),
        }))
      : y.map((name) => ({
          title: this.column(name).title[this.language],
          name,
          rows: this.rows,
        }));
    const at = (row: Row) => (numeric ? (this.cell(row, x) as number) : this.text(row, x));
    const series = all.flatMap((one, place) => {
      const colour = this.look.palette[place % this.look.palette.length] as string;
      const points = one.rows.map((row) => [at(row), this.height(row, one.name)]);
      const ends = all.length <= 2 ? this.ends(one.name) : undefined;
      const main = {
        type: kind === "bar" ? ("bar" as const) : ("line" as const),
        name: one.title,
        data: points,
        itemStyle: { color: colour },
        ...(kind === "bar"
          ? { barMaxWidth: 36 }
          : { showSymbol: points.length < 40, lineStyle: { color: colour, width: 2 } }),
        ...(place === 0 && this.chart.targets.length ? { markLine: this.targets() } : {}),
      };
      return [main, ...(ends ? this.band(one.rows, ends, at, one.title, colour) : [])];
    });
    return {
      ...this.frame(first),
      xAxis: this.across(x, along, numeric),
      series: series as Option["series"],
    } as Option;
  }

  /** Where the true value lies: a band behind a line, a whisker on a bar. */
  private band(
    rows: Row[],
    [low, high]: [string, string],
    at: (row: Row) => string | number,
    name: string,
    colour: string,
  ): object[] {
    const spans = rows.map((row) => [at(row), this.height(row, low), this.height(row, high)]);
    if (this.chart.kind === "bar")
      return [
        {
          type: "custom",
          name,
          data: spans,
          silent: true,
          z: 10,
          tooltip: { show: false },
          encode: { x: 0, y: [1, 2] },
          renderItem: (_: unknown, api: Whisker) => whisker(api, this.look.ink),
        },
      ];
    const part = (data: unknown[][], opacity: number) => ({
      type: "line",
      stack: `${name} 95%`,
      stackStrategy: "all",
      data,
      silent: true,
      symbol: "none",
      tooltip: { show: false },
      lineStyle: { opacity: 0 },
      itemStyle: { color: colour },
      areaStyle: { color: colour, opacity },
    });
    const known = spans.filter((one) => one[1] !== null && one[2] !== null) as [
      string | number,
      number,
      number,
    ][];
    return [
      part(
        known.map(([x, from]) => [x, from]),
        0,
      ),
      part(
        known.map(([x, from, to]) => [x, to - from]),
        0.18,
      ),
    ];
  }

  heat(): Option {
    const { x, by, y } = this.chart;
    const value = y[0] as string;
    const { ink, out } = this.look;
    const along = this.sorted(x);
    const up = this.sorted(by);
    const points = this.rows.map((row) => [
      along.indexOf(this.text(row, x)),
      up.indexOf(this.text(row, by)),
      this.height(row, value),
    ]);
    const share = this.column(value).kind === "rate";
    const heights = points.flatMap((one) =>
      one[2] === null || (share && one[2] === 1) ? [] : [one[2] as number],
    );
    const most = Math.max(...heights, 0) || 1; // everybody, which says nothing, takes no colours
    const said = this.said(value);
    // what is written on a dark cell is light
    const data = points.map((one) => ({
      value: one,
      label: { color: (one[2] ?? 0) > DARK * most ? this.look.ground : ink },
    }));
    const widest = Math.max(...up.map((one) => one.length));
    const axis = (name: string, labels: string[], gap: number) => ({
      type: "category" as const,
      data: labels,
      name: this.column(name).title[this.language],
      nameLocation: "middle" as const,
      nameGap: gap,
      nameTextStyle: { color: out },
      axisTick: { show: false },
      axisLabel: { color: out },
    });
    const few = along.length <= 8;
    return {
      grid: { left: 32, right: 8, top: 8, bottom: 76, containLabel: true },
      tooltip: {
        confine: true,
        formatter: (one: object) => {
          const [column, row, height] = (one as Point).value;
          return `${up[row]} · ${along[column]}: <b>${said(height)}</b>`;
        },
      },
      xAxis: axis(x, along, 26),
      yAxis: axis(by, up, 16 + 7 * widest),
      visualMap: {
        min: 0,
        max: most,
        orient: "horizontal",
        left: "center",
        bottom: 0,
        itemHeight: 120,
        itemWidth: 12,
        text: [said(most), said(0)],
        textStyle: { color: ink },
        inRange: { color: [this.look.ground, this.look.ours] },
      },
      series: [
        {
          type: "heatmap",
          data,
          label: {
            show: few,
            formatter: (one: object) => said((one as Point).value[2]),
          },
        },
      ],
    } as Option;
  }

  /** Labels of an axis: numbers by size, the rest as they come. */
  private sorted(name: string): string[] {
    const cells = new Map(this.rows.map((row) => [this.text(row, name), this.cell(row, name)]));
    const found = [...cells];
    if (found.every(([, cell]) => typeof cell === "number"))
      found.sort(([, one], [, other]) => (one as number) - (other as number));
    return found.map(([label]) => label);
  }

  scatter(): Option {
    const { x, y, diagonal } = this.chart;
    const name = y[0] as string;
    const points = this.rows.map((row) => [this.height(row, x), this.height(row, name)]);
    const most = Math.max(...points.flat().map((one) => one ?? 0), 0);
    const frame = this.frame(name);
    return {
      ...frame,
      tooltip: {
        confine: true,
        formatter: (one: object) => {
          const [across, up] = (one as Point).value;
          return `${this.said(x)(across)} → ${this.said(name)(up)}`;
        },
      },
      xAxis: {
        ...this.across(x, [], true),
        axisLabel: { color: this.look.out, formatter: this.said(x) },
      },
      series: [
        { type: "scatter", data: points, symbolSize: 10, itemStyle: { color: this.look.ours } },
        ...(diagonal
          ? [
              {
                type: "line",
                data: [
                  [0, 0],
                  [most, most],
                ],
                symbol: "none",
                silent: true,
                lineStyle: { type: "dashed", color: this.look.out },
              },
            ]
          : []),
      ],
    } as Option;
  }
}

interface Point {
  value: [number, number, number];
}
