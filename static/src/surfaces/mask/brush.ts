/* The brush: a disc drawn along a line, laid on a mask or taken from it. */

import type { Point } from "../../core/types";
import { type Box, clamp } from "../canvas/geometry";
import { BLANK, type Column, type Columns, combine } from "./columns";

/** Brush sizes in pixels of the picture across; the keys go from one to the next. */
export const LEAST_SIZE = 1;
export const MOST_SIZE = 2000;

/** The next larger or smaller brush: a tenth more or less, at least a pixel. */
export function nextSize(size: number, by: 1 | -1): number {
  const step = Math.max(1, Math.round(size * (by > 0 ? 0.12 : 0.11)));
  return clamp(size + by * step, LEAST_SIZE, MOST_SIZE);
}

/** The mask after the brush went from one point to another; the very same where it changed nothing. */
export function stroke(
  mask: Columns,
  from: Point,
  to: Point,
  size: number,
  erase: boolean,
): Columns {
  const radius = size / 2;
  const first = Math.max(0, Math.floor(Math.min(from[0], to[0]) - radius));
  const last = Math.min(mask.width - 1, Math.floor(Math.max(from[0], to[0]) + radius));
  let columns: Column[] | null = null;
  for (let x = first; x <= last; x++) {
    const rows = trail(x, from, to, radius, mask.height);
    if (rows.length === 0) continue;
    const old = mask.columns[x] ?? BLANK;
    const next = combine(old, rows, erase ? "cut" : "join");
    if (next === old) continue;
    columns ??= [...mask.columns];
    columns[x] = next;
  }
  return columns ? { ...mask, columns } : mask;
}

/** What the brush may have touched on its way. */
export function touched(from: Point, to: Point, size: number): Box {
  const reach = size / 2 + 1;
  return {
    minX: Math.min(from[0], to[0]) - reach,
    minY: Math.min(from[1], to[1]) - reach,
    maxX: Math.max(from[0], to[0]) + reach,
    maxY: Math.max(from[1], to[1]) + reach,
  };
}

/**
 * The rows of one column whose pixels' middles the brush passed over, and the pixel under each end: a brush smaller
 * than a pixel draws too. A disc drawn along a line is convex, so they are one run.
 */
function trail(x: number, from: Point, to: Point, radius: number, height: number): Column {
  const middle = x + 0.5;
  let [top, bottom] = [Infinity, -Infinity];
  const meet = (a: number, b: number) => {
    top = Math.min(top, a);
    bottom = Math.max(bottom, b);
  };
  for (const [px, py] of [from, to]) {
    const reach = radius ** 2 - (middle - px) ** 2;
    if (reach >= 0) meet(py - Math.sqrt(reach), py + Math.sqrt(reach));
  }
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  if (length > 0) {
    const [nx, ny] = [(-dy / length) * radius, (dx / length) * radius];
    const corners: Point[] = [
      [from[0] + nx, from[1] + ny],
      [to[0] + nx, to[1] + ny],
      [to[0] - nx, to[1] - ny],
      [from[0] - nx, from[1] - ny],
    ];
    corners.forEach(([ax, ay], at) => {
      const [bx, by] = corners[(at + 1) % 4] as Point;
      if (ax === bx || middle < Math.min(ax, bx) || middle > Math.max(ax, bx)) return;
      const y = ay + ((middle - ax) / (bx - ax)) * (by - ay);
      meet(y, y);
    });
  }
  let first = Math.ceil(top - 0.5);
  let end = Math.floor(bottom - 0.5) + 1;
  for (const [px, py] of [from, to]) {
    if (Math.floor(px) !== x) continue;
    const row = Math.floor(py);
    [first, end] = first < end ? [Math.min(first, row), Math.max(end, row + 1)] : [row, row + 1];
  }
  first = Math.max(first, 0);
  end = Math.min(end, height);
  return first < end ? [first, end] : BLANK;
}
