/* Soft edges: how much of the picture each pixel of a mask lets through. */

import type { Box } from "../canvas/geometry";
import { BLANK, type Columns } from "./columns";

/** The widest soft edge, in pixels of the picture (templates_app/questions/picture.py). */
export const MOST_FEATHER = 50;

/** A part of the picture drawn at a scale: raster pixel n begins at n / scale pixels of the picture. */
export interface Raster {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The raster that shows a box of the picture at a scale, with some raster pixels around. */
export function rasterOf(box: Box, scale: number, around = 0): Raster {
  const left = Math.floor(box.minX * scale) - around;
  const top = Math.floor(box.minY * scale) - around;
  return {
    scale,
    left,
    top,
    width: Math.max(1, Math.ceil(box.maxX * scale) + around - left),
    height: Math.max(1, Math.ceil(box.maxY * scale) + around - top),
  };
}

/** Whether all of a raster lies in another of the same scale. */
export function within(inner: Raster, outer: Raster): boolean {
  return (
    inner.left >= outer.left &&
    inner.top >= outer.top &&
    inner.left + inner.width <= outer.left + outer.width &&
    inner.top + inner.height <= outer.top + outer.height
  );
}

/** What two boxes have in common. */
export function meet(a: Box, b: Box): Box | null {
  const box = {
    minX: Math.max(a.minX, b.minX),
    minY: Math.max(a.minY, b.minY),
    maxX: Math.min(a.maxX, b.maxX),
    maxY: Math.min(a.maxY, b.maxY),
  };
  return box.minX < box.maxX && box.minY < box.maxY ? box : null;
}

/** What a mask covers, one byte a raster pixel in rows: 255, and what was there before elsewhere. */
export function cover(
  mask: Columns,
  raster: Raster,
  into = new Uint8ClampedArray(raster.width * raster.height),
): Uint8ClampedArray<ArrayBuffer> {
  const { scale, left, top, width, height } = raster;
  const first = Math.max(0, Math.floor(left / scale));
  const behind = Math.min(mask.width, Math.ceil((left + width) / scale));
  for (let x = first; x < behind; x++) {
    const rows = mask.columns[x] ?? BLANK;
    if (rows.length === 0) continue;
    // What is thinner than a raster pixel is not lost.
    const from = Math.floor(x * scale);
    const begin = Math.max(from - left, 0);
    const end = Math.min(Math.max(from + 1, Math.floor((x + 1) * scale)) - left, width);
    if (end <= begin) continue;
    for (let at = 0; at < rows.length; at += 2) {
      const start = Math.floor((rows[at] as number) * scale);
      const final = rows[at + 1] as number;
      const stop = Math.max(Math.floor((final - 1) * scale) + 1, Math.floor(final * scale)) - top;
      if (start - top >= height) break;
      const last = Math.min(stop, height);
      for (let y = Math.max(start - top, 0); y < last; y++) {
        if (end - begin === 1) into[y * width + begin] = 255;
        else into.fill(255, y * width + begin, y * width + end);
      }
    }
  }
  return into;
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
