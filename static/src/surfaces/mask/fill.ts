/* Fill: the pixels of one kind that hang together with a given one, by their sides. */

import type { Point } from "../../core/types";
import {
  BLANK,
  blank,
  type Column,
  type Columns,
  covers,
  inverted,
  merge,
  pairAt,
} from "./columns";

/** The mask with the gap around a point filled; on the mask itself, without the piece there. */
export function filled(mask: Columns, at: Point): Columns {
  return covers(mask, at)
    ? merge(mask, piece(mask, at), "cut")
    : merge(mask, piece(inverted(mask), at), "join");
}

/** The part of a mask that hangs together with the pixel under a point; blank where the mask does not hold it. */
export function piece(mask: Columns, [px, py]: Point): Columns {
  const found = new Map<number, Set<number>>();
  const x = Math.floor(px);
  const start = pairAt(mask.columns[x] ?? BLANK, Math.floor(py));
  if (start < 0) return blank(mask);
  const open: [number, number][] = [];
  const reach = (column: number, pair: number) => {
    const pairs = found.get(column) ?? new Set<number>();
    found.set(column, pairs);
    if (pairs.has(pair)) return;
    pairs.add(pair);
    open.push([column, pair]);
  };
  reach(x, start);
  for (let next = open.pop(); next; next = open.pop()) {
    const [column, pair] = next;
    const rows = mask.columns[column] as Column;
    const [top, bottom] = [rows[pair] as number, rows[pair + 1] as number];
    for (const side of [column - 1, column + 1]) {
      const beside = mask.columns[side] ?? BLANK;
      for (let at = firstBelow(beside, top); at < beside.length; at += 2) {
        if ((beside[at] as number) >= bottom) break;
        reach(side, at);
      }
    }
  }
  const columns = mask.columns.map((rows, column) => {
    const pairs = found.get(column);
    if (!pairs) return BLANK;
    return [...pairs]
      .sort((a, b) => a - b)
      .flatMap((pair) => [rows[pair] as number, rows[pair + 1] as number]);
  });
  return { ...mask, columns };
}

/** The index of the first pair of rows that ends below a row. */
function firstBelow(rows: Column, y: number): number {
  let low = 0;
  let high = rows.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[2 * middle + 1] as number) <= y) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}
