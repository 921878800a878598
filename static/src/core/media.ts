/* Pictures, decoded off the main thread and kept for the items around the present one. */

import { MediaFailure, whole } from "./fetching";
import { Tiles } from "./tiles";
import type { Media } from "./types";

export interface Picture {
  /** The picture as a whole; another one after greys were spread anew. */
  readonly bitmap: ImageBitmap;
  /** Upright pixels of the original; the bitmap may hold fewer. */
  readonly width: number;
  readonly height: number;
  /** Where the bitmap holds fewer: all of them. */
  readonly tiles?: Tiles;
}

export { MediaFailure };

/** Above this many pixels a bitmap is made smaller: it is only looked at, coordinates stay the original's. */
const MOST_PIXELS = 48_000_000;
const KEPT_PIXELS = 96_000_000;
/** What is let go may still be in somebody's hands for a moment. */
const CLOSE_MS = 2_000;

export class Pictures {
  private readonly ready = new Map<string, Picture>();
  private readonly held = new Map<string, number>();
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

  /** Keep a picture, however many others come, until the result is called. */
  hold(url: string): () => void {
    this.held.set(url, (this.held.get(url) ?? 0) + 1);
    return () => {
      const left = (this.held.get(url) ?? 1) - 1;
      if (left > 0) this.held.set(url, left);
      else {
        this.held.delete(url);
        this.ready.get(url)?.tiles?.rest();
      }
      this.trim();
    };
  }

  private keep(url: string, picture: Picture): void {
    this.ready.set(url, picture);
    this.trim(url);
  }

  /** Let the pictures go that were shown longest ago: their pixels are not left to the garbage collector. */
  private trim(except?: string): void {
    let total = 0;
    for (const [key, one] of [...this.ready].reverse()) {
      total += one.bitmap.width * one.bitmap.height;
      if (total <= KEPT_PIXELS || key === except || this.held.has(key)) continue;
      this.ready.delete(key);
      setTimeout(() => close(one), CLOSE_MS);
    }
  }
}

function close(picture: Picture): void {
  if (picture.tiles) picture.tiles.close();
  else picture.bitmap.close();
}

async function load(media: Media): Promise<Picture> {
  if (media.tiles) {
    try {
      return await tiled(media);
    } catch (error) {
      // No tiles can be made of it: it is shown as far as the browser can.
      if (!(error instanceof MediaFailure) || error.kind !== "refused") throw error;
    }
  }
  return plain(media);
}

async function tiled(media: Media): Promise<Picture> {
  const tiles = await Tiles.open(media);
  const { width, height } = tiles.size;
  return {
    get bitmap() {
      return tiles.overview;
    },
    width,
    height,
    tiles,
  };
}

async function plain(media: Media): Promise<Picture> {
  const blob = await whole(media.url);
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
