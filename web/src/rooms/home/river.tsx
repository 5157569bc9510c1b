import { Button, Popover } from "antd";
import { Link } from "react-router";
import type { components } from "@/api/schema";
import { rooms } from "@/rooms";
import { rate } from "@/ui/format";
import { Nothing } from "@/ui/states";
import { Count, Rate } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import type { Figure } from "./behind";
import { Reached } from "./reached";
import { river, VIEW } from "./river-shape";
import { useGoal, useHome } from "./words";

type Told = components["schemas"]["Today"];
type Step = Told["steps"][number];
type Goal = components["schemas"]["Goal"] | null;
type Show = (figure: Figure) => void;

/** Orders, invited, friends, bought again: as wide as people are many; dashed, the same time last week. */
export function River({ told, goal, show }: { told: Told; goal: Goal; show: Show }) {
  const say = useHome();
  const { steps } = told;
  if (steps.every((one) => one.count === 0 && one.count_before === 0)) return <Empty />;
  const most = Math.max(...steps.flatMap((one) => [one.people, one.people_before]), 1);
  const said = steps.map((one) => `${say(`step_${one.step}`)} ${one.people}`).join(", ");
  return (
    <>
      <svg
        className="river"
        viewBox={VIEW}
        preserveAspectRatio="none"
        role="img"
        aria-label={say("shape", { said })}
      >
        <path
          d={river(
            steps.map((one) => one.people),
            most,
          )}
        />
        <path
          className="river-before"
          d={river(
            steps.map((one) => one.people_before),
            most,
          )}
        />
      </svg>
      <div className="bends">
        {steps.map((one) => (
          <Bend key={one.step} step={one} told={told} goal={goal} most={most} show={show} />
        ))}
      </div>
    </>
  );
}

function Bend(props: { step: Step; told: Told; goal: Goal; most: number; show: Show }) {
  const { step, told, goal, most, show } = props;
  const say = useHome();
  const [language] = useLanguage();
  const name = say(`step_${step.step}`);
  return (
    <div className="bend">
      <h2>{name}</h2>
      <Button
        type="link"
        className="bend-number"
        aria-label={`${name} ${step.count}`}
        data-step={step.step}
        onClick={() => show(step.step)}
      >
        <Count of={step.count} />
      </Button>
      <div className="bend-bar" style={{ width: `${(100 * step.people) / most}%` }} />
      <div className="quiet number">
        {step.count !== step.people &&
          step.step !== "invited" &&
          `${say("people", { count: step.people })} · `}
        {say("before", { count: step.count_before.toLocaleString(language) })}
      </div>
      <Share step={step} told={told} />
      {step.step === "friends" && told.unmatched > 0 && (
        <Button
          type="link"
          size="small"
          className="tone-waits"
          style={{ padding: 0 }}
          onClick={() => show("unmatched")}
        >
          {say("unmatched", { count: told.unmatched })}
        </Button>
      )}
      <Against step={step.step} goal={goal} />
    </div>
  );
}

/** Of today's invited, or orders: beside the same of last week. */
function Share({ step, told }: { step: Step; told: Told }) {
  const say = useHome();
  const [language] = useLanguage();
  const of = { friends: "invited", again: "orders" }[step.step as string];
  const base = told.steps.find((one) => one.step === of);
  if (!base || base.count === 0) return null;
  const before = base.count_before ? rate(step.count_before / base.count_before, language, 0) : "—";
  return (
    <div className="number">
      {say(step.step === "friends" ? "share_friends" : "share_again")}{" "}
      <Rate of={step.count / base.count} digits={0} />{" "}
      <span className="quiet">({say("before", { count: before })})</span>
    </div>
  );
}

/** The pool's goal, where this bend is what it is about. */
function Against({ step, goal }: { step: string; goal: Goal }) {
  const say = useGoal();
  const [language] = useLanguage();
  const about = { friends: "growth", again: "repurchase" }[step];
  if (goal?.kind !== about || !goal?.target) return null;
  const kind = goal.kind === "growth" ? "growth_is" : "repurchase_is";
  return (
    <div className="number">
      {say(kind, { days: goal.days ?? 0 })} <Reached of={goal.measured} />{" "}
      <span className="quiet">({say("target_is", { rate: rate(goal.target, language, 0) })})</span>
    </div>
  );
}

export function Definitions({ at }: { at: string }) {
  const say = useHome();
  const parts = ["orders", "invited", "friends", "again"] as const;
  const content = (
    <dl style={{ maxWidth: 420, margin: 0 }}>
      {parts.map((one) => (
        <div key={one} style={{ marginBottom: 8 }}>
          <dt>
            <strong>{say(`step_${one}`)}</strong>
          </dt>
          <dd style={{ margin: 0 }}>{say(`${one}_are`)}</dd>
        </div>
      ))}
      <div className="quiet number">
        {say("until")} {at}
      </div>
    </dl>
  );
  return (
    <div style={{ textAlign: "right" }}>
      <Popover content={content} trigger={["click", "hover"]} placement="bottomRight">
        <Button type="link" size="small">
          {say("definitions")}
        </Button>
      </Popover>
    </div>
  );
}

function Empty() {
  const say = useHome();
  const imports = rooms
    .flatMap((room) => room.routes)
    .find((one) => one.path?.includes("import"))?.path;
  return (
    <Nothing what={say("nothing_yet")}>
      {imports && (
        <Link to={imports}>
          <Button type="primary">{say("import")}</Button>
        </Link>
      )}
    </Nothing>
  );
}
