/* Ends of segments settle on what is near: ends of others, the playhead, the beginning and the end. */

import type { Range, Segment } from "./types";

/** So near, in pixels, a moment takes an end over. */
export const SNAP_PX = 8;

/** The moments that ends settle on, without those of segments that are moved. */
export function momentsOf(
  segments: Iterable<Segment>,
  without: ReadonlySet<string>,
  more: readonly number[],
): number[] {
  const moments = [...more];
  for (const { id, start, end } of segments) if (!without.has(id)) moments.push(start, end);
  return moments;
}

/** The nearest of the moments, if it is near enough. */
export function nearest(time: number, moments: readonly number[], reach: number): number | null {
  let best: number | null = null;
  for (const moment of moments) {
    const away = Math.abs(moment - time);
    if (away <= reach && (best === null || away < Math.abs(best - time))) best = moment;
  }
  return best;
}

/** How far a range must go so that one of its ends settles; 0 where nothing is near. */
export function settling(range: Range, moments: readonly number[], reach: number): number {
  const start = nearest(range.start, moments, reach);
  const end = nearest(range.end, moments, reach);
  const byStart = start === null ? null : start - range.start;
  const byEnd = end === null ? null : end - range.end;
  if (byStart === null) return byEnd ?? 0;
  if (byEnd === null) return byStart;
  return Math.abs(byStart) <= Math.abs(byEnd) ? byStart : byEnd;
}
