/* From points to pixels: the mask of an area within rings. */

import type { Point } from "../../core/types";
import type { Size } from "../canvas/geometry";
import { BLANK, type Columns } from "./columns";

/** The pixels whose middles lie inside an odd number of these rings: a ring inside another cuts a hole. */
export function areaMask(rings: readonly (readonly Point[])[], { width, height }: Size): Columns {
  const crossings: number[][] = Array.from({ length: width }, () => []);
  for (const ring of rings) {
    ring.forEach(([ax, ay], at) => {
      const [bx, by] = ring[(at + 1) % ring.length] as Point;
      // A side counts for the middles from its left end on, its right end left out: none is counted twice.
      const first = Math.max(0, Math.ceil(Math.min(ax, bx) - 0.5));
      const end = Math.min(width, Math.ceil(Math.max(ax, bx) - 0.5));
      for (let x = first; x < end; x++) {
        (crossings[x] as number[]).push(ay + ((x + 0.5 - ax) / (bx - ax)) * (by - ay));
      }
    });
  }
  const columns = crossings.map((ys) => {
    if (ys.length === 0) return BLANK;
    ys.sort((a, b) => a - b);
    const rows: number[] = [];
    for (let at = 0; at + 1 < ys.length; at += 2) {
      const from = Math.max(0, Math.ceil((ys[at] as number) - 0.5));
      const to = Math.min(height, Math.ceil((ys[at + 1] as number) - 0.5));
      if (from >= to) continue;
      if (rows[rows.length - 1] === from) rows[rows.length - 1] = to;
      else rows.push(from, to);
    }
    return rows.length === 0 ? BLANK : rows;
  });
  return { width, height, columns };
}
