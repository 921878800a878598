import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import pdfjs from "pdfjs-dist/package.json" with { type: "json" };
import { defineConfig } from "vitest/config";

/** Fonts, character maps and decoders that pdf.js loads by name; the version in the folder's name is their hash. */
const PDFJS_FOLDER = `pdfjs-${pdfjs.version}`;
const PDFJS_PARTS = ["cmaps", "standard_fonts", "wasm", "iccs"];

function pdfjsFiles() {
  const root = resolve(import.meta.dirname, "node_modules/pdfjs-dist");
  return {
    name: "pdfjs-files",
    generateBundle(this: { emitFile(file: object): string }) {
      for (const part of PDFJS_PARTS) {
        for (const name of readdirSync(join(root, part))) {
          const fileName = `${PDFJS_FOLDER}/${part}/${name}`;
          this.emitFile({ type: "asset", fileName, source: readFileSync(join(root, part, name)) });
        }
      }
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  // Chunks name each other relative to themselves, so the bundle works under any STATIC_URL.
  base: "",
  // Hand-made files live in static/site and are served by Django as they are.
  publicDir: false,
  define: { PDFJS_FOLDER: JSON.stringify(PDFJS_FOLDER) },
  plugins: [pdfjsFiles()],
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
        designer: resolve(import.meta.dirname, "src/entries/designer.tsx"),
        workbench: resolve(import.meta.dirname, "src/entries/workbench.tsx"),
      },
    },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
