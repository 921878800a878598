/* Masks as shapes of a surface, and what a tool makes of the mask that it works on. */

import { boxOf, pointsOf } from "../canvas/geometry";
import type { Geometry, Shape } from "../canvas/shapes";
import { type Around, type Effect, IDLE, type Result } from "../canvas/tools/tool";
import { areaMask } from "./area";
import { blank, type Columns, columnsOf, extent, rleOf } from "./columns";

/** The shape of a mask; null for one without a pixel. */
export function maskGeometry(mask: Columns): Geometry | null {
  const box = extent(mask);
  return box && { kind: "mask", points: pointsOf(box), mask: rleOf(mask) };
}

/** The mask that is worked on: the chosen one, if one alone is and may be changed. */
export function chosenMask({ selected, selection }: Around): Shape | null {
  return selection.length === 1 && selected?.mask && !selected.locked ? selected : null;
}

/** The mask of a shape on a picture, a blank one for null. */
export function maskOf(shape: Geometry | null, around: Around): Columns {
  return shape?.mask ? columnsOf(shape.mask) : blank(around.size);
}

/** What has to be stored after a mask became another: a new region, a changed one, or none where nothing is left. */
export function became(id: string | null, before: Columns, after: Columns): Effect[] {
  if (before === after) return [];
  const geometry = maskGeometry(after);
  if (geometry)
    return [id === null ? { kind: "create", geometry } : { kind: "change", id, geometry }];
  return id === null ? [] : [{ kind: "edit", remove: [id] }];
}

/** The end of a gesture on a mask. */
export function done(id: string | null, before: Columns, after: Columns): Result {
  return [IDLE, became(id, before, after)];
}

/** The mask of a shape with an inside; null for others. */
export function filledMask(shape: Geometry, around: Around): Columns | null {
  if (shape.kind === "polyline" || shape.kind === "point") return null;
  if (shape.mask) return columnsOf(shape.mask);
  return areaMask([shape.points, ...(shape.holes ?? [])], around.size);
}

/** What a shape that a tool paints itself is kept out of the static layer by. */
export function heldBox(mask: Columns): Geometry {
  const box = extent(mask) ?? boxOf([[0, 0]]);
  return { kind: "mask", points: pointsOf(box) };
}
