import { Tag } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import { Shown } from "@/ui/states";
import { useLanguage } from "@/ui/words";
import { useContent } from "./words";

/** Where a material is used, and the same in words. */
export function useUses(code: string) {
  const say = useContent();
  const [language] = useLanguage();
  const query = api.useQuery("get", "/api/v1/materials/{code}/uses", {
    params: { path: { code } },
  });
  const said = query.data?.uses.map(({ title, code: journey, step }) => {
    const name = title[language] || journey;
    return step ? `${name} · ${say("use_step", { step })}` : say("use_source", { title: name });
  });
  return { query, said };
}

/** Which steps say it, and whose parcels carry it. */
export function Uses({ code }: { code: string }) {
  const say = useContent();
  const { query, said } = useUses(code);
  return (
    <section className="panel" aria-label={say("uses")}>
      <h2>{say("uses")}</h2>
      <Shown query={query} rows={2}>
        {({ uses }) =>
          uses.length === 0 ? (
            <p className="quiet">{say("uses_none")}</p>
          ) : (
            <ul className="content-uses">
              {uses.map((one, place) => (
                <li key={`${one.kind} ${one.code} ${one.step}`} data-raw>
                  {one.kind === "journey" ? (
                    <Link to={`/journeys/${one.code}`}>{said?.[place]}</Link>
                  ) : (
                    said?.[place]
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
