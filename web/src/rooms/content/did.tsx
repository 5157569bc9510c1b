import { Table, type TableProps } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { count, rate } from "@/ui/format";
import { Nothing, Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { type Language, useLanguage } from "@/ui/words";
import { useContent } from "./words";

type Told = components["schemas"]["ReportTold"];
type Answer = components["schemas"]["ReportAnswer"];
type Cell = Answer["tables"][number]["rows"][number][number];

const SOON = 1000; // milliseconds, while it is being worked out
const RATES = ["opened", "clicked", "replied", "bought", "deleted"] as const;
const NAMES = ["people", "sent", ...RATES] as const;
type Name = (typeof NAMES)[number];

/** What became of it: of what was sent, how much was opened, clicked, answered, and what followed. */
export function Did({ code }: { code: string }) {
  const say = useContent();
  const [language] = useLanguage();
  const query = api.useQuery(
    "get",
    "/api/v1/reports/figures/{name}",
    { params: { path: { name: "content" } } },
    {
      staleTime: 30_000,
      refetchInterval: ({ state }) =>
        (state.data as Told | undefined)?.state === "working" ? SOON : false,
    },
  );
  return (
    <section className="panel" aria-label={say("tab_did")}>
      <h2>{say("did_title")}</h2>
      <Shown query={query} rows={4}>
        {({ report, refused }) => {
          if (refused) return <Nothing what={refused[language]} />;
          if (!report) return <p role="status">{say("did_working")}</p>;
          const rows = rowsOf(report, code, language);
          if (!rows.length) return <Nothing what={say("did_none")} />;
          return (
            <>
              <Table<Row>
                aria-label={say("tab_did")}
                size="small"
                rowKey="variant"
                pagination={false}
                scroll={{ x: "max-content" }}
                dataSource={rows}
                columns={columns()}
              />
              <p className="quiet small">{report.definition[language]}</p>
              <p className="quiet small">
                {say("as_of")} <When at={report.fresh.as_of} /> ·{" "}
                <Link to="/reports/figures/content">{say("did_all")}</Link>
              </p>
            </>
          );
        }}
      </Shown>
    </section>
  );

  function columns(): TableProps<Row>["columns"] {
    return [
      {
        key: "variant",
        title: say("variant"),
        render: (_, row) => <strong>{row.variant || say("whole")}</strong>,
      },
      ...NAMES.map((name) => ({
        key: name,
        title: say(name),
        align: "right" as const,
        className: "money",
        render: (_: unknown, row: Row) => <span className="number">{row.said[name] ?? "—"}</span>,
      })),
    ];
  }
}

interface Row {
  variant: string;
  said: Partial<Record<Name, string>>;
}

/** The rows of this material in both tables of the report, joined by variant; an interval beside its rate. */
function rowsOf(report: Answer, code: string, language: Language): Row[] {
  const found = new Map<string, Row>();
  for (const { columns, rows } of report.tables) {
    const place = new Map(columns.map((one, index) => [one.name, index]));
    const at = (row: Cell[], name: string): Cell => row[place.get(name) ?? -1] ?? null;
    for (const row of rows.filter((one) => at(one, "material") === code)) {
      const variant = String(at(row, "variant") ?? "");
      const known = found.get(variant) ?? { variant, said: {} };
      found.set(variant, known);
      for (const name of NAMES) {
        const said = shown(name, (one) => at(row, one), language);
        if (place.has(name) && said) known.said[name] = said;
      }
    }
  }
  return [...found.values()];
}

function shown(name: Name, at: (name: string) => Cell, language: Language): string | undefined {
  const [value, low, high] = [at(name), at(`${name}_low`), at(`${name}_high`)];
  if (typeof value !== "number") return undefined;
  if (!RATES.includes(name as never)) return count(value, language);
  const whole = rate(value, language);
  if (typeof low !== "number" || typeof high !== "number") return whole;
  return `${whole} (${rate(low, language)}–${rate(high, language)})`;
}
