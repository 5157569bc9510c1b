import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { build } from "esbuild";
import { defineConfig } from "vitest/config";

const target = process.env.SIYU_URL ?? "http://127.0.0.1:8710";

const built = fileURLToPath(new URL("../src/siyu/api/console", import.meta.url));

/** Beside the console one script that draws a report's charts in a file by itself. */
const report = {
  name: "report",
  apply: "build" as const,
  closeBundle: async () => {
    await build({
      entryPoints: [fileURLToPath(new URL("./src/report.ts", import.meta.url))],
      outfile: `${built}/report.js`,
      bundle: true,
      minify: true,
      format: "iife",
      charset: "utf8",
      logLevel: "error",
    });
  },
};

/** Built into the Python package, which serves it; `npm run dev` asks a running `siyu serve`. */
export default defineConfig({
  plugins: [react(), report],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: built,
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    chunkSizeWarningLimit: 1500,
  },
  server: { proxy: { "/api": target, "/healthz": target } },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
