import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const target = process.env.SIYU_URL ?? "http://127.0.0.1:8710";

/** Built into the Python package, which serves it; `npm run dev` asks a running `siyu serve`. */
export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: fileURLToPath(new URL("../src/siyu/api/console", import.meta.url)),
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    chunkSizeWarningLimit: 1500,
  },
  server: { proxy: { "/api": target, "/healthz": target } },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
