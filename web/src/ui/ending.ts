import type { useCode } from "./codes";
import type { Language } from "./words";

type Code = ReturnType<typeof useCode>;

/** Why a step was passed: a code of the engine, the keys of conditions, or the name of an arm. */
export function because(reason: string, code: Code, language: Language): string {
  const passing = code("passing", reason);
  if (passing !== reason) return passing;
  const word = (one: string) => {
    const own = code("passing", one);
    const said = own === one ? code("condition", one) : own;
    return language === "en" && said !== one ? said.toLowerCase() : said;
  };
  return reason
    .split("_and_")
    .map((one) => {
      if (!one.startsWith("not_")) return word(one);
      const bare = word(one.slice("not_".length));
      return language === "zh" ? `非「${bare}」` : `not ${bare}`;
    })
    .join(" + ");
}

/** Why something was not sent, or came back: a rule's own code, else what the text's end or step says. */
export function withheld(reason: string, code: Code, language: Language): string {
  const own = code("reason", reason);
  return own === reason ? ending(reason, code, language) : own;
}

/** An outcome: the engine's own, what `ends_when` says, or what the text calls it. */
export function ending(outcome: string, code: Code, language: Language): string {
  const own = code("ending", outcome);
  return own === outcome ? because(outcome, code, language) : own;
}
