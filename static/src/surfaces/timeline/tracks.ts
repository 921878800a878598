/* Where everything stands, from top to bottom: the ruler, the strips, the tracks with their segments in rows. */

import type { Range, Rect, Segment, Strip } from "./types";

export interface Lane {
  kind: "ruler" | "strip" | "track";
  /** Which strip, or which track. */
  at: number;
  top: number;
  height: number;
  /** Of a track: where its rows begin, below its name. */
  head: number;
}

export const RULER = 26;
const ROW_LEAST = 24;
const ROW_WANTED = 40;
const PAD = 4;
/** Room for the name of a track, above its segments. */
export const HEAD = 15;

/** In which row of its track each segment lies, so that none covers another; and how many rows each track has. */
export interface Rows {
  row: ReadonlyMap<string, number>;
  counts: readonly number[];
}

const byStart = (a: Segment, b: Segment) => a.start - b.start || b.end - a.end;

/** The first row that is free, in the order of time. */
export function rowsOf(segments: readonly Segment[], tracks: number): Rows {
  const row = new Map<string, number>();
  const ends: number[][] = Array.from({ length: tracks }, () => []);
  for (const segment of [...segments].sort(byStart)) {
    const free = ends[clampTrack(segment.track, tracks)] as number[];
    // Segments that touch do not overlap; an instant needs room beside its neighbours.
    let at = free.findIndex((end) => end <= segment.start);
    if (at < 0) at = free.length;
    free[at] = segment.end > segment.start ? segment.end : segment.end + 1e-9;
    row.set(segment.id, at);
  }
  return { row, counts: ends.map((one) => Math.max(1, one.length)) };
}

/** Rows of other answers, below those of the answer itself; and how many each track has of both. */
export function below(rows: Rows, others: readonly Segment[], tracks: number): Rows {
  const own = rowsOf(others, tracks);
  const row = new Map<string, number>();
  for (const { id, track } of others) {
    const above = rows.counts[clampTrack(track, tracks)] ?? 1;
    row.set(id, above + (own.row.get(id) ?? 0));
  }
  const some = new Set(others.map(({ track }) => clampTrack(track, tracks)));
  const counts = rows.counts.map((count, at) => count + (some.has(at) ? (own.counts[at] ?? 0) : 0));
  return { row, counts };
}

export function clampTrack(track: number, tracks: number): number {
  return Math.max(0, Math.min(tracks - 1, track));
}

/** Lanes that fill the height, or need more of it. */
export function lanesOf(
  strips: readonly Pick<Strip, "least" | "weight">[],
  counts: readonly number[],
  height: number,
  head = 0,
): { lanes: Lane[]; height: number } {
  const wanted = counts.map((rows) => rows * ROW_WANTED + 2 * PAD + head);
  const least = counts.map((rows) => rows * ROW_LEAST + 2 * PAD + head);
  const fixed = RULER + strips.reduce((sum, one) => sum + one.least, 0);
  const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  // Tracks are as high as they like to be while strips have their least; then strips take the rest.
  const room = height - fixed;
  const share = Math.max(
    0,
    Math.min(1, (room - sum(least)) / Math.max(1, sum(wanted) - sum(least))),
  );
  const heights = least.map((low, at) => Math.round(low + ((wanted[at] ?? low) - low) * share));
  const weights = sum(strips.map(({ weight }) => weight));
  const spare = Math.max(0, room - sum(heights));
  const lanes: Lane[] = [{ kind: "ruler", at: 0, top: 0, height: RULER, head: 0 }];
  let top = RULER;
  strips.forEach((strip, at) => {
    const own = Math.round(strip.least + (weights > 0 ? (spare * strip.weight) / weights : 0));
    lanes.push({ kind: "strip", at, top, height: own, head: 0 });
    top += own;
  });
  // Without strips nothing else is there to take it.
  const each = strips.length === 0 ? Math.floor(spare / Math.max(1, heights.length)) : 0;
  heights.forEach((own, at) => {
    lanes.push({ kind: "track", at, top, height: own + each, head });
    top += own + each;
  });
  return { lanes, height: Math.max(height, top) };
}

/** The lane at this height. */
export function laneAt(lanes: readonly Lane[], y: number): Lane | null {
  return lanes.find((lane) => y >= lane.top && y < lane.top + lane.height) ?? null;
}

/** Top and height of a row of a track. */
export function rowPlace(lane: Lane, row: number, count: number): Pick<Rect, "top" | "height"> {
  const height = (lane.height - lane.head - 2 * PAD) / count;
  return { top: lane.top + lane.head + PAD + row * height, height: Math.max(8, height - 2) };
}

export function overlaps(a: Range, b: Range): boolean {
  return a.start < b.end && b.start < a.end;
}
