/* Snapping: what is drawn meets what is there, so that neighbours share their vertices and edges. */

import type { Point } from "../../core/types";
import { type Box, round } from "./geometry";
import { edgeNear, ringsOf } from "./polygon";
import type { Geometry } from "./shapes";

export interface Snap {
  point: Point;
  /** A vertex is met exactly; on an edge the place is rounded like every other. */
  on: "vertex" | "edge";
}

/** How near, in pixels of the screen, the pointer has to come. */
export const SNAP_REACH = 8;

/** The box in which shapes can be met. */
export function reachBox([x, y]: Point, reach: number): Box {
  return { minX: x - reach, minY: y - reach, maxX: x + reach, maxY: y + reach };
}

/**
 * Where a point snaps to among shapes, within `reach` pixels of the picture: the nearest vertex, and where there is
 * none the nearest edge. Masks have neither.
 */
export function snap(point: Point, shapes: Iterable<Geometry>, reach: number): Snap | null {
  let vertex: Point | null = null;
  let edge: Point | null = null;
  let toVertex = reach;
  let toEdge = reach;
  for (const shape of shapes) {
    if (shape.kind === "mask") continue;
    for (const ring of ringsOf(shape)) {
      for (const corner of ring) {
        const distance = Math.hypot(corner[0] - point[0], corner[1] - point[1]);
        if (distance > toVertex) continue;
        vertex = corner;
        toVertex = distance;
      }
    }
    if (vertex || shape.points.length < 2) continue;
    const found = edgeNear(shape, point, toEdge);
    if (!found) continue;
    edge = [round(found.point[0]), round(found.point[1])];
    toEdge = found.distance;
  }
  if (vertex) return { point: vertex, on: "vertex" };
  return edge ? { point: edge, on: "edge" } : null;
}
