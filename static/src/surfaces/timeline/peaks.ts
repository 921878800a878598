/* Peaks of a recording in levels, each with a quarter of the former's pairs; chunks come as they are looked at. */

import type { Look, Rect, Strip } from "./types";
import { endOf, type TimeView, timeAt } from "./view";

export interface PeakLevel {
  /** Pairs per second. */
  rate: number;
  pairs: number;
}

export interface PeakInfo {
  channels: number;
  /** Pairs in a chunk. */
  chunk: number;
  /** The finest first. */
  levels: readonly PeakLevel[];
}

/** Loads a chunk: for each pair the lowest and the highest sample of each channel. */
export type LoadChunk = (level: number, chunk: number) => Promise<Int16Array>;

/** Chunks that are kept: 8192 pairs of two channels are 64 KiB. */
const KEPT = 160;

export class Peaks {
  private readonly chunks = new Map<string, Int16Array | "loading" | "failed">();

  constructor(
    readonly info: PeakInfo,
    private readonly load: LoadChunk,
    private readonly changed: () => void,
  ) {}

  /** The coarsest level that has a pair for each pixel, or the finest. */
  levelFor(scale: number): number {
    const { levels } = this.info;
    for (let at = levels.length - 1; at > 0; at--) {
      if ((levels[at] as PeakLevel).rate >= scale) return at;
    }
    return 0;
  }

  /** Ask for what is seen at this level, and for what will be seen next. */
  want(level: number, from: number, to: number): void {
    const { rate, pairs } = this.info.levels[level] as PeakLevel;
    const last = Math.ceil(pairs / this.info.chunk) - 1;
    const at = (time: number) => Math.floor((time * rate) / this.info.chunk);
    const end = Math.min(last, at(to));
    for (let chunk = Math.max(0, at(from)); chunk <= end; chunk++) this.fetch(level, chunk);
  }

  private fetch(level: number, chunk: number): void {
    const key = `${level}/${chunk}`;
    if (this.chunks.has(key)) return;
    this.chunks.set(key, "loading");
    this.load(level, chunk).then(
      (data) => {
        this.chunks.delete(key);
        this.chunks.set(key, data);
        this.trim();
        this.changed();
      },
      () => {
        // Coarser peaks stay in its place; it is asked for again when it is looked at again a while later.
        this.chunks.set(key, "failed");
        setTimeout(() => this.chunks.delete(key), 5_000);
      },
    );
  }

  private trim(): void {
    for (const [key, one] of this.chunks) {
      if (this.chunks.size <= KEPT) return;
      // The coarsest level is what everything falls back on.
      if (typeof one === "string" || key.startsWith(`${this.info.levels.length - 1}/`)) continue;
      this.chunks.delete(key);
    }
  }

  /** The lowest and the highest sample between two times, of one channel; null where they are not known yet. */
  between(level: number, channel: number, from: number, to: number): [number, number] | null {
    const { levels, chunk, channels } = this.info;
    for (let at = level; at < levels.length; at++) {
      const { rate, pairs } = levels[at] as PeakLevel;
      const first = Math.min(pairs - 1, Math.max(0, Math.floor(from * rate)));
      const last = Math.min(pairs - 1, Math.max(first, Math.ceil(to * rate) - 1));
      let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      let known = true;
      for (let pair = first; pair <= last; pair++) {
        const data = this.chunks.get(`${at}/${Math.floor(pair / chunk)}`);
        if (!data || typeof data === "string") {
          known = false;
          break;
        }
        const place = ((pair % chunk) * channels + channel) * 2;
        low = Math.min(low, data[place] ?? 0);
        high = Math.max(high, data[place + 1] ?? 0);
      }
      if (known && low <= high) return [low, high];
    }
    return null;
  }
}

const FULL = 32_768;

/** The waveform, a line for each channel. */
export function waveStrip(peaks: () => Peaks | null, gain: () => number): Strip {
  return {
    name: "wave",
    least: 72,
    weight: 1,
    paint(context, area, view, look) {
      const found = peaks();
      if (!found) {
        silence(context, area, look, 1);
        return;
      }
      paintWave(context, area, view, look, found, gain());
    },
  };
}

function silence(
  context: CanvasRenderingContext2D,
  area: Rect,
  look: Look,
  channels: number,
): void {
  context.fillStyle = look.line;
  for (let channel = 0; channel < channels; channel++) {
    const middle = area.top + (area.height / channels) * (channel + 0.5);
    context.fillRect(area.left, Math.round(middle), area.width, 1);
  }
}

function paintWave(
  context: CanvasRenderingContext2D,
  area: Rect,
  view: TimeView,
  look: Look,
  peaks: Peaks,
  gain: number,
): void {
  const { channels } = peaks.info;
  const level = peaks.levelFor(view.scale);
  const seen = view.width / view.scale;
  peaks.want(peaks.info.levels.length - 1, 0, Number.POSITIVE_INFINITY);
  peaks.want(level, view.start - seen * 0.25, endOf(view) + seen * 0.5);
  silence(context, area, look, channels);
  context.fillStyle = look.accent;
  const height = area.height / channels;
  for (let channel = 0; channel < channels; channel++) {
    const middle = area.top + height * (channel + 0.5);
    const unit = (height / 2 - 2) * gain;
    for (let x = 0; x < area.width; x++) {
      const pair = peaks.between(level, channel, timeAt(view, x), timeAt(view, x + 1));
      if (!pair) continue;
      const high = Math.min(1, (pair[1] / FULL) * gain) * (unit / gain);
      const low = Math.max(-1, (pair[0] / FULL) * gain) * (unit / gain);
      context.fillRect(area.left + x, middle - high, 1, Math.max(1, high - low));
    }
  }
}
