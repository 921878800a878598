/* Pictures that come in tiles: very large ones, and greys of 16 bits (datasets/services/tiles.py). The smallest level
   is there from the start; of the others what is in view is fetched, and what was not looked at for long is let go. */

import { BusyServer, follow, MediaFailure } from "./fetching";
import type { Level, Place } from "./pyramid";
import { Samples } from "./samples";
import type { Media } from "./types";

interface Manifest {
  width: number;
  height: number;
  kind: string;
  tile: number;
  levels: [number, number][];
  low?: number;
  high?: number;
}

/** Bitmaps of tiles that are kept, in pixels: what a large screen shows, with its surroundings, twice. */
const KEPT_PIXELS = 40_000_000;
const AT_ONCE = 4;
/** A tile that could not be had is asked for again after so long, if it is still in view. */
const AGAIN_MS = 5_000;
const BUSY_MS = 600;

interface Kept {
  bitmap: ImageBitmap;
  used: number;
}

export class Tiles {
  /** Told whenever a tile has come. */
  onChange: (() => void) | null = null;
  readonly levels: readonly Level[];
  readonly side: number;
  /** Of greys of 16 bits: which values are shown black and white, and how to show others. */
  readonly samples: Samples | null;
  private readonly kept = new Map<string, Kept>();
  private readonly running = new Map<string, AbortController>();
  private readonly resting = new Map<string, number>();
  private wishes: readonly Place[] = [];
  private clock = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private first: ImageBitmap | null = null;

  private constructor(
    private readonly media: Media,
    private link: string,
    manifest: Manifest,
  ) {
    this.levels = manifest.levels.map(([width, height]) => ({ width, height }));
    this.side = manifest.tile;
    const { low, high } = manifest;
    this.samples =
      low === undefined || high === undefined
        ? null
        : new Samples({ low, high }, (key, bitmap) => this.arrived(key, bitmap));
  }

  /** What there is of the picture, with its smallest level. Rejects with MediaFailure. */
  static async open(media: Media): Promise<Tiles> {
    const response = await follow(`${media.url}?size=tiles`);
    const tiles = new Tiles(media, response.url, (await response.json()) as Manifest);
    try {
      const smallest = { level: 0, column: 0, row: 0 };
      const bitmap = await tiles.load(smallest, new AbortController().signal, true);
      tiles.arrived(FIRST, bitmap);
    } catch (error) {
      tiles.close();
      throw error;
    }
    return tiles;
  }

  get size(): Level {
    return this.levels.at(-1) as Level;
  }

  /** The smallest level. */
  get overview(): ImageBitmap {
    return this.first as ImageBitmap;
  }

  /** A tile if it is there. */
  get({ level, column, row }: Place): ImageBitmap | null {
    if (level === 0) return this.first;
    const found = this.kept.get(`${level}/${column}/${row}`);
    if (!found) return null;
    found.used = ++this.clock;
    return found.bitmap;
  }

  /** Have these, the first ones first; what was wished for before and is not any more is given up. */
  want(places: readonly Place[]): void {
    this.wishes = places;
    const names = new Set(places.map(nameOf));
    for (const [name, controller] of this.running) if (!names.has(name)) controller.abort();
    this.pump();
  }

  /** Nobody looks at it now: only the smallest level is kept. */
  rest(): void {
    this.want([]);
    this.onChange = null;
    for (const [name, { bitmap }] of this.kept) {
      bitmap.close();
      this.samples?.forget(name);
    }
    this.kept.clear();
  }

  close(): void {
    this.closed = true;
    this.rest();
    clearTimeout(this.timer);
    this.samples?.close();
    this.first?.close();
  }

  private pump(): void {
    if (this.closed) return;
    const now = performance.now();
    let soonest = Infinity;
    for (const place of this.wishes) {
      if (this.running.size >= AT_ONCE) return;
      const name = nameOf(place);
      if (place.level === 0 || this.kept.has(name) || this.running.has(name)) continue;
      const until = this.resting.get(name) ?? 0;
      if (until > now) soonest = Math.min(soonest, until);
      else void this.fetch(place, name);
    }
    if (soonest === Infinity) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), soonest - now);
  }

  private async fetch(place: Place, name: string): Promise<void> {
    const controller = new AbortController();
    this.running.set(name, controller);
    try {
      const bitmap = await this.load(place, controller.signal, false);
      this.resting.delete(name);
      if (this.closed || controller.signal.aborted) {
        bitmap.close();
        this.samples?.forget(name);
      } else this.arrived(name, bitmap);
    } catch (error) {
      const wait = error instanceof BusyServer ? BUSY_MS : AGAIN_MS;
      if (!controller.signal.aborted) this.resting.set(name, performance.now() + wait);
    } finally {
      this.running.delete(name);
    }
    this.pump();
  }

  private async load(place: Place, wanted: AbortSignal, patient: boolean): Promise<ImageBitmap> {
    const response = await this.ask(place, wanted, patient);
    const { samples } = this;
    if (samples) {
      const { width, height } = this.sizeOf(place);
      return samples.load(nameOf(place), await response.arrayBuffer(), width, height);
    }
    try {
      return await createImageBitmap(await response.blob());
    } catch (error) {
      throw error instanceof DOMException && error.name === "AbortError"
        ? error
        : new MediaFailure("undecodable");
    }
  }

  private async ask(place: Place, signal: AbortSignal, patient: boolean): Promise<Response> {
    const options = { signal, patient };
    const link = this.link;
    try {
      return await follow(`${link}/${nameOf(place)}`, options);
    } catch (error) {
      if (!(error instanceof MediaFailure) || error.status !== 410) throw error;
      // The link has ended: a new one for the same tiles.
      if (this.link === link) this.link = (await follow(`${this.media.url}?size=tiles`)).url;
      return follow(`${this.link}/${nameOf(place)}`, options);
    }
  }

  private sizeOf({ level, column, row }: Place): Level {
    const { width, height } = this.levels[level] as Level;
    if (level === 0) return { width, height };
    return {
      width: Math.min(this.side, width - column * this.side),
      height: Math.min(this.side, height - row * this.side),
    };
  }

  /** A tile is there, or there as other greys. */
  private arrived(name: string, bitmap: ImageBitmap): void {
    if (this.closed) {
      bitmap.close();
      return;
    }
    if (name === FIRST) {
      this.first?.close();
      this.first = bitmap;
    } else {
      this.kept.get(name)?.bitmap.close();
      this.kept.set(name, { bitmap, used: ++this.clock });
      this.trim();
    }
    this.onChange?.();
  }

  private trim(): void {
    let pixels = 0;
    for (const { bitmap } of this.kept.values()) pixels += bitmap.width * bitmap.height;
    const oldest = [...this.kept].sort(([, a], [, b]) => a.used - b.used);
    const wished = new Set(this.wishes.map(nameOf));
    for (const [name, { bitmap }] of oldest) {
      if (pixels <= KEPT_PIXELS) return;
      if (wished.has(name)) continue;
      pixels -= bitmap.width * bitmap.height;
      bitmap.close();
      this.kept.delete(name);
      this.samples?.forget(name);
    }
  }
}

const FIRST = "0/0/0";

function nameOf({ level, column, row }: Place): string {
  return `${level}/${column}/${row}`;
}
