import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";

/** Chinese, English, and English for many where a `count` is given. Nothing can stay untranslated. */
export type Said = readonly [zh: string, en: string, many?: string];
export type Values = Record<string, string | number>;
export type Say<Key extends string> = (key: Key, values?: Values) => string;
export type Language = "zh" | "en";

const REMEMBERED = "siyu.language";

export const i18n = i18next.createInstance();
i18n.use(initReactI18next).init({
  lng: remembered(),
  fallbackLng: false,
  resources: {},
  interpolation: { escapeValue: false },
  returnEmptyString: true,
  // A key without words is a defect: it is shown so that the gate of the browser tests sees it.
  parseMissingKeyHandler: (key) => `⟦${key}⟧`,
});

/** Words of one room, both languages side by side; gives the hook that says them. */
export function words<const All extends Record<string, Said>>(room: string, all: All) {
  i18n.addResourceBundle("zh", room, bundle(all, "zh"), true, true);
  i18n.addResourceBundle("en", room, bundle(all, "en"), true, true);
  // biome-ignore lint/correctness/noComponentHookFactories: called once per room, when its module loads
  return function useWords(): Say<keyof All & string> {
    const { t } = useTranslation(room);
    return t as unknown as Say<keyof All & string>;
  };
}

/** What i18next takes: the plural forms only where there are two. */
export function bundle(all: Record<string, Said>, language: Language): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [key, [zh, en, many]] of Object.entries(all)) {
    if (language === "zh") found[many === undefined ? key : `${key}_other`] = zh;
    else if (many === undefined) found[key] = en;
    else {
      found[`${key}_one`] = en;
      found[`${key}_other`] = many;
    }
  }
  return found;
}

export function useLanguage(): [Language, (language: Language) => void] {
  const { i18n: current } = useTranslation();
  return [current.language as Language, speak];
}

export function speak(language: Language): void {
  localStorage.setItem(REMEMBERED, language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  void i18n.changeLanguage(language);
}

function remembered(): Language {
  const said = typeof localStorage === "undefined" ? null : localStorage.getItem(REMEMBERED);
  return said === "en" ? "en" : "zh";
}
