/* Pictures, decoded off the main thread and kept for the items around the present one. */

import type { Media } from "./types";

export interface Picture {
  bitmap: ImageBitmap;
  /** Upright pixels of the original; the bitmap may hold fewer. */
  width: number;
  height: number;
}

export type MediaError = "unreachable" | "refused" | "undecodable" | "signin";

/** Above this many pixels a bitmap is made smaller: it is only looked at, coordinates stay the original's. */
const MOST_PIXELS = 48_000_000;
const KEPT_PIXELS = 96_000_000;

export class MediaFailure extends Error {
  constructor(readonly kind: MediaError) {
    super(kind);
  }
}

export class Pictures {
  private readonly ready = new Map<string, Picture>();
  private readonly loading = new Map<string, Promise<Picture>>();

  /** The picture if it is decoded already. */
  peek(url: string): Picture | null {
    const found = this.ready.get(url);
    if (!found) return null;
    this.ready.delete(url);
    this.ready.set(url, found);
    return found;
  }

  /** The picture, loaded at most once at a time. Rejects with MediaFailure. */
  get(media: Media): Promise<Picture> {
    const ready = this.peek(media.url);
    if (ready) return Promise.resolve(ready);
    const running = this.loading.get(media.url);
    if (running) return running;
    const started = load(media).finally(() => this.loading.delete(media.url));
    this.loading.set(media.url, started);
    return started.then((picture) => {
      this.keep(media.url, picture);
      return picture;
    });
  }

  private keep(url: string, picture: Picture): void {
    this.ready.set(url, picture);
    let total = 0;
    for (const [key, one] of [...this.ready].reverse()) {
      total += one.bitmap.width * one.bitmap.height;
      // Bitmaps are left to the garbage collector: a surface may still be drawing the one that goes.
      if (total > KEPT_PIXELS && key !== url) this.ready.delete(key);
    }
  }
}

async function load(media: Media): Promise<Picture> {
  let blob: Blob;
  try {
    blob = await whole(media.url);
  } catch (error) {
    throw error instanceof MediaFailure ? error : new MediaFailure("unreachable");
  }
  try {
    const options: ImageBitmapOptions = { imageOrientation: "from-image" };
    const pixels = (media.width ?? 0) * (media.height ?? 0);
    if (pixels > MOST_PIXELS && media.width) {
      options.resizeWidth = Math.round(media.width * Math.sqrt(MOST_PIXELS / pixels));
      options.resizeQuality = "high";
    }
    const bitmap = await createImageBitmap(blob, options);
    return {
      bitmap,
      width: media.width ?? bitmap.width,
      height: media.height ?? bitmap.height,
    };
  } catch {
    throw new MediaFailure("undecodable");
  }
}

const TRIES = 5;

/** A busy server says when to come again; that is heeded a few times before it counts as not reached. */
async function patiently(url: string, headers: HeadersInit): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, { credentials: "same-origin", headers });
    if (response.status !== 503 || attempt === TRIES) return response;
    const seconds = Number(response.headers.get("Retry-After")) || 1;
    await new Promise((resolve) => setTimeout(resolve, Math.min(5, seconds) * 1000));
  }
}

/** The whole file, also where the server answers with one part at a time. */
async function whole(url: string): Promise<Blob> {
  const parts: Blob[] = [];
  let start = 0;
  for (;;) {
    const headers: HeadersInit = start > 0 ? { Range: `bytes=${start}-` } : {};
    const response = await patiently(url, headers);
    if (!response.ok) {
      throw new MediaFailure(response.status >= 500 ? "unreachable" : "refused");
    }
    // The sign-in page, to which signed-out people are sent on.
    if (response.headers.get("Content-Type")?.startsWith("text/html")) {
      throw new MediaFailure("signin");
    }
    const part = await response.blob();
    parts.push(part);
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get("Content-Range") ?? "");
    if (response.status !== 206 || !range) break;
    start = Number(range[2]) + 1;
    if (start >= Number(range[3])) break;
  }
  return parts.length === 1 && parts[0] ? parts[0] : new Blob(parts);
}
