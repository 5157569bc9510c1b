import { Fragment } from "react";
import { rate } from "@/ui/format";
import { useLanguage } from "@/ui/words";
import { cellOf, LOCALES, type Locale, type Placed, type Said } from "./draft";
import { useContent } from "./words";

/** Both languages side by side, each variant below the other, findings at their lines. */
export function Texts({ said, placed }: { said: Said; placed: readonly Placed[] }) {
  const say = useContent();
  const [language] = useLanguage();
  const whole = said.variants.reduce((sum, one) => sum + one.weight, 0);
  const general = placed.filter((one) => one.cell === "");
  return (
    <>
      {general.map((one) => (
        <p key={one.why} className="content-finding" data-raw>
          {one.why}
        </p>
      ))}
      {said.variants.map((variant) => (
        <section key={variant.code} className="content-variant">
          {said.variants.length > 1 && (
            <h3>
              {say("first_variant", { code: variant.code })}{" "}
              <span className="quiet small">
                {say("share", { share: rate(whole ? variant.weight / whole : 0, language, 0) })}
              </span>
            </h3>
          )}
          <div className="content-pair">
            {LOCALES.map((locale) => (
              <One
                key={locale}
                locale={locale}
                text={variant[locale]}
                findings={placed.filter((one) => one.cell === cellOf(variant, locale))}
              />
            ))}
          </div>
        </section>
      ))}
    </>
  );
}

function One(props: { locale: Locale; text: string; findings: readonly Placed[] }) {
  const { locale, text, findings } = props;
  const say = useContent();
  const lines = text.split("\n");
  const last = lines.length;
  return (
    <article className="content-text" aria-label={say(locale)}>
      <h4 className="quiet small">{say(locale)}</h4>
      {text.trim() === "" && <span className="quiet">{say("empty_text")}</span>}
      {lines.map((line, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines may be equal
        <Fragment key={place}>
          <p className="content-line" lang={locale === "zh" ? "zh-CN" : "en"} data-raw>
            <Filled text={line} />
          </p>
          {findings
            .filter((one) => Math.min(one.line, last) === place + 1)
            .map((one) => (
              <p key={one.why} className="content-finding" data-raw>
                {one.why}
              </p>
            ))}
        </Fragment>
      ))}
    </article>
  );
}

const PLACE = /(\{\{\s*\w+\s*\}\})/;

/** What is filled in when it is sent stands out. */
export function Filled({ text }: { text: string }) {
  return text.split(PLACE).map((part, place) =>
    PLACE.test(part) ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts may be equal
      <code key={place} className="content-blank">
        {part}
      </code>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts may be equal
      <Fragment key={place}>{part}</Fragment>
    ),
  );
}
