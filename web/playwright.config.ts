import { defineConfig } from "@playwright/test";
import { browser } from "./tests/server";

/** Stories in a real browser, against a demo of their own: `make stories`. */
export default defineConfig({
  testDir: "./tests",
  outputDir: "./test-results",
  globalSetup: "./tests/server.ts",
  workers: 1, // one demo, and two cores
  fullyParallel: false,
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
