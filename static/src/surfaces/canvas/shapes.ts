/* The shapes of a surface with their spatial index: found by place in microseconds, however many there are. */

import RBush from "rbush";
import type { Point } from "../../core/types";
import { columnsOf, covers as coversPixel } from "../mask/columns";
import { area, type Box, boxOf, contains, outlineDistance } from "./geometry";

/** The server's ShapeName: what a question may take, and what its points are (templates_app/questions/shapes.py). */
export type ShapeKind = "rectangle" | "rotated" | "polygon" | "polyline" | "point" | "mask";

/** Run lengths of a mask as COCO writes them; `size` is [height, width] of the picture. */
export interface Rle {
  readonly size: readonly [number, number];
  readonly counts: string;
}

/** Where something lies on a picture, in upright original pixels. */
export interface Geometry {
  readonly kind: ShapeKind;
  /** Of a mask: the corners of the box around it. */
  readonly points: readonly Point[];
  /** Rings cut out of a polygon. */
  readonly holes?: readonly (readonly Point[])[];
  readonly mask?: Rle;
}

export interface Shape extends Geometry {
  id: string;
  color: string;
  text: string;
  /** So many lines above its usual place stands the text; below zero, under the shape. */
  line?: number;
  /** Shown, never met by the pointer or changed. */
  locked?: boolean;
  /** What is chosen and moved together has the same. */
  group?: string;
  /** Of a mask: over how many pixels to either side its edge fades. */
  feather?: number;
}

/** Whether nothing has to be stored. */
export function sameGeometry(a: Geometry, b: Geometry): boolean {
  return (
    a.kind === b.kind &&
    samePoints(a.points, b.points) &&
    (a.holes?.length ?? 0) === (b.holes?.length ?? 0) &&
    (a.holes ?? []).every((hole, at) => samePoints(hole, b.holes?.[at] ?? [])) &&
    a.mask?.counts === b.mask?.counts
  );
}

function samePoints(a: readonly Point[], b: readonly Point[]): boolean {
  return a.length === b.length && a.every(([x, y], at) => x === b[at]?.[0] && y === b[at]?.[1]);
}

/** How far a point is from the line of a shape; a mask is met where its pixels are. */
export function lineDistance({ kind, points, holes, mask }: Geometry, point: Point): number {
  if (mask) return Infinity;
  const outer = outlineDistance(points, point, kind === "polyline");
  return (holes ?? []).reduce((best, hole) => Math.min(best, outlineDistance(hole, point)), outer);
}

/** Whether a point is in what a shape covers; lines and points cover nothing. */
export function covers({ kind, points, holes, mask }: Geometry, point: Point): boolean {
  if (mask) return contains(points, point) && coversPixel(columnsOf(mask), point);
  if (kind === "polyline" || kind === "point") return false;
  return contains(points, point) && !(holes ?? []).some((hole) => contains(hole, point));
}

interface Node extends Box {
  id: string;
}

export class Shapes {
  private readonly byId = new Map<string, Shape>();
  private readonly nodes = new Map<string, Node>();
  private readonly tree = new RBush<Node>();

  get size(): number {
    return this.byId.size;
  }

  get(id: string): Shape | null {
    return this.byId.get(id) ?? null;
  }

  /** In the order in which they were added: later ones lie on top. */
  all(): IterableIterator<Shape> {
    return this.byId.values();
  }

  load(shapes: readonly Shape[]): void {
    this.byId.clear();
    this.nodes.clear();
    this.tree.clear();
    const nodes = shapes.map((shape) => {
      this.byId.set(shape.id, shape);
      const node = { ...boxOf(shape.points), id: shape.id };
      this.nodes.set(shape.id, node);
      return node;
    });
    this.tree.load(nodes);
  }

  put(shape: Shape): void {
    const old = this.nodes.get(shape.id);
    if (old) this.tree.remove(old);
    const node = { ...boxOf(shape.points), id: shape.id };
    this.nodes.set(shape.id, node);
    this.byId.set(shape.id, shape);
    this.tree.insert(node);
  }

  remove(id: string): void {
    const node = this.nodes.get(id);
    if (!node) return;
    this.tree.remove(node);
    this.nodes.delete(id);
    this.byId.delete(id);
  }

  /** The shapes chosen and moved together with this one: its group's, else itself. */
  together(id: string): string[] {
    const group = this.byId.get(id)?.group;
    if (group === undefined) return [id];
    return [...this.byId.values()].filter((one) => one.group === group).map((one) => one.id);
  }

  within(box: Box): Shape[] {
    return this.tree.search(box).map((node) => this.byId.get(node.id) as Shape);
  }

  /**
   * The shape meant by a point: one whose outline is within `reach`, else the smallest around the point, so that a
   * small shape inside a large one can be met.
   */
  hit(point: Point, reach: number, hidden: ReadonlySet<string>): Shape | null {
    const [x, y] = point;
    const near = this.within({
      minX: x - 2 * reach,
      minY: y - 2 * reach,
      maxX: x + 2 * reach,
      maxY: y + 2 * reach,
    });
    let best: Shape | null = null;
    let score = Infinity;
    for (const shape of near) {
      if (shape.locked || hidden.has(shape.id)) continue;
      const distance = lineDistance(shape, point);
      const onLine = distance <= (shape.kind === "point" ? 2 * reach : reach);
      if (!onLine && !covers(shape, point)) continue;
      const value = onLine ? distance - 1e9 : area(shape.points);
      if (value < score) {
        score = value;
        best = shape;
      }
    }
    return best;
  }
}
