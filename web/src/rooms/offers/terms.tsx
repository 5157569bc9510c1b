import type { ReactNode } from "react";
import { Link } from "react-router";
import { money, rate } from "@/ui/format";
import { Money } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import type { Row } from "./totals";
import { type Say, useOffers } from "./words";

interface Draw {
  amounts?: { minor: number; odds: number }[];
  least_minor?: number;
  most_minor?: number;
  mean_minor?: number;
}
interface Known {
  per_customer?: number;
  hold_seconds?: number;
  valid_seconds?: number;
  price_minor?: number;
  codes?: string;
  draw?: Draw | null;
  prizes?: { sku: string; odds: number }[];
}

/** On which terms it is given; the playbook says them. */
export function Terms({ of }: { of: Row }) {
  const say = useOffers();
  const [language] = useLanguage();
  const terms = of.terms as Known;
  const cash = (minor: number) => money(minor, language, of.currency);
  const odds = (terms.prizes ?? []).reduce((sum, one) => sum + one.odds, 0);
  const reserved = of.allotted.length > 0;
  return (
    <section className="panel" aria-label={say("terms")}>
      <h2>{say("terms")}</h2>
      <dl className="offer-terms">
        <Term name={say("value")}>
          <Money minor={of.value_minor} currency={of.currency} />
        </Term>
        {terms.price_minor ? <Term name={say("price")}>{cash(terms.price_minor)}</Term> : null}
        {reserved && terms.per_customer ? (
          <Term name={say("per_customer")}>{say("pieces_n", { count: terms.per_customer })}</Term>
        ) : null}
        {reserved && terms.hold_seconds ? (
          <Term name={say("hold")}>{span(terms.hold_seconds, say)}</Term>
        ) : null}
        {reserved && terms.valid_seconds ? (
          <Term name={say("valid")}>{span(terms.valid_seconds, say)}</Term>
        ) : null}
        {of.sku && (
          <Term name={say("sku")}>
            <code>{of.sku}</code>
          </Term>
        )}
        {of.substitute && (
          <Term name={say("substitute")}>
            <Link to={`/content/offers/${of.substitute}`}>
              <code>{of.substitute}</code>
            </Link>
          </Term>
        )}
        {terms.codes && (
          <Term name={say("codes")}>
            {say(terms.codes === "pool" ? "codes_pool" : "codes_generated")}
          </Term>
        )}
        {terms.draw && <Term name={say("draw")}>{drawn(terms.draw, say, cash)}</Term>}
        {(terms.prizes ?? []).map((one) => (
          <Term key={one.sku} name={say("prizes")}>
            <code>{one.sku}</code>{" "}
            {say("odds", { share: rate(odds ? one.odds / odds : 0, language, 1) })}
          </Term>
        ))}
      </dl>
      <p className="quiet small">{say("terms_from")}</p>
    </section>
  );
}

function Term({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function drawn(draw: Draw, say: Say, cash: (minor: number) => string): string {
  const amounts = draw.amounts ?? [];
  if (amounts.length === 0)
    return say("draw_span", {
      least: cash(draw.least_minor ?? 0),
      most: cash(draw.most_minor ?? 0),
      mean: cash(draw.mean_minor ?? 0),
    });
  const odds = amounts.reduce((sum, one) => sum + one.odds, 0) || 1;
  const mean = amounts.reduce((sum, one) => sum + one.minor * one.odds, 0) / odds;
  const all = amounts.map((one) => one.minor);
  return say("draw_span", {
    least: cash(Math.min(...all)),
    most: cash(Math.max(...all)),
    mean: cash(Math.round(mean)),
  });
}

function span(seconds: number, say: Say): string {
  if (seconds % 86_400 === 0) return say("days", { count: seconds / 86_400 });
  if (seconds % 3_600 === 0) return say("hours", { count: seconds / 3_600 });
  return say("minutes", { count: Math.round(seconds / 60) });
}
