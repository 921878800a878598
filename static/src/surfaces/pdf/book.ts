/* One open PDF: its pages as bitmaps and as text, made one at a time and kept within bounds. */

import type * as PdfJs from "pdfjs-dist/legacy/build/pdf.mjs";
import { MediaFailure } from "../../core/media";
import type { Media } from "../../core/types";
import type { Size } from "../canvas/geometry";
import { Kept } from "./kept";
import { assets, pdfjs } from "./pdfjs";
import { GivenUp, Queue } from "./queue";
import { pageCount, pageSize } from "./sizes";
import { openSource } from "./source";
import type { Run } from "./text";

/** The most pixels of one page's bitmap, and of all that are kept. */
export const PAGE_PIXELS = 8_000_000;
const KEPT_PIXELS = 12_000_000;
const THUMB_PIXELS = 4_000_000;
const THUMB_SIDE = 160;
/** Texts of pages that are kept. */
const TEXTS = 8;
/** Pages after which pdf.js is told to drop what it keeps of them all. */
const CLEAN_EVERY = 25;
/** Small pictures and the next pages wait while pages are turned faster than this. */
const QUIET_MS = 300;
/** Parts of the file that pdf.js asks for at a time. */
const CHUNK = 256 * 1024;

/** How much a page is wanted: what is looked at, its text, what is likely to be looked at next, small pictures. */
export const Rank = { Page: 0, Text: 1, Sharp: 2, Next: 3, Thumb: 4 } as const;

export interface PageText {
  runs: Run[];
  content: Awaited<ReturnType<PdfJs.PDFPageProxy["getTextContent"]>>;
  viewport: PdfJs.PageViewport;
}

export class Book {
  readonly count: number;
  private readonly queue = new Queue(Rank.Next, QUIET_MS);
  private readonly pages = new Kept(KEPT_PIXELS);
  private readonly thumbs = new Kept(THUMB_PIXELS);
  private readonly texts = new Map<number, PageText>();
  private readonly control = new AbortController();
  private readonly opening: Promise<PdfJs.PDFDocumentProxy>;
  private task: PdfJs.PDFDocumentLoadingTask | null = null;
  /** Ends what waits for parts of the file that cannot be had; pdf.js would wait for ever. */
  private lack = deferred();
  /** What asks for those parts again. */
  private lacking: (() => void)[] = [];
  private rendered = 0;

  constructor(private readonly media: Media) {
    this.count = pageCount(media);
    this.opening = this.open();
    // Whoever waits for a page is told.
    this.opening.catch(() => undefined);
  }

  /** Rejects with MediaFailure where the file cannot be shown. */
  get opened(): Promise<unknown> {
    return this.opening;
  }

  size(page: number): Size {
    return pageSize(this.media, page) ?? { width: 1, height: 1 };
  }

  /** The scale at which a page may be drawn where `wanted` pixels a point are asked for. */
  scaleFor(page: number, wanted: number): number {
    const { width, height } = this.size(page);
    return Math.min(wanted, Math.sqrt(PAGE_PIXELS / (width * height)));
  }

  /** The page's bitmap if it is there at this scale. */
  peek(page: number, scale: number): ImageBitmap | null {
    return this.pages.get(named(page, scale));
  }

  /** The page at a scale. Rejects with GivenUp or MediaFailure. */
  render(page: number, scale: number, rank: number): Promise<ImageBitmap> {
    const key = named(page, scale);
    const kept = this.pages.get(key);
    if (kept) return Promise.resolve(kept);
    return this.queue.add({
      key,
      rank,
      run: async (signal) => {
        const bitmap = await this.draw(page, scale, signal);
        this.pages.put(key, bitmap);
        return bitmap;
      },
    });
  }

  /** The bitmap that is on the screen is not thrown away. */
  hold(page: number, scale: number): void {
    this.pages.held = named(page, scale);
  }

  /** Show a small picture of the page as soon as there is one, unless it is not wanted any more before that. */
  thumb(page: number, show: (bitmap: ImageBitmap) => void): () => void {
    const key = `thumb ${page}`;
    const kept = this.thumbs.get(key);
    if (kept) {
      show(kept);
      return () => undefined;
    }
    const { width, height } = this.size(page);
    const run = async (signal: AbortSignal) => {
      const bitmap = await this.draw(page, THUMB_SIDE / Math.max(width, height), signal);
      this.thumbs.put(key, bitmap);
      return bitmap;
    };
    // A page that cannot be drawn is said so where it is looked at.
    this.queue.add({ key, rank: Rank.Thumb, run }).then(show, () => undefined);
    return () => this.queue.drop((piece) => piece.key === key);
  }

  /** Another page is looked at: nothing large is wanted any more that was. */
  leave(): void {
    this.queue.rest();
    this.queue.drop(({ rank }) => rank !== Rank.Thumb);
  }

  peekText(page: number): PageText | null {
    return this.texts.get(page) ?? null;
  }

  /** The text of the page and where it is. */
  text(page: number): Promise<PageText> {
    const known = this.texts.get(page);
    if (known) return Promise.resolve(known);
    return this.queue.add({
      key: `text ${page}`,
      rank: Rank.Text,
      run: async () => {
        const text = await this.readText(page);
        this.texts.set(page, text);
        for (const old of this.texts.keys()) {
          if (this.texts.size <= TEXTS) break;
          this.texts.delete(old);
        }
        return text;
      },
    });
  }

  close(): void {
    this.control.abort();
    this.queue.close();
    this.pages.clear();
    this.thumbs.clear();
    this.texts.clear();
    void this.task?.destroy();
  }

  private async open(): Promise<PdfJs.PDFDocumentProxy> {
    const [{ library, worker }, source] = await Promise.all([
      pdfjs().catch(() => {
        throw new MediaFailure("unreachable");
      }),
      openSource(this.media.url, this.control.signal),
    ]);
    if (this.control.signal.aborted) throw new GivenUp();
    const options = { ...assets(), worker, verbosity: library.VerbosityLevel.ERRORS };
    const whole = source.first.length >= source.length;
    if (whole) this.task = library.getDocument({ ...options, data: source.first });
    else {
      const range = new library.PDFDataRangeTransport(source.length, source.first);
      range.requestDataRange = (begin: number, end: number) => {
        source.read(begin, end).then(
          (part) => range.onDataRange(begin, part),
          (error: unknown) => {
            this.lacking.push(() => range.requestDataRange(begin, end));
            const { reject } = this.lack;
            this.lack = deferred();
            reject(error);
          },
        );
      };
      this.task = library.getDocument({
        ...options,
        range,
        rangeChunkSize: CHUNK,
        disableAutoFetch: true,
        disableStream: true,
      });
    }
    return this.fed(this.task.promise).catch(asFailure);
  }

  /** What needs more of the file: parts that could not be had before are asked for again, once. */
  private fed<T>(work: Promise<T>): Promise<T> {
    for (const again of this.lacking.splice(0)) again();
    return Promise.race([work, this.lack.promise]);
  }

  private async draw(page: number, scale: number, signal: AbortSignal): Promise<ImageBitmap> {
    const document = await this.opening;
    const found = await this.fed(document.getPage(page));
    const { width, height } = this.size(page);
    const plain = found.getViewport({ scale: 1 });
    // The server's size is the truth; a file that names a unit of its own differs from it.
    const viewport = found.getViewport({ scale: (scale * width) / plain.width });
    const canvas = window.document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const task = found.render({ canvas, viewport, background: "#ffffff" });
    const stop = () => task.cancel();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    try {
      await this.fed(task.promise);
      return await createImageBitmap(canvas);
    } catch (error) {
      task.cancel();
      throw signal.aborted ? new GivenUp() : asError(error);
    } finally {
      signal.removeEventListener("abort", stop);
      canvas.width = 0;
      found.cleanup();
      this.rendered += 1;
      if (this.rendered % CLEAN_EVERY === 0) void document.cleanup().catch(() => undefined);
    }
  }

  private async readText(page: number): Promise<PageText> {
    const document = await this.opening;
    const found = await this.fed(document.getPage(page));
    const { width } = this.size(page);
    const viewport = found.getViewport({ scale: width / found.getViewport({ scale: 1 }).width });
    const content = await this.fed(found.getTextContent());
    const runs: Run[] = [];
    const { library } = await pdfjs();
    for (const item of content.items) {
      if (!("str" in item) || item.str === "") continue;
      const [a, b, c, d, x, y] = library.Util.transform(viewport.transform, item.transform);
      const length = Math.hypot(a, b) || 1;
      const scale = viewport.scale;
      runs.push({
        text: item.str,
        at: [x, y],
        along: [a / length, b / length],
        width: item.width * scale,
        height: Math.hypot(c, d) || item.height * scale,
      });
    }
    return { runs, content, viewport };
  }
}

function deferred(): { promise: Promise<never>; reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, no) => {
    reject = no;
  });
  // Whoever waits for it is told.
  promise.catch(() => undefined);
  return { promise, reject };
}

function named(page: number, scale: number): string {
  return `${page} ${scale.toFixed(3)}`;
}

function asFailure(error: unknown): never {
  throw asError(error);
}

function asError(error: unknown): unknown {
  if (error instanceof MediaFailure || error instanceof GivenUp) return error;
  return new MediaFailure("undecodable");
}
