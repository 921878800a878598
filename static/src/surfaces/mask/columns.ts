/* A mask in memory: per column of the picture the rows where it begins and ends, as COCO's run lengths have them.

   Nothing of it costs the picture's pixels: a stroke touches the columns under the brush, undo shares all others,
   and the text of the run lengths is made from the runs. Masks are never changed, only replaced. */

import type { Point } from "../../core/types";
import type { Box, Size } from "../canvas/geometry";
import { decodeRuns, encodeRuns } from "../canvas/rle";
import type { Rle } from "../canvas/shapes";

/** Rows in pairs: from the first of a pair to before the second the mask holds; sorted, no two pairs touch. */
export type Column = readonly number[];

export interface Columns {
  readonly width: number;
  readonly height: number;
  readonly columns: readonly Column[];
}

export const BLANK: Column = [];

export function blank({ width, height }: Size): Columns {
  return { width, height, columns: new Array<Column>(width).fill(BLANK) };
}

const decoded = new WeakMap<Rle, Columns>();

/** The mask of these run lengths; remembered for as long as they are. Throws RangeError for a text that is none. */
export function columnsOf(mask: Rle): Columns {
  let found = decoded.get(mask);
  if (!found) {
    found = fromRuns(decodeRuns(mask.counts), mask.size[1], mask.size[0]);
    decoded.set(mask, found);
  }
  return found;
}

/** The run lengths of a mask. */
export function rleOf(mask: Columns): Rle {
  const rle: Rle = { size: [mask.height, mask.width], counts: encodeRuns(runsOf(mask)) };
  decoded.set(rle, mask);
  return rle;
}

function fromRuns(runs: readonly number[], width: number, height: number): Columns {
  const columns: number[][] = Array.from({ length: width }, () => []);
  let at = 0;
  runs.forEach((run, index) => {
    const end = Math.min(at + run, width * height);
    if (index % 2 === 1 && end > at) {
      const last = Math.floor((end - 1) / height);
      for (let x = Math.floor(at / height); x <= last; x++) {
        const top = x * height;
        columns[x]?.push(Math.max(at - top, 0), Math.min(end - top, height));
      }
    }
    at += run;
  });
  return { width, height, columns: columns.map((rows) => (rows.length === 0 ? BLANK : rows)) };
}

function runsOf({ columns, height, width }: Columns): number[] {
  const turns: number[] = [];
  columns.forEach((rows, x) => {
    const top = x * height;
    // What reaches the foot of one column goes on at the head of the next.
    const joins = rows[0] === 0 && turns.length > 0 && turns[turns.length - 1] === top;
    if (joins) turns.pop();
    for (let at = joins ? 1 : 0; at < rows.length; at++) turns.push(top + (rows[at] as number));
  });
  const runs = turns.map((turn, at) => turn - (at > 0 ? (turns[at - 1] as number) : 0));
  const rest = width * height - (turns[turns.length - 1] ?? 0);
  if (rest > 0) runs.push(rest);
  return runs;
}

/** Whether the mask holds the pixel under a point. */
export function covers(mask: Columns, [x, y]: Point): boolean {
  return holds(mask.columns[Math.floor(x)] ?? BLANK, Math.floor(y));
}

export function holds(rows: Column, y: number): boolean {
  return pairAt(rows, y) >= 0;
}

/** The index of the pair of rows that holds a row, or -1. */
export function pairAt(rows: Column, y: number): number {
  let low = 0;
  let high = rows.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[2 * middle + 1] as number) <= y) low = middle + 1;
    else high = middle;
  }
  return 2 * low < rows.length && (rows[2 * low] as number) <= y ? 2 * low : -1;
}

/** The box around the mask, its far edges behind the last pixel; null for one without a pixel. */
export function extent(mask: Columns): Box | null {
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  mask.columns.forEach((rows, x) => {
    if (rows.length === 0) return;
    if (box.minX === Infinity) box.minX = x;
    box.maxX = x + 1;
    box.minY = Math.min(box.minY, rows[0] as number);
    box.maxY = Math.max(box.maxY, rows[rows.length - 1] as number);
  });
  return box.minX === Infinity ? null : box;
}

/** How many pixels the mask has. */
export function pixels(mask: Columns): number {
  let sum = 0;
  for (const rows of mask.columns) {
    for (let at = 0; at < rows.length; at += 2)
      sum += (rows[at + 1] as number) - (rows[at] as number);
  }
  return sum;
}

export type Combination = "join" | "cut" | "meet";

/** Rows in either (join), in the first alone (cut), in both (meet); the very same column where nothing changes. */
export function combine(a: Column, b: Column, how: Combination): Column {
  if (b.length === 0) return how === "meet" ? BLANK : a;
  if (a.length === 0) return how === "join" ? b : BLANK;
  const rows: number[] = [];
  let [i, j] = [0, 0];
  let inside = false;
  while (i < a.length || j < b.length) {
    const y = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    if (a[i] === y) i++;
    if (b[j] === y) j++;
    const [inA, inB] = [i % 2 === 1, j % 2 === 1];
    const now = how === "join" ? inA || inB : how === "cut" ? inA && !inB : inA && inB;
    if (now !== inside) {
      rows.push(y);
      inside = now;
    }
  }
  return sameColumn(rows, a) ? a : rows.length === 0 ? BLANK : rows;
}

function sameColumn(a: Column, b: Column): boolean {
  return a === b || (a.length === b.length && a.every((y, at) => y === b[at]));
}

/** Two masks of one size in one; the very same mask where nothing changes. */
export function merge(a: Columns, b: Columns, how: Combination): Columns {
  let changed = false;
  const columns = a.columns.map((rows, x) => {
    const next = combine(rows, b.columns[x] ?? BLANK, how);
    if (next !== rows) changed = true;
    return next;
  });
  return changed ? { ...a, columns } : a;
}

/** Whether two masks hold the same pixels. */
export function same(a: Columns, b: Columns): boolean {
  return (
    a.width === b.width &&
    a.height === b.height &&
    a.columns.every((rows, x) => sameColumn(rows, b.columns[x] ?? BLANK))
  );
}

/** What the mask does not hold. */
export function inverted(mask: Columns): Columns {
  const full: Column = [0, mask.height];
  return { ...mask, columns: mask.columns.map((rows) => combine(full, rows, "cut")) };
}

/** The mask moved by whole pixels, as far as it stays inside the picture. */
export function shifted(mask: Columns, dx: number, dy: number): Columns {
  const box = extent(mask);
  if (!box) return mask;
  const x = Math.min(Math.max(Math.round(dx), -box.minX), mask.width - box.maxX);
  const y = Math.min(Math.max(Math.round(dy), -box.minY), mask.height - box.maxY);
  if (x === 0 && y === 0) return mask;
  const columns = mask.columns.map((_, at) => {
    const rows = mask.columns[at - x] ?? BLANK;
    return y === 0 || rows.length === 0 ? rows : rows.map((row) => row + y);
  });
  return { ...mask, columns };
}

/** The box around the pixels in which two masks of one size differ; null where they do not. */
export function changed(a: Columns, b: Columns): Box | null {
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  if (a === b) return null;
  a.columns.forEach((before, x) => {
    const after = b.columns[x] ?? BLANK;
    if (before === after) return;
    let first = 0;
    while (first < before.length && before[first] === after[first]) first++;
    if (first === before.length && first === after.length) return;
    let [i, j] = [before.length - 1, after.length - 1];
    while (i >= first && j >= first && before[i] === after[j]) [i, j] = [i - 1, j - 1];
    if (box.minX === Infinity) box.minX = x;
    box.maxX = x + 1;
    box.minY = Math.min(box.minY, before[first] ?? Infinity, after[first] ?? Infinity);
    box.maxY = Math.max(box.maxY, before[i] ?? -Infinity, after[j] ?? -Infinity);
  });
  return box.minX === Infinity ? null : box;
}
