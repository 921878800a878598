import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: import.meta.dirname,
  // Chunks name each other relative to themselves, so the bundle works under any STATIC_URL.
  base: "",
  // Hand-made files live in static/site and are served by Django as they are.
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: ["chrome111", "firefox115", "safari16.4"],
    // collectstatic skips dot folders, so not Vite's `.vite/manifest.json`.
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        site: resolve(import.meta.dirname, "src/entries/site.ts"),
        workbench: resolve(import.meta.dirname, "src/entries/workbench.tsx"),
      },
    },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
