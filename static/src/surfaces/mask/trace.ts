/* From pixels to points: the outlines of a mask as polygons with holes. */

import type { Point } from "../../core/types";
import { area, contains, outlineDistance } from "../canvas/geometry";
import { BLANK, type Columns, combine } from "./columns";

export interface Outline {
  points: Point[];
  holes: Point[][];
}

/** Directions in the order of right turns; y points down. */
const RIGHT = 0;
const DOWN = 1;
const LEFT = 2;
const UP = 3;
type Direction = 0 | 1 | 2 | 3;

/**
 * The rings along the edges of the pixels, corners only: pieces clockwise on the screen, holes the other way. Pixels
 * that meet at a corner alone are pieces of their own.
 */
export function rings(mask: Columns): Point[][] {
  const { width, columns } = mask;
  const stride = width + 1;
  /** Where an edge leads that begins at a corner, one for each direction. */
  const ways: Map<number, number>[] = [new Map(), new Map(), new Map(), new Map()];
  const key = (x: number, y: number) => y * stride + x;
  const way = (direction: Direction) => ways[direction] as Map<number, number>;
  for (let x = 0; x <= width; x++) {
    const here = columns[x] ?? BLANK;
    for (let at = 0; at < here.length; at += 2) {
      way(RIGHT).set(key(x, here[at] as number), key(x + 1, here[at] as number));
      way(LEFT).set(key(x + 1, here[at + 1] as number), key(x, here[at + 1] as number));
    }
    const before = columns[x - 1] ?? BLANK;
    const begins = combine(here, before, "cut");
    for (let at = 0; at < begins.length; at += 2) {
      way(UP).set(key(x, begins[at + 1] as number), key(x, begins[at] as number));
    }
    const ends = combine(before, here, "cut");
    for (let at = 0; at < ends.length; at += 2) {
      way(DOWN).set(key(x, ends[at] as number), key(x, ends[at + 1] as number));
    }
  }
  const found: Point[][] = [];
  for (const [start] of way(RIGHT)) {
    if (!way(RIGHT).has(start)) continue;
    const ring: Point[] = [];
    let at = start;
    let direction: Direction = RIGHT;
    let last: Direction | null = null;
    do {
      if (direction !== last) ring.push([at % stride, Math.floor(at / stride)]);
      last = direction;
      const next = way(direction).get(at) as number;
      way(direction).delete(at);
      at = next;
      const turns = [(direction + 1) % 4, direction, (direction + 3) % 4] as Direction[];
      // The ring is closed where its first edge would be taken again, not where it merely passes its first corner.
      direction =
        turns.find((turn) => way(turn).has(at) || (at === start && turn === RIGHT)) ?? RIGHT;
    } while (at !== start || direction !== RIGHT);
    found.push(ring);
  }
  return found;
}

/** Pieces and holes of fewer pixels than these are left out of outlines: specks of a hand that slipped. */
const SPECK = 4;

/** The pieces of a mask, the largest first, none of their lines more than `tolerance` beside the mask's own. */
export function outlines(mask: Columns, tolerance = 1): Outline[] {
  const found = rings(mask).map((ring) => ({ ring, turn: turn(ring), size: area(ring) }));
  const pieces = found
    .filter(({ turn }) => turn > 0)
    .sort((a, b) => b.size - a.size)
    .map((piece) => ({ ...piece, holes: [] as Point[][] }));
  const kept = pieces.filter(({ size }, at) => at === 0 || size >= SPECK);
  for (const { ring, turn, size } of found) {
    if (turn > 0 || size < SPECK) continue;
    const [x, y] = ring[0] as Point;
    // A pixel of the hole: above its first edge, which leads to the right with the mask below it.
    const inside: Point = [x + 0.5, y - 0.5];
    const owner = kept.findLast((piece) => piece.size > size && contains(piece.ring, inside));
    owner?.holes.push(simplified(ring, tolerance));
  }
  return kept.map(({ ring, holes }) => ({ points: simplified(ring, tolerance), holes }));
}

/** Positive for a ring that goes clockwise on the screen. */
function turn(ring: readonly Point[]): number {
  return ring.reduce((sum, [ax, ay], at) => {
    const [bx, by] = ring[(at + 1) % ring.length] as Point;
    return sum + ax * by - bx * ay;
  }, 0);
}

/** A closed line with fewer points, each point left out at most `tolerance` beside it (Douglas and Peucker). */
export function simplified(ring: readonly Point[], tolerance: number): Point[] {
  if (ring.length < 4) return [...ring];
  const [ox, oy] = ring[0] as Point;
  let far = 0;
  let most = -1;
  ring.forEach(([x, y], at) => {
    const distance = Math.hypot(x - ox, y - oy);
    if (distance > most) [far, most] = [at, distance];
  });
  const closed = [...ring, ring[0] as Point];
  const keep = new Uint8Array(closed.length);
  keep[0] = keep[far] = 1;
  const open: [number, number][] = [
    [0, far],
    [far, closed.length - 1],
  ];
  for (let part = open.pop(); part; part = open.pop()) {
    const [first, last] = part;
    const line = [closed[first] as Point, closed[last] as Point];
    let worst = 0;
    let furthest = tolerance;
    for (let at = first + 1; at < last; at++) {
      const distance = outlineDistance(line, closed[at] as Point);
      if (distance > furthest) [worst, furthest] = [at, distance];
    }
    if (worst === 0) continue;
    keep[worst] = 1;
    open.push([first, worst], [worst, last]);
  }
  const kept = ring.filter((_, at) => keep[at] === 1);
  // A pixel or two would vanish: they keep their corners.
  return kept.length < 3 ? [...ring] : kept;
}
