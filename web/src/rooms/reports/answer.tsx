import type { components } from "@/api/schema";
import { count, rate } from "@/ui/format";
import { useReason } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { useStep } from "./steps";
import { useReports } from "./words";

type Source = components["schemas"]["SourceFunnel"];
type Fall = components["schemas"]["Fall"];

/** A step that does worse than before, beyond chance, and the likely cause. */
export function Fell({ fall }: { fall: Fall }) {
  const say = useReports();
  const why = useReason();
  const step = useStep();
  const [language] = useLanguage();
  const share = (value: number | null) => (value === null ? "—" : rate(value, language));
  const reason = fall.why === "withheld" ? why(fall.reason) : step(fall.reason);
  const said = [
    say(`fell_${fall.part}`, {
      step: step(fall.step),
      was: share(fall.was.rate),
      now: share(fall.now.rate),
      of: count(fall.now.of, language),
      people: count(fall.now.people, language),
    }),
    fall.why && say(`why_${fall.why}`, { reason }),
  ];
  return (
    <p className="report-fell tone-harm">
      {said.filter(Boolean).join(language === "zh" ? "" : " ")}
    </p>
  );
}

/** What became of the buyers in scope, in a sentence. */
export function Answer({ source }: { source: Source }) {
  const say = useReports();
  const [language] = useLanguage();
  const scope = source.in_scope;
  if (!scope.interval || scope.rate === null) return <>{say("answer_none")}</>;
  const share = (value: number) => rate(value, language);
  const points = (value: number) => (value * 100).toFixed(1);
  const lift = source.lift;
  const said = [
    say("answer", {
      buyers: count(scope.buyers, language),
      friends: count(scope.friends, language),
      rate: share(scope.rate),
      low: share(scope.interval.low),
      high: share(scope.interval.high),
    }),
    lift &&
      say(lift.interval.low > 0 ? "lift_up" : "lift_open", {
        points: points(lift.points),
        low: points(lift.interval.low),
        high: points(lift.interval.high),
      }),
  ];
  return <>{said.filter(Boolean).join(language === "zh" ? "" : " ")}</>;
}
