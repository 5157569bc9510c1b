import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(".."); // everything here runs in web/
const SIYU = join(ROOT, ".venv", "bin", "siyu");
const kept = (whose: string) => resolve(`.demo.${whose}.json`);

/** Pages are only looked at; stories change theirs: so both can be at work at one time. */
const WHOSE = ["pages", "stories"];

/** What `siyu demo --json` tells of the console that it serves, and where it lives. */
export interface Demo {
  url: string;
  home: string;
  example: string;
  apiKey: string;
  accounts: { code: string; password: string; role: string }[];
  told: Record<string, unknown>;
}

/** Of the project of this name: `pages` or `stories`. */
export function demo(whose: string): Demo {
  return JSON.parse(readFileSync(kept(whose), "utf-8"));
}

/** Debian's Chromium without windows, which costs a quarter less; or the one that CHROMIUM names. */
export function browser(): string {
  const found = [
    process.env.CHROMIUM,
    "/usr/bin/chromium-headless-shell",
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
  ];
  return found.find((one) => one && existsSync(one)) ?? "/usr/bin/chromium";
}

const given = new Set<number>();

/** Below those that the system gives away by itself: a demo plays a minute before it listens on it. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once("error", () => done(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => done(true)));
  });
}

/** One JSON object from its standard output: the figures, then it goes on serving. */
async function figures(server: ChildProcess): Promise<Record<string, unknown>> {
  let said = "";
  let complaint = "";
  server.stderr?.on("data", (part) => {
    complaint += part;
  });
  return new Promise((done, reject) => {
    server.stdout?.on("data", (part) => {
      said += part;
      const whole = /^\{.*?^\}$/ms.exec(said); // what it says after it is for people
      if (whole) done(JSON.parse(whole[0]));
    });
    server.on("exit", (code) => reject(new Error(`it ended (${code}): ${said}\n${complaint}`)));
  });
}

async function answers(url: string, apiKey: string, server: ChildProcess): Promise<void> {
  const headers = { Authorization: `Bearer ${apiKey}` }; // another's would answer, but not to it
  for (let tries = 0; tries < 1200 && server.exitCode === null; tries++) {
    const answer = await fetch(`${url}/api/v1/staff`, { headers }).catch(() => null);
    if (answer?.ok) return;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`${url} does not answer (it ended: ${server.exitCode})`);
}

/**
 * Demos of the tests' own on free ports, one where files are named; SIYU_DEMO=FILE uses one that runs
 * already (its `.demo.kept.json`), which saves the half minute while a page is being written: `npm run demo`.
 */
export default async function setup(): Promise<() => void> {
  const given = process.env.SIYU_DEMO;
  if (given) {
    for (const whose of WHOSE) copyFileSync(given, kept(whose));
    return () => {};
  }
  const some = process.argv.some((one) => one.includes(".spec.ts"));
  const ends = await Promise.all((some ? WHOSE.slice(0, 1) : WHOSE).map(start));
  if (some) copyFileSync(kept("pages"), kept("stories"));
  return () => {
    for (const end of ends) end();
  };
}

export async function start(whose: string): Promise<() => void> {
  const home = mkdtempSync(join(tmpdir(), "siyu-console-"));
  const args = ["demo", "--home", home, "--json", "--count", "400", "--days", "6"];
  const { found, stop } = await served(home, SIYU, args);
  writeFileSync(kept(whose), JSON.stringify(found));
  return () => {
    stop();
    forget(home);
  };
}

/** A brand that has had its customers for more than a year: of it every report has something to say. */
export async function town(): Promise<{ found: Demo; stop: () => void }> {
  return apart();
}

/** A brand of nothing but this file of orders, read by this mapping of `examples/mappings`. */
export async function brandOf(
  file: string,
  mapping: string,
): Promise<{ found: Demo; stop: () => void }> {
  return apart(file, join(ROOT, "examples", "mappings", mapping));
}

async function apart(...of: string[]): Promise<{ found: Demo; stop: () => void }> {
  const home = mkdtempSync(join(tmpdir(), "siyu-apart-"));
  const python = join(ROOT, ".venv", "bin", "python");
  const { found, stop } = await served(home, python, ["-m", "tests.spark.served", home, ...of]);
  return {
    found,
    stop: () => {
      stop();
      forget(home);
    },
  };
}

async function served(
  home: string,
  command: string,
  args: string[],
): Promise<{ found: Demo; stop: () => void }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    SIYU_PORT: String(port),
    SIYU_CONSOLE_URL: url,
    PYTHONPATH: ROOT, // of the tests' own
    SIYU_DEMO: undefined, // is ours
  };
  const server = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const told = await figures(server);
  const there = (told.console ?? {}) as Partial<Demo>;
  const apiKey = readFileSync(join(home, "keys", "api_key"), "utf-8").trim();
  await answers(url, apiKey, server);
  const example = String(told.example ?? "");
  const found: Demo = { url, home, apiKey, example, accounts: there.accounts ?? [], told };
  return { found, stop: () => void server.kill("SIGINT") };
}

function forget(home: string): void {
  spawnSync(SIYU, ["stop", "--home", home]);
  rmSync(home, { recursive: true, force: true });
}
