import vocabulary from "@/api/vocabulary.json";
import { CODES } from "./codes.words";
import { type Language, type Said, useLanguage } from "./words";

export const BESIDE = " ‖ "; // as kernel/sentence.py keeps them
export type CodeSet = keyof typeof vocabulary;
type Both = { zh: string; en: string } | null;

/** The words of a code of the engine; a code that nobody knows is shown as it is. */
export function codeIn(set: CodeSet, code: string, language: Language): string {
  const theirs = (vocabulary[set] as Record<string, Both>)[code];
  if (theirs) return theirs[language];
  const ours: Said | undefined = (CODES as Record<string, Record<string, Said>>)[set]?.[code];
  if (ours) return ours[language === "zh" ? 0 : 1];
  const [en, zh] = code.split(BESIDE); // a reason with values in it holds both languages
  return (language === "zh" && zh) || en || code;
}

/** `code("channel", "sms")` in the language of the page. */
export function useCode(): (set: CodeSet, code: string) => string {
  const [language] = useLanguage();
  return (set, code) => codeIn(set, code, language);
}
