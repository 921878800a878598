/* Edges of lines on the grid of 1/100 pixel, and where they meet. */

import RBush from "rbush";
import type { Point } from "../../core/types";
import { type Box, boxOf, round } from "./geometry";
import { nearestOn, type Ring, same } from "./polygon";

export type Edge = readonly [Point, Point];

export function ringEdges(ring: Ring): Edge[] {
  return ring.map((point, at) => [point, ring[(at + 1) % ring.length] as Point]);
}

export function lineEdges(line: Ring): Edge[] {
  return line.slice(1).map((point, at) => [line[at] as Point, point]);
}

/** Half a step of the grid: an end this near to an edge lies on it. */
const TOUCH = 0.0051;

/** Where two edges meet: at ends of one that lie on the other, else where they cross. */
export function meetings(a: Point, b: Point, c: Point, d: Point): Point[] {
  const ends = [
    ...[c, d].filter((end) => touches(a, b, end)),
    ...[a, b].filter((end) => touches(c, d, end)),
  ];
  if (ends.length > 0) return ends;
  const [rx, ry] = [b[0] - a[0], b[1] - a[1]];
  const [sx, sy] = [d[0] - c[0], d[1] - c[1]];
  const cross = rx * sy - ry * sx;
  if (cross === 0) return [];
  const along = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / cross;
  const other = ((c[0] - a[0]) * ry - (c[1] - a[1]) * rx) / cross;
  if (along < 0 || along > 1 || other < 0 || other > 1) return [];
  return [[round(a[0] + along * rx), round(a[1] + along * ry)]];
}

function touches(a: Point, b: Point, end: Point): boolean {
  const on = nearestOn(a, b, end);
  return Math.hypot(on[0] - end[0], on[1] - end[1]) < TOUCH;
}

interface Node extends Box {
  edge: Edge;
}

/** Edges found by place, so that lines of thousands of them are compared in no time. */
class Index extends RBush<Node> {
  constructor(edges: readonly Edge[]) {
    super();
    this.load(edges.map((edge) => ({ ...boxOf(edge), edge })));
  }

  near(edge: Edge): Edge[] {
    return this.search(boxOf(edge)).map((node) => node.edge);
  }
}

/** Whether any edges of two sets have a place in common. */
export function meet(edges: readonly Edge[], others: readonly Edge[]): boolean {
  const index = new Index(others);
  return edges.some((edge) =>
    index.near(edge).some((other) => meetings(...edge, ...other).length > 0),
  );
}

/** Whether rings neither cross nor touch each other or themselves. */
export function isSimple(rings: readonly Ring[]): boolean {
  const edges = rings.flatMap(ringEdges);
  const index = new Index(edges);
  return edges.every((edge) =>
    index.near(edge).every((other) => {
      if (other === edge) return true;
      const follows = same(edge[1], other[0]);
      if (!follows && !same(edge[0], other[1])) return meetings(...edge, ...other).length === 0;
      // Neighbours share one end and nothing else.
      return meetings(...edge, ...other).every((point) => same(point, follows ? edge[1] : edge[0]));
    }),
  );
}
