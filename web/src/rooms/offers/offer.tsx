import { Flex } from "antd";
import { Link, useParams } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { Page } from "@/ui/page";
import { Shown } from "@/ui/states";
import { Money } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { Allotments } from "./allotments";
import { BringCodes, Revoked } from "./codes";
import { Owed } from "./list";
import { Legend, Pieces } from "./parts";
import { Reservations } from "./reservations";
import { Terms } from "./terms";
import { type Row, totals } from "./totals";
import { Uses } from "./uses";
import { useOffers } from "./words";
import "./offers.css";

/** One offer: how much is left and owed, of which store, who got it, and on which terms. */
export function Component() {
  const { code = "" } = useParams();
  const say = useOffers();
  const query = api.useQuery("get", "/api/v1/offers/{code}", { params: { path: { code } } });
  if (query.data) return <Offer key={code} of={query.data} />;
  return (
    <Page title={say("title")}>
      <Shown query={query}>{() => null}</Shown>
    </Page>
  );
}

function Offer({ of }: { of: Row }) {
  const say = useOffers();
  const code = useCode();
  const may = useMay();
  const [language] = useLanguage();
  const all = totals(of);
  const pool = of.terms.codes === "pool";
  return (
    <Page
      title={of.title[language] ?? of.code}
      under={
        <Flex gap={8} wrap align="center" component="span">
          <code>{of.code}</code>
          <span>{code("offer_kind", of.kind)}</span>
          <span>
            {say("value")} <Money minor={of.value_minor} currency={of.currency} />
          </span>
        </Flex>
      }
      primary={pool && may("settings.write") && <BringCodes code={of.code} />}
    >
      <div className="offer-page">
        <div className="offer-main">
          <section className="panel" aria-label={say("pieces")}>
            <h2>{say("pieces")}</h2>
            {of.allotted.length === 0 ? (
              <p className="quiet">
                {say("no_allotment")}{" "}
                {may("settings.read") && (
                  <Link to="/settings/warehouses?part=stock">{say("shelf")}</Link>
                )}
              </p>
            ) : (
              <>
                <Pieces of={all} />
                <Legend of={all} />
                <Allotments of={of} all={all} />
              </>
            )}
          </section>
          {may("customers.read") && <Reservations of={of} />}
          {of.kind === "coupon" && <Revoked code={of.code} />}
        </div>
        <aside className="offer-side">
          <section className="panel" aria-label={say("liability")}>
            <h2>{say("liability")}</h2>
            <dl className="offer-terms">
              <div>
                <dt>{say("owed")}</dt>
                <dd>
                  <Owed of={of} />
                </dd>
              </div>
              {(["committed", "promised", "claimable", "held"] as const).map((name) => (
                <div key={name}>
                  <dt>{code("promise", name)}</dt>
                  <dd className="number">{of[name]}</dd>
                </div>
              ))}
            </dl>
          </section>
          <Terms of={of} />
          <Uses code={of.code} />
        </aside>
      </div>
    </Page>
  );
}
