import { Link } from "react-router";
import { api } from "@/api/client";
import type { SchemaPlaybookFigures } from "@/api/schema";
import { useMay } from "@/api/session";
import { count, money } from "@/ui/format";
import { type Language, useLanguage } from "@/ui/words";
import { type Say, usePlaybooks } from "./words";

/** What it has brought so far: who came in, what went out, what came of it, what it cost. */
export function Figures({ name }: { name: string }) {
  const may = useMay();
  return may("reports.read") ? <Asked name={name} /> : null;
}

function Asked({ name }: { name: string }) {
  const say = usePlaybooks();
  const [language] = useLanguage();
  const { data } = api.useQuery(
    "get",
    "/api/v1/playbooks/{playbook}/figures",
    { params: { path: { playbook: name } } },
    {
      refetchInterval: (asked) => (asked.state.data?.state === "working" ? 1000 : false),
      staleTime: 30_000,
    },
  );
  if (!data?.answer) {
    return data?.state === "ready" ? null : <p className="quiet small">{say("working")}</p>;
  }
  const many = (value: number) => count(value, language);
  const cells: [string, string][] = [
    [say("entered"), many(data.entered)],
    [say("sent"), many(data.sent)],
    [say("held_out"), many(data.held_out)],
    [say("spent"), money(data.cost_minor, language, data.currency)],
  ];
  return (
    <div className="play-figures">
      <dl>
        {cells.map(([term, value]) => (
          <div key={term}>
            <dt className="quiet small">{term}</dt>
            <dd className="number">{value}</dd>
          </div>
        ))}
        <div className="play-lift">
          <dt className="quiet small">{say("lift")}</dt>
          <dd className="number">{lifted(data, say, language)}</dd>
        </div>
      </dl>
      <Link to={`/reports/figures/playbook?playbook=${encodeURIComponent(name)}`}>
        {say("report")}
      </Link>
    </div>
  );
}

function lifted({ lift, sure }: SchemaPlaybookFigures, say: Say, language: Language): string {
  if (!lift) return say("too_early");
  const shape = new Intl.NumberFormat(language, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: "exceptZero",
  });
  const points = (share: number) => shape.format(share * 100);
  const said =
    say("points", { points: points(lift.points) }) +
    say("span", { low: points(lift.low), high: points(lift.high) });
  return sure ? said : `${say("not_sure")}${language === "zh" ? "：" : ": "}${said}`;
}
