/* Soft edges: how much of the picture each pixel of a mask lets through. */

import type { Box } from "../canvas/geometry";
import { BLANK, type Columns } from "./columns";

/** The widest soft edge, in pixels of the picture (templates_app/questions/picture.py). */
export const MOST_FEATHER = 50;

/** What a mask covers of a box, one byte a pixel in rows: 0 or 255. `scale`: bytes per pixel of the picture. */
export function cover(
  mask: Columns,
  box: Box,
  scale = 1,
): { alpha: Uint8ClampedArray; width: number; height: number } {
  const width = Math.max(1, Math.ceil((box.maxX - box.minX) * scale));
  const height = Math.max(1, Math.ceil((box.maxY - box.minY) * scale));
  const alpha = new Uint8ClampedArray(width * height);
  const first = Math.max(0, Math.floor(box.minX));
  const last = Math.min(mask.width, Math.ceil(box.maxX));
  for (let x = first; x < last; x++) {
    const rows = mask.columns[x] ?? BLANK;
    if (rows.length === 0) continue;
    const left = Math.max(0, Math.floor((x - box.minX) * scale));
    // What is thinner than a byte is not lost.
    const right = Math.min(width, Math.max(left + 1, Math.floor((x + 1 - box.minX) * scale)));
    for (let at = 0; at < rows.length; at += 2) {
      const top = Math.floor(((rows[at] as number) - box.minY) * scale);
      const bottom = Math.max(top + 1, Math.floor(((rows[at + 1] as number) - box.minY) * scale));
      if (bottom <= 0 || top >= height) continue;
      const end = Math.min(bottom, height);
      for (let y = Math.max(top, 0); y < end; y++)
        alpha.fill(255, y * width + left, y * width + right);
    }
  }
  return { alpha, width, height };
}

/**
 * Soften in place: the mean over 2 × `radius` + 1 pixels, its ends counted in part, twice in each direction, which
 * fades over twice the radius to either side. Beyond the edges counts what lies on them, as Pillow's BoxBlur does it.
 */
export function soften(
  alpha: Uint8ClampedArray,
  width: number,
  height: number,
  radius: number,
): void {
  if (radius <= 0) return;
  const line = new Float32Array(Math.max(width, height));
  for (let pass = 0; pass < 2; pass++) {
    for (let y = 0; y < height; y++) blur(alpha, y * width, 1, width, radius, line);
    for (let x = 0; x < width; x++) blur(alpha, x, width, height, radius, line);
  }
}

function blur(
  alpha: Uint8ClampedArray,
  start: number,
  step: number,
  length: number,
  radius: number,
  line: Float32Array,
): void {
  for (let at = 0; at < length; at++) line[at] = alpha[start + at * step] as number;
  const whole = Math.floor(radius);
  const part = radius - whole;
  const value = (at: number) => line[at < 0 ? 0 : at >= length ? length - 1 : at] as number;
  let sum = 0;
  for (let at = -whole; at <= whole; at++) sum += value(at);
  for (let at = 0; at < length; at++) {
    const ends = value(at - whole - 1) + value(at + whole + 1);
    alpha[start + at * step] = (sum + part * ends) / (2 * radius + 1);
    sum += value(at + whole + 1) - value(at - whole);
  }
}

/** The radius that makes an edge fade over `feather` pixels to either side. */
export function radiusOf(feather: number): number {
  return feather / 2;
}
