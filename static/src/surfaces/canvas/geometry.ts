/* Plane geometry in upright original pixels. Rectangles are four points: top left, top right, bottom right, bottom left. */

import type { Point } from "../../core/types";

export interface Box {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

export interface Size {
  width: number;
  height: number;
}

/** Coordinates are kept to 1/100 of a pixel. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

export function clampPoint([x, y]: Point, size: Size): Point {
  return [clamp(x, 0, size.width), clamp(y, 0, size.height)];
}

export function boxOf(points: readonly Point[]): Box {
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (const [x, y] of points) {
    if (x < box.minX) box.minX = x;
    if (y < box.minY) box.minY = y;
    if (x > box.maxX) box.maxX = x;
    if (y > box.maxY) box.maxY = y;
  }
  return box;
}

/** The rectangle between two corners, inside the picture, its points in order. */
export function rectangle(a: Point, b: Point, size: Size): Point[] {
  const [ax, ay] = clampPoint(a, size);
  const [bx, by] = clampPoint(b, size);
  return pointsOf({
    minX: Math.min(ax, bx),
    minY: Math.min(ay, by),
    maxX: Math.max(ax, bx),
    maxY: Math.max(ay, by),
  });
}

export function pointsOf(box: Box): Point[] {
  const [l, t, r, b] = [box.minX, box.minY, box.maxX, box.maxY].map(round) as [
    number,
    number,
    number,
    number,
  ];
  return [
    [l, t],
    [r, t],
    [r, b],
    [l, b],
  ];
}

/** Points moved as a whole, as far as they stay inside the picture. */
export function translate(points: readonly Point[], dx: number, dy: number, size: Size): Point[] {
  const box = boxOf(points);
  const x = clamp(round(dx), -box.minX, size.width - box.maxX);
  const y = clamp(round(dy), -box.minY, size.height - box.maxY);
  return points.map(([px, py]) => [
    clamp(round(px + x), 0, size.width),
    clamp(round(py + y), 0, size.height),
  ]);
}

/** The eight handles of a rectangle, by compass. */
export const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"] as const;
export type Handle = (typeof HANDLES)[number];

export function handlePoint(box: Box, handle: Handle): Point {
  const x = handle.includes("w")
    ? box.minX
    : handle.includes("e")
      ? box.maxX
      : (box.minX + box.maxX) / 2;
  const y = handle.includes("n")
    ? box.minY
    : handle.includes("s")
      ? box.maxY
      : (box.minY + box.maxY) / 2;
  return [x, y];
}

/** The rectangle after one of its handles was dragged to a point; it may be dragged over the opposite side. */
export function resize(box: Box, handle: Handle, [px, py]: Point, size: Size): Point[] {
  const x = clamp(px, 0, size.width);
  const y = clamp(py, 0, size.height);
  let { minX, minY, maxX, maxY } = box;
  if (handle.includes("w")) minX = x;
  if (handle.includes("e")) maxX = x;
  if (handle.includes("n")) minY = y;
  if (handle.includes("s")) maxY = y;
  return rectangle([minX, minY], [maxX, maxY], size);
}

/** A box is at least this wide and high, in picture pixels. */
export const LEAST = 1;

export function distance([ax, ay]: Point, [bx, by]: Point): number {
  return Math.hypot(ax - bx, ay - by);
}

export function contains(points: readonly Point[], [x, y]: Point): boolean {
  let inside = false;
  for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
    const [ax, ay] = points[i] as Point;
    const [bx, by] = points[j] as Point;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** Distance of a point from the outline; an open line's ends are not joined. */
export function outlineDistance(points: readonly Point[], [x, y]: Point, open = false): number {
  let best = Infinity;
  for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
    if (open && i === 0) j = 0;
    const [ax, ay] = points[j] as Point;
    const [bx, by] = points[i] as Point;
    const dx = bx - ax;
    const dy = by - ay;
    const length = dx * dx + dy * dy;
    const along = length === 0 ? 0 : clamp(((x - ax) * dx + (y - ay) * dy) / length, 0, 1);
    best = Math.min(best, Math.hypot(x - ax - along * dx, y - ay - along * dy));
  }
  return best;
}

export function area(points: readonly Point[]): number {
  let sum = 0;
  for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
    const [ax, ay] = points[j] as Point;
    const [bx, by] = points[i] as Point;
    sum += ax * by - bx * ay;
  }
  return Math.abs(sum) / 2;
}
