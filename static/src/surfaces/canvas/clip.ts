/* Areas joined, cut out of each other and cut in pieces. The algebra is loaded when it is first asked for. */

import type { Point } from "../../core/types";
import { isSimple, meet, ringEdges } from "./edges";
import { area, contains, round } from "./geometry";
import {
  coverage,
  isArea,
  LEAST_AREA,
  type Outcome,
  type Ring,
  ringsOf,
  same,
  withoutRepeats,
  withRings,
} from "./polygon";
import { covers, type Geometry } from "./shapes";
import { signed, splitSimple } from "./split";

export type Algebra = typeof import("polyclip-ts");
type Poly = [number, number][][];

let algebra: Promise<Algebra> | null = null;

/** What the functions below need; a failed load is tried again the next time. */
export function loadAlgebra(): Promise<Algebra> {
  algebra ??= import("polyclip-ts").catch((error: unknown) => {
    algebra = null;
    throw error;
  });
  return algebra;
}

/**
 * How near, in pixels, places count as one, in the order of trying: with exact numbers, or with the wrong one of
 * these, lines that nearly touch lead to outlines that do not close, which the algebra reports by throwing.
 */
const PRECISIONS = [1e-6, 1e-9, 1e-12, 1e-4];

/** What the algebra throws when it has lost its way, not when it was asked something wrong. */
const LOST = /^(Unable to complete output ring|Tried to (link|create) )/;

/** One polygon of several areas that overlap or share a part of their outline. */
export function join(algebra: Algebra, areas: readonly Geometry[]): Outcome<Geometry> {
  if (areas.length < 2 || !areas.every(isArea)) return { refused: "join.several" };
  const [first, ...others] = areas.map(poly) as [Poly, ...Poly[]];
  const found = solve(algebra, () => algebra.union(first, ...others));
  if (!found) return { refused: "areas.tangled" };
  const made = polygons(found, areas.flatMap(ringsOf));
  if (made.length > 1) return { refused: "join.apart" };
  return made[0] ? { made: made[0] } : { refused: "draw.noArea" };
}

/** What is left of an area, the largest piece first, when the inside of a ring is taken out of it. */
export function cutOut(algebra: Algebra, geometry: Geometry, ring: Ring): Outcome<Geometry[]> {
  const kept = withoutRepeats(ring, true);
  if (kept.length < 3 || area(kept) < LEAST_AREA) return { refused: "draw.noArea" };
  if (!isArea(geometry)) return { refused: "cut.area" };
  if (isInside(kept, geometry)) return { made: [withHole(geometry, kept)] };
  const left = solve(algebra, () => algebra.difference(poly(geometry), [mutable(kept)]));
  if (!left) return { refused: "areas.tangled" };
  const made = polygons(left, [...ringsOf(geometry), kept]);
  const rest = made.reduce((sum, piece) => sum + coverage(piece), 0);
  if (rest > coverage(geometry) - LEAST_AREA) return { refused: "cut.beside" };
  return made.length > 0 ? { made } : { refused: "cut.all" };
}

/** Whether a ring lies in an area without meeting its lines, with nothing cut out inside it. */
function isInside(ring: Ring, geometry: Geometry): boolean {
  const holes = geometry.holes ?? [];
  return (
    covers(geometry, ring[0] as Point) &&
    isSimple([ring]) &&
    !meet(ringEdges(ring), ringsOf(geometry).flatMap(ringEdges)) &&
    !holes.some((hole) => contains(ring, hole[0] as Point))
  );
}

function withHole({ points, holes = [] }: Geometry, ring: Ring): Geometry {
  return { kind: "polygon", points, holes: [...holes, ring] };
}

/** The pieces of an area, the largest first, when it is cut along a line that goes through it. */
export function split(algebra: Algebra, geometry: Geometry, line: Ring): Outcome<Geometry[]> {
  if (!isArea(geometry)) return { refused: "cut.area" };
  const known = ringsOf(geometry);
  const whole = untangled(algebra, geometry);
  if (!whole) return { refused: "areas.tangled" };
  const parts = whole.map((part) => splitSimple(part, line));
  if (parts.every(({ made }) => made === undefined)) {
    return { refused: parts[0]?.refused ?? "draw.noArea" };
  }
  const pieces = parts.flatMap((part, at) => part.made ?? [whole[at] as Geometry]);
  const made = pieces.map((piece) => {
    const rings = ringsOf(piece).map((ring) => likeBefore(ring, known));
    return withRings(piece, rings);
  });
  return { made: made.sort((a, b) => coverage(b) - coverage(a)) };
}

/** The area as polygons whose lines do not cross. */
function untangled(algebra: Algebra, geometry: Geometry): Geometry[] | null {
  const rings = ringsOf(geometry);
  if (isSimple(rings)) return [withRings({ ...geometry, kind: "polygon" }, rings)];
  const found = solve(algebra, () => algebra.union(poly(geometry)));
  return found && polygons(found, rings);
}

/** The algebra's answer; null where it finds none at any precision. */
function solve(algebra: Algebra, run: () => Poly[]): Poly[] | null {
  for (const precision of PRECISIONS) {
    algebra.setPrecision(precision);
    try {
      return run();
    } catch (error) {
      if (!(error instanceof Error && LOST.test(error.message))) throw error;
    }
  }
  return null;
}

function poly(geometry: Geometry): Poly {
  return ringsOf(geometry).map(mutable);
}

function mutable(ring: Ring): [number, number][] {
  return ring.map(([x, y]) => [x, y]);
}

/** The algebra's answer on the grid, without slivers, the largest first; lines begin and turn as they did before. */
function polygons(found: Poly[], known: readonly Ring[]): Geometry[] {
  const made: Geometry[] = [];
  for (const rings of found) {
    const [points, ...holes] = rings
      .map((ring) => onGrid(ring))
      .map((ring) =>
        ring.length >= 3 && area(ring) >= LEAST_AREA ? likeBefore(ring, known) : null,
      );
    if (!points) continue;
    const real = holes.filter((hole) => hole !== null);
    made.push(
      real.length > 0 ? { kind: "polygon", points, holes: real } : { kind: "polygon", points },
    );
  }
  return made.sort((a, b) => coverage(b) - coverage(a));
}

function onGrid(ring: readonly (readonly [number, number])[]): Point[] {
  return withoutRepeats(
    ring.map(([x, y]): Point => [round(x), round(y)]),
    true,
  );
}

/** The ring from the first vertex on that it has in common with one from before, in that one's direction. */
function likeBefore(ring: Ring, known: readonly Ring[]): Ring {
  for (const before of known) {
    const start = before.find((point) => ring.some((one) => same(one, point)));
    if (!start) continue;
    const turned = signed(ring) > 0 === signed(before) > 0 ? ring : [...ring].reverse();
    const at = turned.findIndex((one) => same(one, start));
    return [...turned.slice(at), ...turned.slice(0, at)];
  }
  return ring;
}
