import { defineConfig } from "@playwright/test";
import { browser } from "./tests/server";

const LOOKED_AT = ["gate.spec.ts", "years.spec.ts", "real.spec.ts"];

/** Stories in a real browser, against demos of their own: `make stories`. */
export default defineConfig({
  testDir: "./tests",
  outputDir: "./test-results",
  globalSetup: "./tests/server.ts",
  workers: 3,
  projects: [
    // pages are only looked at, two at a time; stories change the demo that they share, so they come
    // one by one, and beside the pages: they wait for their server most of their time
    { name: "pages", testMatch: LOOKED_AT, fullyParallel: true, workers: 2 },
    { name: "stories", testIgnore: LOOKED_AT, workers: 1 },
  ],
  forbidOnly: Boolean(process.env.CI),
  retries: process.env.CI ? 1 : 0, // what passed only then is listed as flaky
  timeout: 150_000, // patience costs nothing where all is well, and a busy machine takes twice as long
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  use: {
    viewport: { width: 1280, height: 800 },
    actionTimeout: 30_000,
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    screenshot: "only-on-failure",
    trace: process.env.TRACE ? "retain-on-failure" : "off", // it takes as long as the stories
    contextOptions: { reducedMotion: "reduce" },
    launchOptions: {
      executablePath: browser(),
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    },
  },
});
