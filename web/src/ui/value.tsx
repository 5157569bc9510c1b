import { Tag, Tooltip } from "antd";
import { useNow } from "./clock";
import { BESIDE, type CodeSet, useCode } from "./codes";
import { withheld } from "./ending";
import { ago, count, exact, money, rate } from "./format";
import { useLanguage } from "./words";

/** Relative, with the exact moment on hover and focus. */
export function When({ at }: { at: string | null | undefined }) {
  const [language] = useLanguage();
  const now = useNow();
  if (!at) return <span>—</span>;
  return (
    <Tooltip title={exact(at)}>
      <time dateTime={at} className="number">
        {ago(at, now, language)}
      </time>
    </Tooltip>
  );
}

export function Exact({ at }: { at: string | null | undefined }) {
  return at ? (
    <time dateTime={at} className="number">
      {exact(at)}
    </time>
  ) : (
    <span>—</span>
  );
}

/** Minor units, with tabular numerals. */
export function Money({ minor, currency }: { minor: number; currency?: string }) {
  const [language] = useLanguage();
  return <span className="number">{money(minor, language, currency)}</span>;
}

export function Count({ of, most }: { of: number; most?: number }) {
  const [language] = useLanguage();
  const more = most !== undefined && of >= most;
  return (
    <span className="number">
      {count(more ? most : of, language)}
      {more ? "+" : ""}
    </span>
  );
}

export function Rate({ of, digits }: { of: number | null | undefined; digits?: number }) {
  const [language] = useLanguage();
  return (
    <span className="number">
      {of === null || of === undefined ? "—" : rate(of, language, digits)}
    </span>
  );
}

/** How a colour means something: ours, waits (or withheld), harm, out of scope, plain. */
export type Tone = "ours" | "waits" | "harm" | "out" | "plain";

export const PRESET = {
  ours: "cyan",
  waits: "gold",
  harm: "red",
  out: "default",
  plain: "default",
};

/** A code of the engine as a small tag in its words. */
export function Code({ set, code, tone = "plain" }: { set: CodeSet; code: string; tone?: Tone }) {
  const say = useCode();
  return (
    <Tag variant="filled" color={PRESET[tone]} className={`tone-${tone}`}>
      {say(set, code)}
    </Tag>
  );
}

/** Why something was not sent, in words: of a rule, an outcome, or what the text itself calls it. */
export function useReason(): (reason: string) => string {
  const code = useCode();
  const [language] = useLanguage();
  return (reason) => withheld(reason, code, language);
}

/** The same as a small tag, with the code on hover and focus: the API, files and rules call it so. */
export function Reason({ code }: { code: string }) {
  const say = useReason();
  const words = say(code);
  const tag = (
    <Tag
      variant="filled"
      color={PRESET.waits}
      className="tone-waits"
      tabIndex={words === code ? -1 : 0}
    >
      {words}
    </Tag>
  );
  return words === code || code.includes(BESIDE) ? (
    tag
  ) : (
    <Tooltip title={<code>{code}</code>}>{tag}</Tooltip>
  );
}
