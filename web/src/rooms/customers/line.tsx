import type { ReactNode } from "react";
import { Link } from "react-router";
import { type CodeSet, useCode } from "@/ui/codes";
import { ending, withheld } from "@/ui/ending";
import { exact, minute } from "@/ui/format";
import { useNames } from "@/ui/names";
import { type Language, useLanguage } from "@/ui/words";
import { Amount } from "./parts";
import type { Line, Overview } from "./types";
import { useCustomers } from "./words";

type Say = ReturnType<typeof useCustomers>;
type Code = ReturnType<typeof useCode>;
const TAGGED = { set: "l_set", hit: "l_hit", expired: "l_expired" } as const;
type Tone = "ours" | "waits" | "harm" | "";

interface Told {
  title: string;
  /** What it was about. */
  about?: ReactNode;
  tone?: Tone;
}

interface Tongue {
  say: Say;
  code: Code;
  who: (staff: string) => string;
  names: ReturnType<typeof useNames>;
  language: Language;
}

/** One line of the timeline: when, what, why not. */
export function Happening({ line, of, time }: { line: Line; of: Overview; time: string }) {
  const say = useCustomers();
  const code = useCode();
  const names = useNames();
  const [language] = useLanguage();
  const who = (staff: string) => of.friendships.find((one) => one.staff === staff)?.name ?? staff;
  const { title, about, tone = "" } = TELL[line.kind](line, { say, code, who, names, language });
  return (
    <div className={`line ${tone}`}>
      <time dateTime={line.at} title={exact(line.at)} className="number">
        {time}
      </time>
      <span className="mark" aria-hidden />
      <div>
        {line.amount_minor !== null && (
          <span className="amount">
            <Amount minor={line.amount_minor} currency={line.currency} />
          </span>
        )}
        <span className="what">{title}</span> {about}{" "}
        {line.order && line.kind !== "order" && (
          <span className="quiet small" data-raw>
            {line.order}
          </span>
        )}
        {line.kind === "withheld" && <WhyNot line={line} />}
        {line.rulings.length > 0 && <Rulings line={line} />}
      </div>
    </div>
  );
}

/** A reason may come from the budget, from the journey or from staff: all are in one set. */
function WhyNot({ line }: { line: Line }) {
  const say = useCustomers();
  const code = useCode();
  const names = useNames();
  const [language] = useLanguage();
  const winner = line.rulings.at(-1)?.by_journey;
  const final = line.what === "withheld" || line.what === "withdrawn";
  return (
    <div className="why">
      {line.reason && say("why_not", { why: withheld(line.reason, code, language) })}
      {winner && ` · ${say("won_by", { journey: names.journey(winner) })}`}
      {line.reason && " · "}
      {line.until ? (
        <>
          {say("may_at")}
          <span className="number">{minute(line.until)}</span>
        </>
      ) : (
        final && say("may_never")
      )}
    </div>
  );
}

function Rulings({ line }: { line: Line }) {
  const say = useCustomers();
  const code = useCode();
  const names = useNames();
  const [language] = useLanguage();
  return (
    <details>
      <summary>{say("rulings", { count: line.rulings.length })}</summary>
      {line.rulings.map((one) => (
        <div key={one.at + one.verdict + one.reason}>
          <span className="number">{exact(one.at)}</span> {code("verdict", one.verdict)}
          {one.reason && ` · ${withheld(one.reason, code, language)}`}
          {one.by_journey && ` · ${say("won_by", { journey: names.journey(one.by_journey) })}`}
          {one.until && one.verdict === "allow_at" && (
            <>
              {" "}
              → <span className="number">{minute(one.until)}</span>
            </>
          )}
        </div>
      ))}
    </details>
  );
}

function words(code: Code, set: CodeSet, list: string): string {
  return list
    .split(",")
    .filter(Boolean)
    .map((one) => code(set, one))
    .join(" · ");
}

function Raw({ children }: { children: ReactNode }) {
  return <span data-raw>{children}</span>;
}

function ended(line: Line, { say, code, who }: Tongue): ReactNode {
  const [first = "", grade = ""] = line.note.split(" ");
  const answer = first === "answered" ? say("answered") : first && code("outcome", first);
  const parts = [
    line.channel ? code("channel", line.channel) : code("task_kind", line.step),
    line.channel ? code("touch", line.what) : code("task", line.what),
    answer,
    grade && say("intent", { grade }),
    line.staff && who(line.staff),
  ];
  return parts.filter(Boolean).join(" · ");
}

function decided(line: Line, { say, code }: Tongue): Told {
  return {
    title: say("l_parcel"),
    about: `${code("parcel_content", line.what)} · ${code("parcel_reason", line.reason)}`,
  };
}

function packed(line: Line, { say, code }: Tongue): Told {
  const right = line.what === "as_decided";
  return {
    title: say(right ? "l_packed_right" : "l_packed_otherwise"),
    about: say("decided_packed", {
      how: code("parcel_mismatch", line.what),
      decided: code("parcel_content", line.reason),
      packed: line.note || code("parcel_content", "none"),
    }),
    tone: right ? "" : "harm",
  };
}

const GONE = ["failed", "unknown"];
const DIFFERS = ["other_kind", "other_item", "stray", "as_decided"];

const TELL: Record<Line["kind"], (line: Line, tongue: Tongue) => Told> = {
  order: (line, { say, code }) => ({
    title: say("l_order"),
    about: (
      <>
        <Raw>{line.order}</Raw> {line.what !== "paid" && code("order", line.what)}
      </>
    ),
    tone: "ours",
  }),
  refund: (line, { say }) => ({
    title: say(line.what === "cancelled" ? "l_cancelled" : "l_refund"),
    tone: "harm",
  }),
  payment: (line, { say, who }) => ({
    title: say(line.what === "paid" ? "l_payment" : "l_payment_back"),
    about: who(line.staff),
    tone: line.what === "paid" ? "ours" : "harm",
  }),
  group: (line, { say }) => ({
    title: say(line.what === "joined" ? "l_group_joined" : "l_group_left"),
    about: <Raw>{line.note}</Raw>,
    tone: line.what === "joined" ? "ours" : "harm",
  }),
  segment: (line, { say }) => ({
    title: say(line.what === "entered" ? "l_segment_entered" : "l_segment_left"),
    about: <Raw>{line.note}</Raw>,
  }),
  touch: (line, { say, code }) => ({
    title: say("l_touch"),
    about: `${code("channel", line.channel)} · ${code("touch", line.what)}`,
    tone: GONE.includes(line.what) ? "harm" : "",
  }),
  withheld: (line, { say, code }) => ({
    title: say(WITHHELD[line.what as keyof typeof WITHHELD] ?? "l_withheld"),
    about: code("channel", line.channel),
    tone: "waits",
  }),
  call: (line, tongue) => ({ title: tongue.say("l_call"), about: ended(line, tongue) }),
  task: (line, tongue) => ({ title: tongue.say("l_task"), about: ended(line, tongue) }),
  visit: (line, { say, code, names, language }) => ({
    title: say(VISIT[line.what as keyof typeof VISIT] ?? "l_ended"),
    about: (
      <>
        {names.journey(line.journey)} {line.reason && inWords(code, line, language)}
      </>
    ),
    tone: line.what === "refused" ? "waits" : "",
  }),
  parcel: (line, tongue) =>
    DIFFERS.includes(line.what) ? packed(line, tongue) : decided(line, tongue),
  friend: (line, { say, who }) => ({
    title: say(FRIEND[line.what as keyof typeof FRIEND] ?? "l_added"),
    about:
      line.what.startsWith("claimed") || line.what === "by_page" ? (
        <Raw>{line.note}</Raw>
      ) : (
        who(line.staff)
      ),
    tone: line.what === "parted" ? "harm" : "ours",
  }),
  tag: (line, { say }) => ({
    title: say(TAGGED[line.what as keyof typeof TAGGED] ?? "l_cleared"),
    about: <Raw>{line.note}</Raw>,
  }),
  consent: (line, { say, code }) => ({
    title: say(line.what === "given" ? "l_given" : "l_taken"),
    about: [
      words(code, "consent_channel", line.channel),
      words(code, "purpose", line.purpose),
      line.note,
    ]
      .filter(Boolean)
      .join(" · "),
    tone: line.what === "given" ? "" : "waits",
  }),
  complaint: (line, { say }) => ({
    title: say(line.what === "settled" ? "l_settled" : "l_complained"),
    about: <Raw>{[line.note, line.order].filter(Boolean).join(" · ")}</Raw>,
    tone: line.what === "settled" ? "" : "harm",
  }),
  merge: (line, { say }) => ({
    title: say(line.what === "split" ? "l_split" : line.reason ? "l_undone" : "l_merged"),
    about: (
      <Link to={`/customers/${line.id}`} data-raw>
        {line.id}
      </Link>
    ),
  }),
};

const WITHHELD = { wished: "l_waits", owed: "l_waits", withdrawn: "l_withdrawn" } as const;
const FRIEND = {
  added: "l_added",
  added_again: "l_added_again",
  by_page: "l_by_page",
  claimed_confirmed: "l_claimed",
  claimed_open: "l_claimed_open",
  claimed_refused: "l_claimed_refused",
  parted: "l_parted",
  remark_gone: "l_remark_gone",
  remarked: "l_remarked",
} as const;
const VISIT = {
  enrolled: "l_enrolled",
  joined: "l_joined",
  refused: "l_refused",
  ended: "l_ended",
} as const;

/** Why it did not enter, or how it ended: codes of the engine, or the exit's own name. */
function inWords(code: Code, line: Line, language: Language): ReactNode {
  const said =
    line.what === "ended" ? ending(line.reason, code, language) : code("entry", line.reason);
  return said === line.reason ? <Raw>{said}</Raw> : said;
}
