/** How a page of each kind begins. */
export const KINDS = ["entry", "survey", "booking", "reserve", "wallet"] as const;
export type Kind = (typeof KINDS)[number];

const HEAD = (kind: Kind, zh: string, en: string) => `page: my-page
kind: ${kind}
title: {zh: ${zh}, en: ${en}}
`;

export const BLANK: Record<Kind, string> = {
  entry: `${HEAD("entry", "添加专属顾问", "Add your advisor")}words: {zh: 添加顾问，领取新客礼。, en: Add us and get a welcome gift.}
channel: ""
button: {zh: 添加顾问, en: Add an advisor}
`,
  survey: `${HEAD("survey", "肤质问卷", "Your skin")}survey:
  version: 1
  questions:
    - code: type
      type: one
      ask: {zh: 您的肤质？, en: "Your skin?"}
      choices: {dry: {zh: 干性, en: Dry}, oily: {zh: 油性, en: Oily}}
`,
  booking: `${HEAD("booking", "预约到店", "Book a time")}service: ""
`,
  reserve: `${HEAD("reserve", "预留礼品", "Reserve a gift")}offer: ""
hold: 3d
`,
  wallet: HEAD("wallet", "我的卡包", "My wallet"),
};

/** An address with the parameters of an ad; empty ones are left out. */
export function addressed(url: string, ad: Record<string, string | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(ad)) {
    const said = value?.trim();
    if (said) query.set(name, said);
  }
  const said = query.toString();
  return said ? `${url}?${said}` : url;
}
