/* pdf.js, loaded when the first PDF is opened: its worker, and where its fonts, character maps and decoders lie. */

import type * as PdfJs from "pdfjs-dist/legacy/build/pdf.mjs";
import workerUrl from "pdfjs-dist/legacy/build/pdf.worker.min.mjs?url";

type Library = typeof PdfJs;

/** What the build puts beside the chunks (vite.config.ts). */
declare const PDFJS_FOLDER: string;

let loading: Promise<{ library: Library; worker: PdfJs.PDFWorker }> | null = null;

/** The library and its one worker, which all documents share. */
export function pdfjs() {
  loading ??= start();
  // A chunk that could not be loaded is asked for again with the next document.
  loading.catch(() => {
    loading = null;
  });
  return loading;
}

/** The worker's script comes while the library's does. */
async function start() {
  const port = new Worker(workerUrl, { type: "module" });
  try {
    const library = await import("pdfjs-dist/legacy/build/pdf.mjs");
    // Its types know no port.
    return { library, worker: new library.PDFWorker({ port: port as unknown as null }) };
  } catch (error) {
    port.terminate();
    throw error;
  }
}

/** What documents are opened with, beside their bytes. */
export function assets() {
  // Not `new URL(…, import.meta.url)` in one piece: the bundler would take the folder for a file.
  const here = import.meta.url;
  const folder = (name: string) => new URL(`../${PDFJS_FOLDER}/${name}/`, here).href;
  return {
    cMapUrl: folder("cmaps"),
    cMapPacked: true,
    standardFontDataUrl: folder("standard_fonts"),
    wasmUrl: folder("wasm"),
    iccUrl: folder("iccs"),
  };
}
