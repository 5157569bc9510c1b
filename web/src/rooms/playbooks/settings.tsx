import type { SchemaPlaybookSetting } from "@/api/schema";
import { useLanguage } from "@/ui/words";
import { shown } from "./said";
import { usePlaybooks } from "./words";

/** What can be set, and what it stands at. */
export function Settings({ of }: { of: SchemaPlaybookSetting[] }) {
  const say = usePlaybooks();
  const [language] = useLanguage();
  return (
    <section className="panel" aria-label={say("settings")}>
      <h2>{say("settings")}</h2>
      {of.length === 0 && <p className="quiet">{say("settings_none")}</p>}
      <dl className="play-terms">
        {of.map((one) => {
          const value = one.value ?? one.default;
          return (
            <div key={one.name}>
              <dt title={one.help[language]}>{one.title[language]}</dt>
              <dd className="number" data-raw>
                {value ? shown(one, value, language) : say("setting_open")}
                {one.value === null && value ? (
                  <span className="quiet small"> {say("setting_default")}</span>
                ) : null}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
