import { defineConfig } from "@playwright/test";
import { browser } from "./tests/server";

const LOOKED_AT = ["gate.spec.ts", "years.spec.ts", "real.spec.ts"];

/** Stories in a real browser, against a demo of their own: `make stories`. */
export default defineConfig({
  testDir: "./tests",
  outputDir: "./test-results",
  globalSetup: "./tests/server.ts",
  workers: 2,
  projects: [
    // pages are only looked at, two at a time; stories change the one demo that all share, so they
    // come after, one by one
    { name: "pages", testMatch: LOOKED_AT, fullyParallel: true },
    { name: "stories", testIgnore: LOOKED_AT, workers: 1, dependencies: ["pages"] },
  ],
  forbidOnly: Boolean(process.env.CI),
  retries: process.env.CI ? 1 : 0, // what passed only then is listed as flaky
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    viewport: { width: 1280, height: 800 },
    actionTimeout: 20_000,
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
