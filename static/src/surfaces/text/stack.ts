/* Lanes for the lines under spans that overlap: a span that lies in another one has its line above that one's.

   The lanes follow from the spans alone, so that they are the same on every screen and after every reload. */

import type { Piece } from "./offsets";

export interface Stacked extends Piece {
  id: string;
  /** Up to where its label needs room, if that is beyond its end. */
  reach: number;
}

/** The lane of each span, from 0; spans that meet have different ones. */
export function lanesOf(spans: readonly Stacked[]): Map<string, number> {
  const order = [...spans].sort(
    (a, b) => a.end - a.start - (b.end - b.start) || a.start - b.start || (a.id < b.id ? -1 : 1),
  );
  const lanes: Stacked[][] = [];
  const found = new Map<string, number>();
  for (const span of order) {
    let lane = lanes.findIndex((others) => !others.some((other) => meets(span, other)));
    if (lane < 0) lane = lanes.push([]) - 1;
    (lanes[lane] as Stacked[]).push(span);
    found.set(span.id, lane);
  }
  return found;
}

/** Whether two spans, or their labels, would stand in each other's place. */
export function meets(a: Stacked, b: Stacked): boolean {
  return a.start < Math.max(b.end, b.reach) && b.start < Math.max(a.end, a.reach);
}

/** How wide a label is, in widths of a wide sign of its own size. */
export function widthOf(text: string): number {
  let width = 0;
  for (const sign of text)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/.test(sign)
        ? 1
        : 0.56;
  return width;
}
