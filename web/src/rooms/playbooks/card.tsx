import { Tag } from "antd";
import { Link } from "react-router";
import type { SchemaPlaybookRow } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { useLanguage } from "@/ui/words";
import { Figures } from "./figures";
import { Needs, Spent, State } from "./parts";
import { placeOf } from "./places";
import { usePlaybooks } from "./words";

/** One playbook: what it is for, for whom, what is missing, and what it has brought. */
export function Card({ of, why }: { of: SchemaPlaybookRow; why: string | undefined }) {
  const say = usePlaybooks();
  const code = useCode();
  const [language] = useLanguage();
  const missing = of.needs.filter((one) => !one.there);
  const played = of.started_at !== null || of.state === "running" || of.state === "stopped";
  return (
    <article className="panel play-card" aria-labelledby={`play-${of.playbook}`}>
      <header>
        <h2 id={`play-${of.playbook}`}>
          <Link to={placeOf(of.playbook)} data-raw>
            {of.title?.[language] ?? of.playbook}
          </Link>
        </h2>
        {of.goal && <Tag variant="filled">{say("goal_of", { goal: code("goal", of.goal) })}</Tag>}
      </header>
      <State of={of} />
      <p data-raw>{of.about?.[language] ?? say("own")}</p>
      {why && (
        <p className="tone-ours" data-raw>
          {say("proposed")}
          {language === "zh" ? "：" : ": "}
          {why}
        </p>
      )}
      {of.whom && (
        <p>
          <span className="quiet">
            {say("whom")}
            {language === "zh" ? "：" : ": "}
          </span>
          <span data-raw>{of.whom[language]}</span>
        </p>
      )}
      {of.needs.length > 0 &&
        (missing.length > 0 ? (
          <div>
            <strong className="tone-waits">
              {say("needs_missing", { count: missing.length })}
            </strong>
            <Needs of={missing} />
          </div>
        ) : (
          <p className="quiet">
            <span className="tone-ours" aria-hidden>
              ✓
            </span>{" "}
            {say("needs_met")}
          </p>
        ))}
      <Spent of={of.budget} />
      {played && <Figures name={of.playbook} />}
    </article>
  );
}
