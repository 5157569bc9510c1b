import { Link } from "react-router";
import type { SchemaPlaybookFull, SchemaPlaybookPart } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { useLanguage } from "@/ui/words";
import { usePlaybooks } from "./words";

/** What it brings; once it is installed, each leads to its page. */
export function Brings({ of }: { of: SchemaPlaybookFull }) {
  const say = usePlaybooks();
  const code = useCode();
  const { parts } = of;
  const there = of.state !== "available";
  const groups: [string, SchemaPlaybookPart[], string, (kind: string) => string][] = [
    [say("journeys"), parts.journeys, "/journeys/", () => ""],
    [say("segments"), parts.segments, "/customers/segments/", () => ""],
    [say("materials"), parts.materials, "/content/materials/", (kind) => code("channel", kind)],
    [say("offers"), parts.offers, "/content/offers/", (kind) => code("offer_kind", kind)],
    [say("sources"), parts.sources, "", () => ""],
  ];
  return (
    <section className="panel" aria-label={say("brings")}>
      <h2>{say("brings")}</h2>
      {!there && <p className="quiet">{say("on_start")}</p>}
      <dl className="play-brings">
        {groups
          .filter(([, some]) => some.length > 0)
          .map(([term, some, under, kind]) => (
            <div key={term}>
              <dt className="quiet">{term}</dt>
              {some.map((one) => (
                <dd key={one.code}>
                  <Part of={one} to={there && under ? `${under}${one.code}` : ""} />{" "}
                  <span className="quiet small">{kind(one.kind)}</span>
                </dd>
              ))}
            </div>
          ))}
        {of.brings.tag_rules && (
          <div>
            <dt className="quiet">{say("tag_rules")}</dt>
            <dd>
              {there ? <Link to="/customers/tags">{say("tag_rules")}</Link> : say("tag_rules")}
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function Part({ of, to }: { of: SchemaPlaybookPart; to: string }) {
  const [language] = useLanguage();
  const title = of.title[language] || of.code;
  return to ? (
    <Link to={to} data-raw>
      {title}
    </Link>
  ) : (
    <span data-raw>{title}</span>
  );
}
