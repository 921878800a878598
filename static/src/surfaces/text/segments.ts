/* Spans that overlap, as pieces that do not: each piece with the spans that cover it. */

import type { Piece } from "./offsets";

export interface Segment<S extends Piece> extends Piece {
  /** In the order in which they were given. */
  spans: readonly S[];
}

/** The pieces of a stretch of text; together they are the stretch. */
export function segmentsOf<S extends Piece>(stretch: Piece, spans: readonly S[]): Segment<S>[] {
  const inside = spans.filter((span) => span.start < stretch.end && span.end > stretch.start);
  const cuts = new Set([stretch.start, stretch.end]);
  for (const { start, end } of inside) {
    cuts.add(Math.max(start, stretch.start));
    cuts.add(Math.min(end, stretch.end));
  }
  const places = [...cuts].sort((a, b) => a - b);
  return places.slice(1).map((end, at) => {
    const start = places[at] as number;
    return { start, end, spans: inside.filter((span) => span.start <= start && span.end >= end) };
  });
}
