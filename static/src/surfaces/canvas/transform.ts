/* Shapes moved, scaled and turned, one or several at once; what comes out lies inside the picture, to 1/100. */

import type { Point } from "../../core/types";
import { columnsOf, rleOf, shifted } from "../mask/columns";
import {
  type Box,
  boxOf,
  clamp,
  clampPoint,
  distance,
  type Handle,
  rectangle,
  round,
  type Size,
} from "./geometry";
import type { Geometry } from "./shapes";

/** The box that handles sit on: upright, or turned as one turned rectangle is. `u` and `v` are its directions. */
export interface Frame {
  origin: Point;
  u: Point;
  v: Point;
  width: number;
  height: number;
}

/** What a handle does to a frame: factors along `u` and `v`, from a point that stays, in the frame's own units. */
export interface Scaling {
  sx: number;
  sy: number;
  at: Point;
}

/** How far, in pixels, the corners of a turned rectangle may be from right angles (the server's 2 × TOLERANCE). */
const SLACK = 0.02;

export function boxOfAll(shapes: readonly Geometry[]): Box {
  return boxOf(shapes.flatMap(({ points }) => points));
}

export function frameOf(shapes: readonly Geometry[]): Frame {
  const [only] = shapes;
  const [a, b, , d] = only?.points ?? [];
  if (shapes.length === 1 && only?.kind === "rotated" && a && b && d) {
    const width = distance(a, b) || 1;
    const height = distance(a, d) || 1;
    return {
      origin: a,
      u: [(b[0] - a[0]) / width, (b[1] - a[1]) / width],
      v: [(d[0] - a[0]) / height, (d[1] - a[1]) / height],
      width,
      height,
    };
  }
  const box = boxOfAll(shapes);
  return {
    origin: [box.minX, box.minY],
    u: [1, 0],
    v: [0, 1],
    width: box.maxX - box.minX,
    height: box.maxY - box.minY,
  };
}

/** A point of the picture from one of the frame, in its own units. */
export function fromFrame({ origin, u, v }: Frame, [a, b]: Point): Point {
  return [origin[0] + a * u[0] + b * v[0], origin[1] + a * u[1] + b * v[1]];
}

function toFrame({ origin, u, v }: Frame, [x, y]: Point): Point {
  const dx = x - origin[0];
  const dy = y - origin[1];
  return [dx * u[0] + dy * u[1], dx * v[0] + dy * v[1]];
}

/** Where a handle sits on a frame. */
export function handleOn(frame: Frame, handle: Handle): Point {
  const a = handle.includes("w") ? 0 : handle.includes("e") ? 1 : 0.5;
  const b = handle.includes("n") ? 0 : handle.includes("s") ? 1 : 0.5;
  return fromFrame(frame, [a * frame.width, b * frame.height]);
}

export function centreOf(frame: Frame): Point {
  return fromFrame(frame, [frame.width / 2, frame.height / 2]);
}

/** The mean of the shapes' own middles: turning about it leaves it in its place, however often. */
export function middleOf(shapes: readonly Geometry[]): Point {
  const mean = (points: readonly Point[]): Point => {
    const sum = points.reduce<Point>(([x, y], [px, py]) => [x + px, y + py], [0, 0]);
    return [sum[0] / points.length, sum[1] / points.length];
  };
  return mean(shapes.map(({ points }) => mean(points)));
}

/** What a frame becomes when a handle is dragged to a point; `keep` its proportions, `centred` about its middle. */
export function scalingTo(
  frame: Frame,
  handle: Handle,
  to: Point,
  keep = false,
  centred = false,
): Scaling {
  const [a, b] = toFrame(frame, to);
  const { width, height } = frame;
  const along = (low: boolean, high: boolean, length: number, place: number) => {
    const at = centred ? length / 2 : low ? length : 0;
    const from = low ? 0 : length;
    const factor = (low || high) && length > 0 ? (place - at) / (from - at) : 1;
    return { factor, at };
  };
  const x = along(handle.includes("w"), handle.includes("e"), width, a);
  const y = along(handle.includes("n"), handle.includes("s"), height, b);
  if (!keep) return { sx: x.factor, sy: y.factor, at: [x.at, y.at] };
  const corner = handle.length === 2;
  const strength = corner
    ? Math.max(Math.abs(x.factor), Math.abs(y.factor))
    : Math.abs(handle === "e" || handle === "w" ? x.factor : y.factor);
  return {
    sx: strength * (Math.sign(x.factor) || 1),
    sy: strength * (Math.sign(y.factor) || 1),
    at: [corner || x.factor !== 1 ? x.at : width / 2, corner || y.factor !== 1 ? y.at : height / 2],
  };
}

/** Shapes after a scaling of the frame about them; null where a part would lie outside the picture. */
export function scaled(
  shapes: readonly Geometry[],
  frame: Frame,
  { sx, sy, at }: Scaling,
  size: Size,
): Geometry[] | null {
  const move = (point: Point): Point => {
    const [a, b] = toFrame(frame, point);
    return fromFrame(frame, [at[0] + (a - at[0]) * sx, at[1] + (b - at[1]) * sy]);
  };
  const done: Geometry[] = [];
  for (const shape of shapes) {
    const next =
      shape.kind === "rotated" ? turnedBox(shape, move, size) : mapped(shape, move, size);
    if (!next) return null;
    done.push(next);
  }
  return done;
}

/**
 * Shapes scaled by dragging a handle to a point, as far towards it as the picture allows. The places that the picture
 * allows are convex, so halving finds the last one on the way from where the handle was.
 */
export function resized(
  shapes: readonly Geometry[],
  frame: Frame,
  handle: Handle,
  to: Point,
  size: Size,
  keep = false,
  centred = false,
): Geometry[] {
  const from = handleOn(frame, handle);
  const target = clampPoint(to, size);
  const at = (part: number) => {
    const place: Point = [
      from[0] + (target[0] - from[0]) * part,
      from[1] + (target[1] - from[1]) * part,
    ];
    return scaled(shapes, frame, scalingTo(frame, handle, place, keep, centred), size);
  };
  return furthest(at) ?? [...shapes];
}

/** The result of the largest part of the way, 0 to 1, that has one. */
export function furthest<T>(at: (part: number) => T | null): T | null {
  let best = at(1);
  if (best) return best;
  let low = 0;
  let high = 1;
  for (let step = 0; step < 20; step++) {
    const part = (low + high) / 2;
    const found = at(part);
    if (found) {
      best = found;
      low = part;
    } else high = part;
  }
  return best;
}

/** Shapes turned about a point, moved back into the picture where they stick out; null where they do not fit in. */
export function turned(
  shapes: readonly Geometry[],
  [cx, cy]: Point,
  angle: number,
  size: Size,
): Geometry[] | null {
  if (angle === 0) return [...shapes];
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const turn = ([x, y]: Point): Point => [
    cx + (x - cx) * cos - (y - cy) * sin,
    cy + (x - cx) * sin + (y - cy) * cos,
  ];
  const box = boxOf(shapes.flatMap(({ points }) => points.map(turn)));
  if (box.maxX - box.minX > size.width || box.maxY - box.minY > size.height) return null;
  const dx = box.minX < 0 ? -box.minX : Math.min(0, size.width - box.maxX);
  const dy = box.minY < 0 ? -box.minY : Math.min(0, size.height - box.maxY);
  const move = (point: Point): Point => {
    const [x, y] = turn(point);
    return [x + dx, y + dy];
  };
  const done: Geometry[] = [];
  for (const shape of shapes) {
    const boxy = shape.kind === "rectangle" || shape.kind === "rotated";
    const next = boxy
      ? turnedBox({ ...shape, kind: "rotated" }, move, size)
      : mapped(shape, move, size);
    if (!next) return null;
    done.push(next);
  }
  return done;
}

/**
 * Shapes moved together as far as they all stay inside the picture; with masks among them by whole pixels. A mask's
 * box is moved only: `settled` moves its pixels, once.
 */
export function moved(shapes: readonly Geometry[], dx: number, dy: number, size: Size): Geometry[] {
  const box = boxOfAll(shapes);
  const whole = shapes.some(({ kind }) => kind === "mask");
  const step = (way: number) => (whole ? Math.trunc(way) : way);
  const x = step(clamp(whole ? Math.round(dx) : round(dx), -box.minX, size.width - box.maxX));
  const y = step(clamp(whole ? Math.round(dy) : round(dy), -box.minY, size.height - box.maxY));
  return shapes.map((shape) => withPoints(shape, ([px, py]) => settle([px + x, py + y], size)));
}

/** A moved shape with its pixels where its box is. */
export function settled(now: Geometry, start: Geometry): Geometry {
  const [from] = start.points;
  const [to] = now.points;
  if (!start.mask || !from || !to) return now;
  const mask = shifted(columnsOf(start.mask), to[0] - from[0], to[1] - from[1]);
  return { ...now, mask: rleOf(mask) };
}

/** A geometry with every point replaced, those of its holes too. */
export function withPoints(shape: Geometry, move: (point: Point) => Point): Geometry {
  const holes = shape.holes ? { holes: shape.holes.map((hole) => hole.map(move)) } : {};
  return { ...shape, points: shape.points.map(move), ...holes };
}

/** A point of the picture to 1/100. */
export function settle([x, y]: Point, size: Size): Point {
  return [clamp(round(x), 0, size.width), clamp(round(y), 0, size.height)];
}

function mapped(shape: Geometry, move: (point: Point) => Point, size: Size): Geometry | null {
  const next = withPoints(shape, move);
  if (!inside(next.points, size)) return null;
  if (shape.kind === "rectangle") {
    const [a, , c] = next.points as [Point, Point, Point, Point];
    return { ...shape, points: rectangle(a, c, size) };
  }
  return withPoints(next, (point) => settle(point, size));
}

function inside(points: readonly Point[], { width, height }: Size, slack = 0.005): boolean {
  const { minX, minY, maxX, maxY } = boxOf(points);
  return minX >= -slack && minY >= -slack && maxX <= width + slack && maxY <= height + slack;
}

/** A turned rectangle from what a linear map makes of one: its middle and sides, the angles right again. */
function turnedBox(shape: Geometry, move: (point: Point) => Point, size: Size): Geometry | null {
  const [a, b, c, d] = shape.points as [Point, Point, Point, Point];
  const centre = move([(a[0] + c[0]) / 2, (a[1] + c[1]) / 2]);
  const [ma, mb, md] = [move(a), move(b), move(d)];
  const [ux, uy] = [mb[0] - ma[0], mb[1] - ma[1]];
  const width = Math.hypot(ux, uy);
  const height = distance(ma, md);
  if (width === 0 || height === 0) return null;
  const points = rotatedPoints(centre, width, height, Math.atan2(uy, ux), size);
  return points && { ...shape, points };
}

/**
 * The corners of a turned rectangle, clockwise from the one that was the top left, to 1/100 and with angles that the
 * server takes for right ones; null where it does not lie inside the picture or has no area.
 */
export function rotatedPoints(
  [cx, cy]: Point,
  width: number,
  height: number,
  angle: number,
  size: Size,
): Point[] | null {
  const [ux, uy] = [Math.cos(angle), Math.sin(angle)];
  const corner = (a: number, b: number): Point => [
    round(cx + a * width * ux - b * height * uy),
    round(cy + a * width * uy + b * height * ux),
  ];
  const exact = [corner(-0.5, -0.5), corner(0.5, -0.5), corner(0.5, 0.5), corner(-0.5, 0.5)];
  if (!inside(exact, size, 0.02)) return null;
  const points = squared(exact as [Point, Point, Point, Point]);
  if (!points) return null;
  // Rounding may have put a corner beside the edge.
  const box = boxOf(points);
  const dx = box.minX < 0 ? -box.minX : Math.min(0, size.width - box.maxX);
  const dy = box.minY < 0 ? -box.minY : Math.min(0, size.height - box.maxY);
  const shifted = points.map(([x, y]): Point => [round(x + dx), round(y + dy)]);
  return inside(shifted, size, 0) ? shifted : null;
}

/** Four corners on the grid of 1/100, the shorter side's end put where the angle is nearest to a right one. */
function squared([a, b, , d]: [Point, Point, Point, Point]): Point[] | null {
  const wide = distance(a, b) >= distance(a, d);
  const [long, short] = wide ? [b, d] : [d, b];
  let best: Point[] | null = null;
  let least = Infinity;
  for (let i = -1; i <= 1; i++) {
    for (let j = -1; j <= 1; j++) {
      const end: Point = [round(short[0] + i / 100), round(short[1] + j / 100)];
      const [p, q] = wide ? [long, end] : [end, long];
      const [ax, ay, bx, by] = [p[0] - a[0], p[1] - a[1], q[0] - a[0], q[1] - a[1]];
      if (ax * by - ay * bx <= 0) continue;
      const off = Math.abs(ax * bx + ay * by) / Math.max(Math.hypot(ax, ay), Math.hypot(bx, by));
      const score = off + (Math.abs(i) + Math.abs(j)) * 1e-3;
      if (off <= SLACK && score < least) {
        least = score;
        best = [a, p, [round(p[0] + q[0] - a[0]), round(p[1] + q[1] - a[1])], q];
      }
    }
  }
  return best;
}
