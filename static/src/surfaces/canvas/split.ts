/* An area cut in pieces along a line.

   The rings and the parts of the line inside them make a plane graph on the grid of 1/100 pixel; its faces are the
   pieces. Both sides of a cut get the same vertices, so that the pieces fit together without gap or overlap. */

import type { Point } from "../../core/types";
import { type Edge, lineEdges, meetings, ringEdges } from "./edges";
import { contains } from "./geometry";
import { LEAST_AREA, type Outcome, type Ring, ringsOf, same, withoutRepeats } from "./polygon";
import { covers, type Geometry } from "./shapes";

interface Half {
  from: Point;
  to: Point;
  angle: number;
}

/** The pieces of a polygon whose rings do not cross, the largest first. */
export function splitSimple(geometry: Geometry, line: Ring): Outcome<Geometry[]> {
  const cut = withoutRepeats(line, false);
  if (cut.length < 2) return { refused: "draw.fewForLine" };
  const graph = new Graph();
  const rings = ringsOf(geometry).map((ring, at) => wound(ring, at === 0));
  const cuts = lineEdges(cut);
  const sides = rings.flatMap((ring) => ringEdges(ring));
  for (const [a, b] of sides) graph.add(places(a, b, cuts), false);
  for (const edge of cuts) {
    const others = [...sides, ...cuts.filter((one) => one !== edge)];
    const stops = places(edge[0], edge[1], others);
    for (let at = 1; at < stops.length; at++) {
      const a = stops[at - 1] as Point;
      const b = stops[at] as Point;
      const middle: Point = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
      if (covers(geometry, middle)) graph.add([a, b], true);
    }
  }
  graph.prune();
  const faces = graph.faces();
  const outer = faces.filter((face) => signed(face) >= LEAST_AREA);
  const holes = faces.filter((face) => signed(face) <= -LEAST_AREA);
  if (outer.length < 2) return { refused: "split.through" };
  const pieces = outer.map((points) => ({ points, holes: [] as Ring[], size: signed(points) }));
  for (const hole of holes) {
    const around = pieces
      .filter((piece) => piece.size > -signed(hole) && holds(piece.points, hole))
      .sort((a, b) => a.size - b.size)[0];
    around?.holes.push(hole);
  }
  pieces.sort((a, b) => b.size - a.size);
  return {
    made: pieces.map(({ points, holes: inner }) =>
      inner.length > 0 ? { kind: "polygon", points, holes: inner } : { kind: "polygon", points },
    ),
  };
}

/** The ring with what it surrounds on its left; a hole has the area around it there. */
function wound(ring: Ring, outer: boolean): Ring {
  return signed(ring) > 0 === outer ? ring : [...ring].reverse();
}

export function signed(ring: Ring): number {
  let sum = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [ax, ay] = ring[j] as Point;
    const [bx, by] = ring[i] as Point;
    sum += ax * by - bx * ay;
  }
  return sum / 2;
}

/** Whether a ring lies in another one that it may touch. */
function holds(outer: Ring, inner: Ring): boolean {
  const votes = ringEdges(inner).filter(([a, b]) =>
    contains(outer, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]),
  );
  return votes.length * 2 > inner.length;
}

/** The ends of an edge and where others meet it, in order and on the grid. */
function places(a: Point, b: Point, others: readonly Edge[]): Point[] {
  const found: { along: number; point: Point }[] = [
    { along: 0, point: a },
    { along: 1, point: b },
  ];
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const length = dx * dx + dy * dy;
  const [left, right] = a[0] < b[0] ? [a[0], b[0]] : [b[0], a[0]];
  const [top, bottom] = a[1] < b[1] ? [a[1], b[1]] : [b[1], a[1]];
  for (const [c, d] of others) {
    if (Math.max(c[0], d[0]) < left - 0.01 || Math.min(c[0], d[0]) > right + 0.01) continue;
    if (Math.max(c[1], d[1]) < top - 0.01 || Math.min(c[1], d[1]) > bottom + 0.01) continue;
    for (const point of meetings(a, b, c, d)) {
      const along = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length;
      found.push({ along, point });
    }
  }
  found.sort((one, other) => one.along - other.along);
  return withoutRepeats(
    found.filter(({ along }) => along >= 0 && along <= 1).map(({ point }) => point),
    false,
  );
}

/** A plane graph of half edges that have the area on their left. */
class Graph {
  private readonly out = new Map<string, Half[]>();

  /** Add a path; both ways where the area is on both of its sides. */
  add(path: Ring, both: boolean): void {
    for (let at = 1; at < path.length; at++) {
      const a = path[at - 1] as Point;
      const b = path[at] as Point;
      if (same(a, b)) continue;
      if (both && (this.has(a, b) || this.has(b, a))) continue;
      this.put(a, b);
      if (both) this.put(b, a);
    }
  }

  /** Take away what separates nothing: ends of the line inside the area, and bridges between two rings. */
  prune(): void {
    for (let found = this.bridges(); found.length > 0; found = this.bridges()) {
      for (const { from, to } of found) {
        this.drop(from, to);
        this.drop(to, from);
      }
    }
  }

  /** Every face's outline, and the outlines of what is cut out of them. */
  faces(): Point[][] {
    return this.loops().map((loop) =>
      withoutRepeats(
        loop.map(({ from }) => from),
        true,
      ),
    );
  }

  /** Half edges whose other half is in the same loop. */
  private bridges(): Half[] {
    return this.loops().flatMap((loop) => {
      const names = new Set(loop.map(({ from, to }) => `${name(from)} ${name(to)}`));
      return loop.filter(({ from, to }) => names.has(`${name(to)} ${name(from)}`));
    });
  }

  private loops(): Half[][] {
    const met = new Set<Half>();
    const loops: Half[][] = [];
    for (const halves of this.out.values()) {
      for (const start of halves) {
        const loop: Half[] = [];
        for (let half: Half | null = start; half && !met.has(half); half = this.next(half)) {
          met.add(half);
          loop.push(half);
        }
        if (loop.length > 1) loops.push(loop);
      }
    }
    return loops;
  }

  /** The half edge that goes on with the same face on the left: the first one clockwise from the way back. */
  private next({ from, to }: Half): Half | null {
    const back = Math.atan2(from[1] - to[1], from[0] - to[0]);
    let best: Half | null = null;
    let least = Infinity;
    for (const half of this.out.get(name(to)) ?? []) {
      let turn = back - half.angle;
      if (turn <= 1e-12) turn += 2 * Math.PI;
      if (turn < least) {
        best = half;
        least = turn;
      }
    }
    return best;
  }

  private has(a: Point, b: Point): boolean {
    return (this.out.get(name(a)) ?? []).some(({ to }) => same(to, b));
  }

  private put(from: Point, to: Point): void {
    if (this.has(from, to)) return;
    const half = { from, to, angle: Math.atan2(to[1] - from[1], to[0] - from[0]) };
    const halves = this.out.get(name(from));
    if (halves) halves.push(half);
    else this.out.set(name(from), [half]);
  }

  private drop(from: Point, to: Point): void {
    const left = (this.out.get(name(from)) ?? []).filter((half) => !same(half.to, to));
    if (left.length > 0) this.out.set(name(from), left);
    else this.out.delete(name(from));
  }
}

function name([x, y]: Point): string {
  return `${x} ${y}`;
}
