// `npm run demo`: a demo that stays up while pages are written; stories then use it by SIYU_DEMO=.demo.kept.json
import { copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demo, start } from "./server";

await start(mkdtempSync(join(tmpdir(), "siyu-console-")));
copyFileSync(".demo.json", ".demo.kept.json");
const { url, accounts } = demo();
console.log(
  `${url}\n${accounts.map((one) => `${one.role}: ${one.code} ${one.password}`).join("\n")}`,
);
