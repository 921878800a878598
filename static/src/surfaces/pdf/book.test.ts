import { afterEach, expect, it, vi } from "vitest";
import type { Media } from "../../core/types";
import { Book } from "./book";

const SIZE = 4_000_000;
const MEDIA: Media = { url: "/file", type: "pdf", pages: 3, sizes: [[100, 200, 3]] };

/** A pdf.js that needs one more part of the file for each page's text, and waits for it as long as it takes. */
vi.mock("./pdfjs", () => {
  let range: { requestDataRange(begin: number, end: number): void };
  const parts = new Map<number, () => void>();
  class PDFDataRangeTransport {
    onDataRange(begin: number): void {
      parts.get(begin)?.();
    }
  }
  const text = (page: number) =>
    new Promise((resolve) => {
      const begin = page * 1_000_000;
      const had = parts.has(begin);
      parts.set(begin, () =>
        resolve({ items: [{ str: `page ${page}`, transform: [], width: 9, height: 9 }] }),
      );
      // As pdf.js does: what is on its way is not asked for again.
      if (!had) range.requestDataRange(begin, begin + 10);
    });
  const viewport = { width: 100, scale: 1, transform: [] };
  const library = {
    VerbosityLevel: { ERRORS: 0 },
    Util: { transform: () => [1, 0, 0, 1, 0, 0] },
    PDFDataRangeTransport,
    getDocument: (options: { range: typeof range }) => {
      ({ range } = options);
      const page = (number: number) => ({
        getViewport: () => viewport,
        getTextContent: () => text(number),
      });
      const document = { getPage: async (number: number) => page(number) };
      return { promise: Promise.resolve(document), destroy: async () => undefined };
    },
  };
  return { assets: () => ({}), pdfjs: async () => ({ library, worker: null }) };
});

let online = true;

function answer(_url: string, { headers }: { headers: { Range: string } }): Promise<Response> {
  if (!online) return Promise.reject(new TypeError("Failed to fetch"));
  const [, begin, end] = /bytes=(\d+)-(\d+)/.exec(headers.Range)?.map(Number) ?? [];
  const length = (end as number) + 1 - (begin as number);
  return Promise.resolve(
    new Response(new Uint8Array(length), {
      status: 206,
      headers: { "Content-Range": `bytes ${begin}-${end}/${SIZE}` },
    }),
  );
}

afterEach(() => vi.unstubAllGlobals());

it("says that a page cannot be had while the connection is lost, and has it afterwards", async () => {
  vi.stubGlobal("fetch", answer);
  const book = new Book(MEDIA);
  expect((await book.text(1)).runs[0]?.text).toBe("page 1");
  online = false;
  await expect(book.text(2)).rejects.toMatchObject({ kind: "unreachable" });
  await expect(book.text(2)).rejects.toMatchObject({ kind: "unreachable" });
  online = true;
  expect((await book.text(2)).runs[0]?.text).toBe("page 2");
  expect((await book.text(3)).runs[0]?.text).toBe("page 3");
  book.close();
});
