import { Tag } from "antd";
import { count } from "@/ui/format";
import { useLanguage } from "@/ui/words";
import { few, type Totals } from "./totals";
import { useOffers } from "./words";

const NAMES = ["given", "open", "held", "left"] as const;

/** Pieces as a bar: given, committed, held, left; in words for who does not see it. */
export function Pieces({ of }: { of: Totals }) {
  const say = useOffers();
  const [language] = useLanguage();
  const { pieces, left } = of;
  if (pieces === null || left === null) return <span className="quiet">{say("unbounded")}</span>;
  const values = { given: of.given, open: of.open, held: of.held, left };
  const said = Object.fromEntries(NAMES.map((name) => [name, count(values[name], language)]));
  return (
    <div className="offer-pieces">
      <div
        className="offer-bar"
        role="img"
        aria-label={say("bar", { ...said, all: count(pieces, language) })}
        title={say("bar", { ...said, all: count(pieces, language) })}
      >
        {NAMES.map((name) => (
          <span
            key={name}
            className={`offer-${name}`}
            style={{ width: `${pieces ? (values[name] / pieces) * 100 : 0}%` }}
          />
        ))}
      </div>
      <div className="number small">
        {say("left")} <strong>{said.left}</strong>{" "}
        <span className="quiet">/ {count(pieces, language)}</span>{" "}
        {left === 0 && <Tag className="tone-harm">{say("gone")}</Tag>}
        {few(of) && <Tag className="tone-waits">{say("few")}</Tag>}
      </div>
    </div>
  );
}

/** What the colours of a bar mean, with the figures. */
export function Legend({ of }: { of: Totals }) {
  const say = useOffers();
  const [language] = useLanguage();
  if (of.pieces === null || of.left === null) return null;
  const values = { given: of.given, open: of.open, held: of.held, left: of.left };
  return (
    <ul className="offer-legend">
      {NAMES.map((name) => (
        <li key={name}>
          <span className={`offer-key offer-${name}`} aria-hidden /> {say(name)}{" "}
          <strong className="number">{count(values[name], language)}</strong>
        </li>
      ))}
    </ul>
  );
}
