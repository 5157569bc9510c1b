import { Flex, Tag } from "antd";
import { useNow } from "@/ui/clock";
import { day } from "@/ui/format";
import { Code, type Tone } from "@/ui/value";
import type { Line, Shown } from "./draft";
import { useContent } from "./words";

const TONES: Record<string, Tone> = {
  draft: "plain",
  in_review: "waits",
  approved: "ours",
  refused: "harm",
};

/** How the newest version stands in review; what is retired is that alone. */
export function ReviewState({ of }: { of: Pick<Line, "state" | "retired_at"> }) {
  const say = useContent();
  if (of.retired_at) return <Tag className="tone-out">{say("retired")}</Tag>;
  return <Code set="material_state" code={of.state} tone={TONES[of.state]} />;
}

/** On which days it is sent. */
export function Valid({ of }: { of: Pick<Line, "valid_from" | "valid_until"> }) {
  const say = useContent();
  const today = day(useNow());
  const { valid_from: first, valid_until: last } = of;
  if (!first && !last) return <span className="quiet">{say("always")}</span>;
  const said =
    first && last
      ? say("span", { first, last })
      : first
        ? say("from", { first })
        : say("until", { last: last ?? "" });
  const over = last !== null && last < today;
  const early = first !== null && first > today;
  return (
    <Flex gap={4} align="center" wrap>
      <span className="number">{said}</span>
      {over && <Tag className="tone-harm">{say("ended")}</Tag>}
      {early && <Tag className="tone-waits">{say("early")}</Tag>}
    </Flex>
  );
}

export function Owner({ of }: { of: Pick<Line, "owner"> }) {
  return of.owner ? <span data-raw>{of.owner}</span> : <span className="quiet">—</span>;
}

const NAMES = [
  "heading",
  "description",
  "benefit",
  "picture",
  "colour",
  "url",
  "appid",
  "page",
  "qr",
  "same_code",
] as const;

/** What its kind asks for beside words: heading, picture, address. */
export function Parts({ of }: { of: Shown }) {
  const say = useContent();
  const [zh] = of.texts.filter((one) => one.locale === "zh");
  const [en] = of.texts.filter((one) => one.locale === "en");
  const form = { ...en?.form, ...zh?.form };
  const links = Object.entries(zh?.links ?? {});
  const names = NAMES.filter((name) => form[name]);
  if (!names.length && !links.length) return null;
  return (
    <section className="panel" aria-label={say("parts")}>
      <h2>{say("parts")}</h2>
      <dl className="content-parts">
        {names.map((name) => (
          <div key={name}>
            <dt>{say(`part_${name}`)}</dt>
            <dd data-raw>
              {name === "picture" ? (
                <Picture name={form[name] ?? ""} />
              ) : name === "same_code" ? (
                say("same_code_yes")
              ) : (
                [...new Set([zh?.form[name], en?.form[name]])].filter(Boolean).join(" / ")
              )}
            </dd>
          </div>
        ))}
        {links.length > 0 && (
          <div>
            <dt>{say("links")}</dt>
            <dd data-raw>
              {links.map(([name, address]) => (
                <div key={name}>
                  <code>{name}</code> {address}
                </div>
              ))}
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function Picture({ name }: { name: string }) {
  const say = useContent();
  const ours = !name.includes("/");
  if (!ours) return <>{name}</>;
  return <img className="content-picture" alt={say("part_picture")} src={addressOf(name)} />;
}

const addressOf = (name: string) => `/api/v1/materials/pictures/${encodeURIComponent(name)}`;
