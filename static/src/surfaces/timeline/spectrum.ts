/* How loud each frequency is, along the time: grey pictures of the server's, in colours of ours. */

import type { Look, Rect, Strip } from "./types";
import { endOf, type TimeView, xOf } from "./view";

export interface SpectrumInfo {
  rows: number;
  /** The frequency at the upper side, in Hz; at the lower it is 0. */
  maxFrequency: number;
  /** Columns in a chunk. */
  chunk: number;
  /** The finest first; columns per second. */
  levels: readonly { rate: number; columns: number }[];
}

export type Tile = HTMLCanvasElement | OffscreenCanvas;
export type LoadTile = (level: number, chunk: number) => Promise<Tile>;

const KEPT = 48;
/** From silence to the loudest: as seen on paper and by people who see colours differently. */
const STOPS: readonly (readonly [number, number, number])[] = [
  [4, 4, 18],
  [40, 17, 89],
  [114, 31, 129],
  [183, 55, 121],
  [241, 96, 93],
  [254, 176, 120],
  [252, 253, 191],
];

/** The colour of a grey value. */
export function colorAt(value: number): readonly [number, number, number] {
  const place = (Math.max(0, Math.min(255, value)) / 255) * (STOPS.length - 1);
  const at = Math.min(STOPS.length - 2, Math.floor(place));
  const part = place - at;
  const [from, to] = [STOPS[at], STOPS[at + 1]];
  const mix = (n: 0 | 1 | 2) => Math.round((from?.[n] ?? 0) * (1 - part) + (to?.[n] ?? 0) * part);
  return [mix(0), mix(1), mix(2)];
}

/** Grey pixels in colours. */
export function colored(pixels: Uint8ClampedArray): void {
  const colors = Array.from({ length: 256 }, (_, value) => colorAt(value));
  for (let at = 0; at < pixels.length; at += 4) {
    const [red, green, blue] = colors[pixels[at] ?? 0] ?? [0, 0, 0];
    pixels[at] = red;
    pixels[at + 1] = green;
    pixels[at + 2] = blue;
  }
}

export class Spectrum {
  private readonly tiles = new Map<string, Tile | "loading" | "failed">();

  constructor(
    readonly info: SpectrumInfo,
    private readonly load: LoadTile,
    private readonly changed: () => void,
  ) {}

  /** The coarsest level that has a column for each pixel, or the finest. */
  levelFor(scale: number): number {
    for (let at = this.info.levels.length - 1; at > 0; at--) {
      if ((this.info.levels[at]?.rate ?? 0) >= scale) return at;
    }
    return 0;
  }

  /** Draw what is seen: coarse tiles first, finer ones above them as far as they are there. */
  paint(context: CanvasRenderingContext2D, area: Rect, view: TimeView): void {
    const { levels, chunk, rows } = this.info;
    const wanted = this.levelFor(view.scale);
    for (let level = levels.length - 1; level >= wanted; level--) {
      const { rate, columns } = levels[level] as { rate: number; columns: number };
      const first = Math.max(0, Math.floor((view.start * rate) / chunk));
      const last = Math.min(
        Math.ceil(columns / chunk) - 1,
        Math.floor((endOf(view) * rate) / chunk),
      );
      for (let at = first; at <= last; at++) {
        const tile = this.tiles.get(`${level}/${at}`);
        if (!tile || typeof tile === "string") {
          if (level === wanted || level === levels.length - 1) this.fetch(level, at);
          continue;
        }
        // A column stands in the middle of its time.
        const left = xOf(view, (at * chunk - 0.5) / rate);
        const width = (tile.width / rate) * view.scale;
        context.drawImage(tile, 0, 0, tile.width, rows, left, area.top, width, area.height);
      }
    }
  }

  private fetch(level: number, chunk: number): void {
    const key = `${level}/${chunk}`;
    if (this.tiles.has(key)) return;
    this.tiles.set(key, "loading");
    this.load(level, chunk).then(
      (tile) => {
        this.tiles.delete(key);
        this.tiles.set(key, tile);
        for (const [old, one] of this.tiles) {
          if (this.tiles.size <= KEPT) break;
          if (typeof one !== "string") this.tiles.delete(old);
        }
        this.changed();
      },
      () => {
        this.tiles.set(key, "failed");
        setTimeout(() => this.tiles.delete(key), 5_000);
      },
    );
  }
}

/** Frequencies that are named at the side. */
export function namedFrequencies(most: number, height: number): number[] {
  const room = 22;
  const steps = [100, 200, 500, 1000, 2000, 4000, 5000, 8000, 10_000, 20_000];
  const step = steps.find((one) => (one / most) * height >= room) ?? most;
  const named: number[] = [];
  for (let at = step; at < most * 0.98; at += step) named.push(at);
  return named;
}

export function spectrumStrip(spectrum: () => Spectrum | null): Strip {
  return {
    name: "spectrum",
    least: 80,
    weight: 1,
    paint(context, area, view, look) {
      const [red, green, blue] = colorAt(0);
      context.fillStyle = `rgb(${red} ${green} ${blue})`;
      context.fillRect(area.left, area.top, area.width, area.height);
      const found = spectrum();
      if (!found) return;
      found.paint(context, area, view);
      axis(context, area, look, found.info.maxFrequency);
    },
  };
}

function axis(context: CanvasRenderingContext2D, area: Rect, look: Look, most: number): void {
  context.font = `11px ${look.font}`;
  context.textBaseline = "middle";
  for (const frequency of namedFrequencies(most, area.height)) {
    const y = area.top + area.height * (1 - frequency / most);
    const text = frequency >= 1000 ? `${frequency / 1000} kHz` : `${frequency} Hz`;
    const { width } = context.measureText(text);
    context.fillStyle = "rgb(0 0 0 / 62%)";
    context.fillRect(area.left, y - 7, width + 10, 14);
    context.fillStyle = "#fff";
    context.fillText(text, area.left + 7, y);
    context.fillRect(area.left, y, 4, 1);
  }
}
