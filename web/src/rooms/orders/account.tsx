import type { components } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { count } from "@/ui/format";
import { useLanguage } from "@/ui/words";
import type { Chosen } from "./filters";
import { useOrders } from "./words";

type Counted = components["schemas"]["ParcelAccount"];
type Choose = (some: Partial<Chosen>) => void;
const MOST = 10_000;
const BESIDE = [
  ["gift", "gift"],
  ["card", "card"],
  ["none", "out_of_scope"],
] as const;

/** Every parcel of a period, once: each number opens the list that it counts. */
export function Account(props: { of: Counted; chosen: Chosen; choose: Choose }) {
  const { of, chosen, choose } = props;
  const pick = { chosen, choose };
  return (
    <div className="account">
      <Equation of={of} {...pick} />
      <Compared of={of} {...pick} />
      <WhyOut of={of} {...pick} />
      <Now of={of} {...pick} />
    </div>
  );
}

type Props = { of: Counted; chosen: Chosen; choose: Choose };

function Equation({ of, chosen, choose }: Props) {
  const say = useOrders();
  const [language] = useLanguage();
  const out = sum(of.out_of_scope);
  const scope = of.packed - out;
  const right = of.gift + of.card;
  const pick = { chosen, choose };
  return (
    <section className="panel whole">
      <div className="equation">
        <Figure label={say("packed")} of={of.packed} opens={{}} {...pick} />
        <span className="sign">=</span>
        <Figure label={say("gift")} of={of.gift} opens={{ fate: "gift" }} tone="ours" {...pick} />
        <span className="sign">+</span>
        <Figure label={say("card")} of={of.card} opens={{ fate: "card" }} {...pick} />
        <span className="sign">+</span>
        <Figure label={say("out")} of={out} opens={{ fate: "out_of_scope" }} tone="out" {...pick} />
        {of.both > 0 && <span className="sign">+</span>}
        {of.both > 0 && (
          <Figure label={say("both")} of={of.both} opens={{ fate: "both" }} tone="harm" {...pick} />
        )}
        {of.neither > 0 && <span className="sign">+</span>}
        {of.neither > 0 && (
          <Figure
            label={say("neither")}
            of={of.neither}
            opens={{ fate: "neither" }}
            tone="harm"
            {...pick}
          />
        )}
      </div>
      <p className={scope === right ? "quiet" : "tone-harm"}>
        {say("exactly", { in_scope: count(scope, language), right: count(right, language) })}
        {" · "}
        {scope === right ? say("right") : say("wrong", { count: scope - right })}
      </p>
    </section>
  );
}

/** Two figures that should be one: what was decided and what was packed. */
function Compared({ of, chosen, choose }: Props) {
  const say = useOrders();
  const code = useCode();
  const pick = { chosen, choose };
  const wrong = Object.entries(of.mismatches).filter(([, many]) => many > 0);
  return (
    <section className="panel">
      <h2>{say("compare")}</h2>
      <table className="compare">
        <thead>
          <tr>
            <th> </th>
            <th scope="col">{say("decided")}</th>
            <th scope="col">{say("really")}</th>
          </tr>
        </thead>
        <tbody>
          {BESIDE.map(([content, fate]) => (
            <tr key={content}>
              <th scope="row">{code("parcel_content", content)}</th>
              <td>
                <Cell
                  label={`${say("decided")} ${code("parcel_content", content)}`}
                  of={of.decided[content] ?? 0}
                  opens={{ decided: content }}
                  {...pick}
                />
              </td>
              <td>
                <Cell
                  label={`${say("really")} ${code("parcel_fate", fate)}`}
                  of={fate === "out_of_scope" ? sum(of.out_of_scope) : of[fate]}
                  opens={{ fate }}
                  {...pick}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Line label={say("with_promise")} of={of.promised} opens={{ promised: "1" }} {...pick} />
      {wrong.length === 0 ? (
        <p className="tone-ours">{say("differ_none")}</p>
      ) : (
        wrong.map(([kind, many]) => (
          <Line
            key={kind}
            label={`${say("differs")} · ${code("parcel_mismatch", kind)}`}
            of={many}
            opens={{ mismatch: kind }}
            tone="harm"
            {...pick}
          />
        ))
      )}
    </section>
  );
}

function WhyOut({ of, chosen, choose }: Props) {
  const say = useOrders();
  const code = useCode();
  return (
    <section className="panel">
      <h2>{say("why_out")}</h2>
      {Object.entries(of.out_of_scope).map(([reason, many]) => (
        <Line
          key={reason}
          label={code("parcel_reason", reason)}
          of={many}
          opens={{ fate: "out_of_scope", reason }}
          tone="out"
          chosen={chosen}
          choose={choose}
        />
      ))}
      {sum(of.out_of_scope) === 0 && <p className="quiet">—</p>}
    </section>
  );
}

/** What is not packed yet, whatever the period. */
function Now({ of, chosen, choose }: Props) {
  const say = useOrders();
  const pick = { chosen, choose };
  const frozen = (content: string) => ({ stage: "frozen", decided: content });
  return (
    <section className="panel">
      <h2>{say("now")}</h2>
      <Line label={say("waiting")} of={of.waiting} opens={{ stage: "waiting" }} {...pick} />
      <Line label={say("frozen_gift")} of={of.frozen.gift ?? 0} opens={frozen("gift")} {...pick} />
      <Line label={say("frozen_card")} of={of.frozen.card ?? 0} opens={frozen("card")} {...pick} />
      <Line label={say("frozen_none")} of={of.frozen.none ?? 0} opens={frozen("none")} {...pick} />
      <button type="button" className="figure line" onClick={() => choose({ stage: "owed" })}>
        <span>{say("owed")}</span>
        <span aria-hidden>→</span>
      </button>
    </section>
  );
}

type One = {
  label: string;
  of: number;
  opens: Partial<Chosen>;
  tone?: "ours" | "out" | "harm";
  chosen: Chosen;
  choose: Choose;
};

const OPENS = ["stage", "fate", "decided", "reason", "mismatch", "promised", "number"] as const;

function useFigure({ of, opens, chosen, choose }: One) {
  const [language] = useLanguage();
  const more = of >= MOST && "stage" in opens;
  return {
    said: `${count(of, language)}${more ? "+" : ""}`,
    press: () => choose(opens),
    pressed: OPENS.every((name) => chosen[name] === (opens[name] ?? "")),
  };
}

function Figure(props: One) {
  const { said, press, pressed } = useFigure(props);
  return (
    <button type="button" className="figure" onClick={press} aria-pressed={pressed}>
      <span className="quiet">{props.label}</span>
      <strong className={props.tone && `tone-${props.tone}`}>{said}</strong>
    </button>
  );
}

function Line(props: One) {
  const { said, press, pressed } = useFigure(props);
  return (
    <button type="button" className="figure line" onClick={press} aria-pressed={pressed}>
      <span>{props.label}</span>
      <strong className={props.tone && `tone-${props.tone}`}>{said}</strong>
    </button>
  );
}

function Cell(props: One) {
  const { said, press, pressed } = useFigure(props);
  return (
    <button
      type="button"
      className="figure number"
      onClick={press}
      aria-pressed={pressed}
      aria-label={`${props.label} ${said}`}
    >
      {said}
    </button>
  );
}

function sum(of: Record<string, number>): number {
  return Object.values(of).reduce((all, one) => all + one, 0);
}
