/* The magic wand: what hangs together with a pixel and has its colour, more or less. */

import { BLANK, type Column, type Columns } from "./columns";

/** The widest tolerance: every colour. */
export const MOST_TOLERANCE = 255;

/** Pixels in rows, four bytes each: red, green, blue, opacity. */
export interface Samples {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray | Uint8Array;
}

/**
 * The pixels that hang together with one, by their sides, none of whose channels is further than `tolerance` from
 * its. The mask has the size of the samples.
 */
export function pick(samples: Samples, x: number, y: number, tolerance: number): Columns {
  const { width, height, data } = samples;
  const taken = new Uint8Array(width * height);
  const seed = (y * width + x) * 4;
  const [r, g, b, a] = [data[seed], data[seed + 1], data[seed + 2], data[seed + 3]] as [
    number,
    number,
    number,
    number,
  ];
  const like = (pixel: number) => {
    const at = pixel * 4;
    return (
      taken[pixel] === 0 &&
      Math.abs((data[at] as number) - r) <= tolerance &&
      Math.abs((data[at + 1] as number) - g) <= tolerance &&
      Math.abs((data[at + 2] as number) - b) <= tolerance &&
      Math.abs((data[at + 3] as number) - a) <= tolerance
    );
  };
  const open = [y * width + x];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!like(next)) continue;
    const row = next - (next % width);
    let left = next;
    while (left > row && like(left - 1)) left--;
    let right = next;
    while (right < row + width - 1 && like(right + 1)) right++;
    taken.fill(1, left, right + 1);
    for (const beside of [-width, width]) {
      if (row + beside < 0 || row + beside >= width * height) continue;
      // One pixel of each run beside is enough.
      let before = false;
      for (let pixel = left + beside; pixel <= right + beside; pixel++) {
        const now = like(pixel);
        if (now && !before) open.push(pixel);
        before = now;
      }
    }
  }
  return fromPixels(taken, width, height);
}

/** The mask of the pixels that are not 0. */
export function fromPixels(taken: Uint8Array, width: number, height: number): Columns {
  const columns: number[][] = Array.from({ length: width }, () => []);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const now = taken[row + x] !== 0;
      const before = y > 0 && taken[row - width + x] !== 0;
      if (now !== before) (columns[x] as number[]).push(y);
    }
  }
  for (const rows of columns) if (rows.length % 2 === 1) rows.push(height);
  return { width, height, columns: columns.map((rows) => (rows.length === 0 ? BLANK : rows)) };
}

/** A mask of other samples of the same picture at this size. */
export function resized(mask: Columns, width: number, height: number): Columns {
  if (mask.width === width && mask.height === height) return mask;
  const scaled = new Map<Column, Column>();
  const columns = Array.from({ length: width }, (_, x) => {
    const rows = mask.columns[Math.floor(((x + 0.5) * mask.width) / width)] ?? BLANK;
    let found = scaled.get(rows);
    if (!found) {
      found = scaledRows(rows, height / mask.height);
      scaled.set(rows, found);
    }
    return found;
  });
  return { width, height, columns };
}

function scaledRows(rows: Column, scale: number): Column {
  const found: number[] = [];
  for (let at = 0; at < rows.length; at += 2) {
    const from = Math.round((rows[at] as number) * scale);
    const to = Math.round((rows[at + 1] as number) * scale);
    if (from === to) continue;
    if (found[found.length - 1] === from) found[found.length - 1] = to;
    else found.push(from, to);
  }
  return found.length === 0 ? BLANK : found;
}
