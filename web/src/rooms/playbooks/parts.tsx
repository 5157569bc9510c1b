import { Tag } from "antd";
import { Link } from "react-router";
import type { SchemaPlaybookBudget, SchemaPlaybookNeed } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { money } from "@/ui/format";
import { PRESET, type Tone, When } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { whereToGet } from "./places";
import { type Say, usePlaybooks } from "./words";

const STATES: Record<string, Tone> = { running: "ours", installed: "waits", stopped: "out" };

interface Standing {
  state: string;
  started_at: string | null;
  stopped_at: string | null;
  pilot: number | null;
}

/** Whether it runs, since when, and for how many. */
export function State({ of }: { of: Standing }) {
  const say = usePlaybooks();
  const [language] = useLanguage();
  const tone = STATES[of.state] ?? "plain";
  const running = of.state === "running";
  return (
    <span className="play-state">
      <Tag variant="filled" color={PRESET[tone]} className={`tone-${tone}`}>
        {say(`state_${of.state}` as Parameters<Say>[0])}
      </Tag>
      {running && of.pilot !== null && (
        <Tag variant="filled" color={PRESET.waits} className="tone-waits">
          {say("pilot_of", { count: of.pilot })}
        </Tag>
      )}
      {running && of.started_at && (
        <span className="quiet">
          {say("running_since")}
          {language === "zh" ? "" : " "}
          <When at={of.started_at} />
        </span>
      )}
      {of.state === "stopped" && of.stopped_at && (
        <span className="quiet">
          {say("stopped_at")}
          {language === "zh" ? "" : " "}
          <When at={of.stopped_at} />
        </span>
      )}
    </span>
  );
}

/** How much of what it may cost is spent; that it is short is said in amber. */
export function Spent({ of }: { of: SchemaPlaybookBudget | null }) {
  const say = usePlaybooks();
  const [language] = useLanguage();
  if (!of) return null;
  const shape = (minor: number) => money(minor, language, of.currency);
  const { total_minor, daily_minor, spent_minor, today_minor } = of;
  const said = [
    total_minor !== null &&
      say("budget_total", { spent: shape(spent_minor), cap: shape(total_minor) }),
    daily_minor !== null &&
      say("budget_daily", { spent: shape(today_minor), cap: shape(daily_minor) }),
  ].filter(Boolean);
  return (
    <p className="number">
      {said.join(" · ")}{" "}
      {of.short_since && <span className="tone-waits">{say("budget_short")}</span>}
    </p>
  );
}

/** What it can't run without: there or not, why, and where to get it. */
export function Needs({ of }: { of: SchemaPlaybookNeed[] }) {
  const say = usePlaybooks();
  const code = useCode();
  const called = ({ what, name }: SchemaPlaybookNeed) =>
    what === "channel" ? code("channel", name) : what === "fact" ? code("event", name) : name;
  return (
    <ul className="play-needs">
      {of.map((one) => (
        <li key={`${one.what} ${one.name}`}>
          <span className={one.there ? "tone-ours" : "tone-waits"} aria-hidden>
            {one.there ? "✓" : "✗"}
          </span>
          <span>
            <strong>{called(one)}</strong>{" "}
            <span className={one.there ? "quiet" : "tone-waits"}>
              {say(one.there ? "there" : "missing")}
            </span>
            <span className="quiet"> · {one.why}</span>
            {!one.there && (
              <>
                {" "}
                <Link to={whereToGet(one.what, one.name)}>{toDo(one, say)}</Link>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

function toDo({ what, name }: SchemaPlaybookNeed, say: Say): string {
  if (what === "playbook") return say("get_playbook");
  if (what === "connector") return say("get_connector");
  if (what === "channel") return say("get_channel");
  if (name.startsWith("order.")) return say("get_orders");
  return say(name === "stock.counted" ? "get_stock" : "get_fact");
}
