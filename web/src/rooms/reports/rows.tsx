import { Button, Table } from "antd";
import { Link } from "react-router";
import type { components } from "@/api/schema";
import { count } from "@/ui/format";
import { Nothing } from "@/ui/states";
import { Wide } from "@/ui/wide";
import { useLanguage } from "@/ui/words";
import { type Cell, shown } from "./drawn";
import { Named, type Person } from "./whom";
import { useReports } from "./words";

type Given = components["schemas"]["ReportTable"];
type Column = Given["columns"][number];
type Line = Cell[];

const PAGE = 50;
const LEFT = new Set(["text", "day", "month", "customer"]);

/** A table of a report: an interval stands in the cell of its value, a number of people who can be
 * listed opens their list. */
export function Rows(props: {
  table: Given;
  currency: string;
  people: ReadonlyMap<string, Person>;
  open: (cells: string) => void;
}) {
  const { table, currency, people, open } = props;
  const say = useReports();
  const [language] = useLanguage();
  const title = table.title[language];
  const place = new Map(table.columns.map((one, index) => [one.name, index]));
  const cell = (line: Line, name: string | undefined) =>
    name === undefined ? null : (line[place.get(name) ?? -1] ?? null);
  const said = (line: Line, column: Column) => {
    const own = cell(line, "currency");
    const of = typeof own === "string" ? own : currency;
    const text = (value: Cell) => shown(value, column.kind, of, language);
    const low = cell(line, table.columns.find((one) => one.low_of === column.name)?.name);
    const high = cell(line, table.columns.find((one) => one.high_of === column.name)?.name);
    const whole = text(cell(line, column.name));
    return low === null || high === null ? whole : `${whole} (${text(low)}–${text(high)})`;
  };
  const drawn = (line: Line, column: Column) => {
    const value = cell(line, column.name);
    if (column.kind === "customer" && typeof value === "string") {
      const known = people.get(value);
      if (!known) return <Link to={`/customers/${value}`}>{value}</Link>;
      return (
        <>
          <Named of={known} /> <span className="number quiet">{known.phone_masked}</span>
        </>
      );
    }
    if (column.counts.length > 0 && value !== 0)
      return (
        <Button
          type="link"
          size="small"
          className="report-number"
          aria-label={`${column.title[language]} ${said(line, column)}`}
          onClick={() => open(column.counts.map((one) => `${one}:${cell(line, one)}`).join(","))}
        >
          {said(line, column)}
        </Button>
      );
    return <span className={LEFT.has(column.kind) ? "" : "number"}>{said(line, column)}</span>;
  };
  return (
    <div className="panel">
      <h2>{title}</h2>
      {table.rows.length === 0 ? (
        <Nothing what={say("no_rows")} />
      ) : (
        <Wide label={title}>
          <Table<{ line: Line; key: number }>
            aria-label={title}
            size="small"
            rowKey="key"
            pagination={
              table.rows.length > PAGE ? { pageSize: PAGE, showSizeChanger: false } : false
            }
            dataSource={table.rows.map((line, key) => ({ line, key }))}
            columns={table.columns
              .filter((one) => !one.low_of && !one.high_of)
              .map((one) => ({
                key: one.name,
                title: one.title[language],
                align: LEFT.has(one.kind) ? ("left" as const) : ("right" as const),
                render: (_: unknown, row: { line: Line }) => drawn(row.line, one),
              }))}
          />
        </Wide>
      )}
      {table.all_rows > table.rows.length && (
        <p className="quiet">
          {say("more_rows", {
            shown: count(table.rows.length, language),
            all: count(table.all_rows, language),
          })}
        </p>
      )}
    </div>
  );
}
