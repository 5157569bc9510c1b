import { Tag } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import { Shown } from "@/ui/states";
import { useLanguage } from "@/ui/words";
import { useOffers } from "./words";

/** Which steps promise or issue it, and whose parcels carry it. */
export function Uses({ code }: { code: string }) {
  const say = useOffers();
  const [language] = useLanguage();
  const query = api.useQuery("get", "/api/v1/offers/{code}/uses", { params: { path: { code } } });
  return (
    <section className="panel" aria-label={say("uses")}>
      <h2>{say("uses")}</h2>
      <Shown query={query} rows={2}>
        {({ uses }) =>
          uses.length === 0 ? (
            <p className="quiet">{say("uses_none")}</p>
          ) : (
            <ul className="offer-uses">
              {uses.map((one) => (
                <li key={`${one.kind} ${one.code} ${one.step}`} data-raw>
                  {one.kind === "journey" ? (
                    <Link to={`/journeys/${one.code}`}>
                      {one.title[language] || one.code} · {say("use_step", { step: one.step })}
                    </Link>
                  ) : (
                    say("use_source", { title: one.title[language] || one.code })
                  )}{" "}
                  {!one.live && <Tag className="tone-out">{say("use_draft")}</Tag>}
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </section>
  );
}
