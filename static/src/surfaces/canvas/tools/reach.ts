/* How near is near for the tools that work with vertices, and what a place snaps to. */

import { settings } from "../../../core/settings";
import type { Point } from "../../../core/types";
import { distance } from "../geometry";
import { snapped } from "../polygon";
import { reachBox, type Snap, snap } from "../snap";
import type { Around, PointerInput } from "./tool";

/** In CSS pixels. The keyboard's cursor goes by small steps and has to come out of every catch. */
const REACH = { mouse: 8, pen: 10, touch: 18, keys: 3 };

export function reachOf({ pointer }: PointerInput): number {
  return REACH[pointer];
}

export function isNear(a: Point, b: Point, input: PointerInput, { toScreen }: Around): boolean {
  return distance(toScreen(a), toScreen(b)) <= reachOf(input);
}

export interface Place {
  point: Point;
  snap: Snap | null;
}

/** Where a press or a drag puts a vertex: at what is near, unless Alt is held; inside the picture and on its grid. */
export function placeOf(input: PointerInput, around: Around, except: string | null = null): Place {
  const { picture, alt } = input;
  const found = !alt && settings.snap.peek() ? near(input, around, except) : null;
  return { point: snapped(found?.point ?? picture, around.size), snap: found };
}

function near(input: PointerInput, around: Around, except: string | null): Snap | null {
  const reach = reachOf(input) / around.scale;
  const shapes = around.shapes
    .within(reachBox(input.picture, reach))
    .filter(({ id }) => id !== except);
  return snap(input.picture, shapes, reach);
}
