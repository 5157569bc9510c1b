// First load at most 350 KB gzip: the page, and every part that it needs before a lazy one is asked for.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const MOST = 350 * 1024;
const home = new URL("../src/siyu/api/console/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", home), "utf-8"));
const seen = new Set();
const files = new Set(["index.html"]);

function walk(name) {
  if (seen.has(name)) return;
  seen.add(name);
  const part = manifest[name];
  for (const file of [part.file, ...(part.css ?? [])]) files.add(file);
  for (const inner of part.imports ?? []) walk(inner);
}

walk("index.html");
const size = [...files].reduce(
  (sum, file) => sum + gzipSync(readFileSync(new URL(file, home)), { level: 9 }).length,
  0,
);
const kb = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
console.log(`first load: ${kb(size)} gzip in ${files.size} files (at most ${kb(MOST)})`);
if (size > MOST) process.exit(1);
