// `npm run demo`: a demo that stays up while pages are written; stories then use it by SIYU_DEMO=.demo.kept.json
import { demo, start } from "./server";

await start("kept");
const { url, accounts } = demo("kept");
console.log(
  `${url}\n${accounts.map((one) => `${one.role}: ${one.code} ${one.password}`).join("\n")}`,
);
