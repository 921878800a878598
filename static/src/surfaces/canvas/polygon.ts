/* Vertices and edges of polygons and open lines. Points are upright original pixels, to 1/100 and inside the picture.

   A geometry's rings are its line first and then its holes; an edge has the number of the vertex where it starts. */

import type { Key } from "../../core/i18n";
import type { Point } from "../../core/types";
import { area, clamp, clampPoint, round, type Size } from "./geometry";
import type { Geometry } from "./shapes";

export type Ring = readonly Point[];

/** What was made of something, or why nothing can be. */
export type Outcome<T> = { made: T; refused?: never } | { made?: never; refused: Key };

export interface Vertex {
  ring: number;
  at: number;
}

/** Where an edge is nearest to a point. */
export interface OnEdge extends Vertex {
  point: Point;
  distance: number;
}

/** Anything smaller, in square pixels, is no area that somebody meant. */
export const LEAST_AREA = 1;

export function ringsOf({ points, holes }: Geometry): readonly Ring[] {
  return holes ? [points, ...holes] : [points];
}

/** Whether the last vertex is joined to the first one. */
export function isClosed({ kind }: Geometry): boolean {
  return kind !== "polyline";
}

/** Whether single vertices can be put, moved and taken away. */
export function hasVertices({ kind }: Geometry): boolean {
  return kind === "polygon" || kind === "polyline";
}

/** Whether it surrounds an area that other areas can be joined with and cut from. */
export function isArea({ kind }: Geometry): boolean {
  return kind === "polygon" || kind === "rectangle" || kind === "rotated";
}

export function snapped(point: Point, size: Size): Point {
  const [x, y] = clampPoint(point, size);
  return [clamp(round(x), 0, size.width), clamp(round(y), 0, size.height)];
}

/** The line without points that repeat the one before. */
export function withoutRepeats(points: Ring, closed: boolean): Point[] {
  const kept = points.filter((point, at) => at === 0 || !same(point, points[at - 1] as Point));
  while (closed && kept.length > 1 && same(kept[0] as Point, kept.at(-1) as Point)) kept.pop();
  return kept;
}

export function same([ax, ay]: Point, [bx, by]: Point): boolean {
  return ax === bx && ay === by;
}

/** A geometry of what was drawn point by point. */
export function drawn(kind: "polygon" | "polyline", points: Ring): Outcome<Geometry> {
  const kept = withoutRepeats(points, kind === "polygon");
  if (kind === "polyline") {
    return kept.length < 2 ? { refused: "draw.fewForLine" } : { made: { kind, points: kept } };
  }
  if (kept.length < 3) return { refused: "draw.fewForPolygon" };
  if (area(kept) < LEAST_AREA) return { refused: "draw.noArea" };
  return { made: { kind, points: kept } };
}

/** The vertex within reach of a point that is nearest to it. */
export function vertexNear(geometry: Geometry, [x, y]: Point, reach: number): Vertex | null {
  let best: Vertex | null = null;
  let least = reach;
  for (const [ring, points] of ringsOf(geometry).entries()) {
    for (const [at, [px, py]] of points.entries()) {
      const distance = Math.hypot(px - x, py - y);
      // Of several at one place the last one is met, which was put there last.
      if (distance > least) continue;
      best = { ring, at };
      least = distance;
    }
  }
  return best;
}

/** The nearest place on any edge within reach. */
export function edgeNear(geometry: Geometry, point: Point, reach: number): OnEdge | null {
  let best: OnEdge | null = null;
  for (const [ring, points] of ringsOf(geometry).entries()) {
    const edges = isClosed(geometry) ? points.length : points.length - 1;
    for (let at = 0; at < edges; at++) {
      const a = points[at] as Point;
      const b = points[(at + 1) % points.length] as Point;
      const on = nearestOn(a, b, point);
      const distance = Math.hypot(on[0] - point[0], on[1] - point[1]);
      if (distance <= (best?.distance ?? reach)) best = { ring, at, point: on, distance };
    }
  }
  return best;
}

/** The place between two points that is nearest to a third. */
export function nearestOn([ax, ay]: Point, [bx, by]: Point, [x, y]: Point): Point {
  const dx = bx - ax;
  const dy = by - ay;
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : clamp(((x - ax) * dx + (y - ay) * dy) / length, 0, 1);
  return [ax + along * dx, ay + along * dy];
}

/** A further vertex on an edge, and which it is. */
export function insertVertex(
  geometry: Geometry,
  { ring, at }: Vertex,
  point: Point,
  size: Size,
): { geometry: Geometry; vertex: Vertex } {
  const points = [...(ringsOf(geometry)[ring] ?? [])];
  points.splice(at + 1, 0, snapped(point, size));
  return { geometry: withRing(geometry, ring, points), vertex: { ring, at: at + 1 } };
}

/** A further vertex in the middle of the edge that begins at a vertex; an open line's last edge ends at its last. */
export function halve(
  geometry: Geometry,
  vertex: Vertex,
  size: Size,
): { geometry: Geometry; vertex: Vertex } {
  const points = ringsOf(geometry)[vertex.ring] ?? [];
  const at = isClosed(geometry) ? vertex.at : Math.min(vertex.at, points.length - 2);
  const [ax, ay] = points[at] as Point;
  const [bx, by] = points[(at + 1) % points.length] as Point;
  const middle: Point = [(ax + bx) / 2, (ay + by) / 2];
  return insertVertex(geometry, { ring: vertex.ring, at }, middle, size);
}

/** Without a vertex. A hole without area goes as a whole; the outer line keeps what makes it one. */
export function removeVertex(geometry: Geometry, { ring, at }: Vertex): Outcome<Geometry> {
  const before = ringsOf(geometry)[ring] ?? [];
  const points = before.filter((_, place) => place !== at);
  if (geometry.kind === "polyline") {
    return points.length < 2
      ? { refused: "vertex.lineKeeps" }
      : { made: withRing(geometry, ring, points) };
  }
  const real = points.length >= 3 && area(points) >= LEAST_AREA;
  if (ring > 0) return { made: withRing(geometry, ring, real ? points : null) };
  return real ? { made: withRing(geometry, ring, points) } : { refused: "vertex.polygonKeeps" };
}

export function moveVertex(
  geometry: Geometry,
  { ring, at }: Vertex,
  point: Point,
  size: Size,
): Geometry {
  const points = [...(ringsOf(geometry)[ring] ?? [])];
  points[at] = snapped(point, size);
  return withRing(geometry, ring, points);
}

/** What is stored after a vertex came to lie on its neighbour, or all of them on one line. */
export function settled(geometry: Geometry): Outcome<Geometry> {
  const closed = isClosed(geometry);
  const [outer, ...holes] = ringsOf(geometry).map((ring) => withoutRepeats(ring, closed));
  const points = outer ?? [];
  if (!closed) {
    return points.length < 2 ? { refused: "draw.fewForLine" } : { made: { ...geometry, points } };
  }
  if (points.length < 3 || area(points) < LEAST_AREA) return { refused: "draw.noArea" };
  const left = holes.filter((hole) => hole.length >= 3 && area(hole) >= LEAST_AREA);
  return { made: withRings(geometry, [points, ...left]) };
}

/** The vertex `by` places on, through the rings and round. */
export function stepVertex(geometry: Geometry, vertex: Vertex | null, by: 1 | -1): Vertex {
  const all = ringsOf(geometry).flatMap((points, ring) => points.map((_, at) => ({ ring, at })));
  const now = vertex
    ? all.findIndex(({ ring, at }) => ring === vertex.ring && at === vertex.at)
    : -1;
  const from = now < 0 && by < 0 ? 0 : now;
  return all[(from + by + all.length) % all.length] ?? { ring: 0, at: 0 };
}

export function pointAt(geometry: Geometry, { ring, at }: Vertex): Point | null {
  return ringsOf(geometry)[ring]?.[at] ?? null;
}

/** Its area without its holes. */
export function coverage(geometry: Geometry): number {
  return (geometry.holes ?? []).reduce((left, hole) => left - area(hole), area(geometry.points));
}

export function withRing(geometry: Geometry, ring: number, points: Ring | null): Geometry {
  const rings = [...ringsOf(geometry)];
  if (points === null) rings.splice(ring, 1);
  else rings[ring] = points;
  return withRings(geometry, rings);
}

export function withRings(geometry: Geometry, [outer, ...holes]: readonly Ring[]): Geometry {
  const { kind } = geometry;
  const points = outer ?? [];
  return holes.length > 0 ? { kind, points, holes } : { kind, points };
}

/**
 * With fewer vertices: none of those left out was farther than `tolerance` pixels from the line that remains
 * (Douglas and Peucker). A ring that would be none any more stays as it is.
 */
export function simplify(geometry: Geometry, tolerance: number): Geometry {
  const closed = isClosed(geometry);
  return withRings(
    geometry,
    ringsOf(geometry).map((ring) => {
      const fewer = closed ? fewerRing(ring, tolerance) : fewerPoints(ring, tolerance);
      const real = !closed || (fewer.length >= 3 && area(fewer) >= LEAST_AREA);
      return real ? fewer : ring;
    }),
  );
}

/** A ring is taken as two lines between its first vertex and the one farthest from it. */
function fewerRing(ring: Ring, tolerance: number): Ring {
  const first = ring[0];
  if (!first || ring.length < 4) return ring;
  const distances = ring.map(([x, y]) => Math.hypot(x - first[0], y - first[1]));
  const far = distances.indexOf(Math.max(...distances));
  const there = fewerPoints(ring.slice(0, far + 1), tolerance);
  const back = fewerPoints([...ring.slice(far), first], tolerance);
  return [...there, ...back.slice(1, -1)];
}

function fewerPoints(points: Ring, tolerance: number): Ring {
  const keep = new Set([0, points.length - 1]);
  const open: [number, number][] = [[0, points.length - 1]];
  for (let span = open.pop(); span; span = open.pop()) {
    const [from, to] = span;
    let most = tolerance;
    let at = -1;
    for (let i = from + 1; i < to; i++) {
      const point = points[i] as Point;
      const on = nearestOn(points[from] as Point, points[to] as Point, point);
      const distance = Math.hypot(on[0] - point[0], on[1] - point[1]);
      if (distance > most) {
        most = distance;
        at = i;
      }
    }
    if (at < 0) continue;
    keep.add(at);
    open.push([from, at], [at, to]);
  }
  return points.filter((_, at) => keep.has(at));
}
