/* The handles of what is chosen: eight on its box, one to turn it, and what its kind of shape adds (corners). */

import type { Point } from "../../core/types";
import { distance, HANDLES, type Handle } from "./geometry";
import type { Shape } from "./shapes";
import { gripsOf } from "./tools/registry";
import type { Around, Grip, PointerInput } from "./tools/tool";
import { centreOf, frameOf, handleOn } from "./transform";

/** How near a press has to be, in CSS pixels; a finger covers more than a mouse points at. */
const REACH = { mouse: 8, keys: 8, pen: 12, touch: 20 };
/** How far beside the box the handle that turns it stands. */
const STALK = 26;
/** How far outside a shape with corners of its own the handles of its box stand. */
const AWAY = 11;
/** A box smaller than this on the screen has handles at its corners only. */
const SMALL = 28;

/** What can be moved of what is chosen. */
export function movable(around: Around): Shape[] {
  return around.frozen ? [] : around.selection.filter(({ locked }) => !locked);
}

/** What can be scaled and turned of what is chosen. Masks are painted, not pulled. */
export function changeable(around: Around): Shape[] {
  return movable(around).filter(({ kind }) => kind !== "mask");
}

/** The handles there are now, later ones lie on top. */
export function gripsNow(around: Around): Grip[] {
  const shapes = changeable(around);
  const [only] = shapes;
  if (!only || shapes.length !== around.selection.length) return [];
  const own = shapes.length === 1 ? gripsOf(only.kind) : null;
  const boxed = shapes.length > 1 || only.kind !== "point";
  return [
    ...(boxed ? frameGrips(shapes, around, own !== null) : []),
    ...(own?.of(only, around) ?? []),
  ];
}

function frameGrips(shapes: readonly Shape[], around: Around, cornered: boolean): Grip[] {
  const frame = frameOf(shapes);
  const centre = around.toScreen(centreOf(frame));
  const small = Math.min(frame.width, frame.height) * around.scale < SMALL;
  const grips: Grip[] = [];
  for (const handle of HANDLES) {
    const side = handle.length === 1;
    if (side && (small || cornered)) continue;
    const [x, y] = around.toScreen(handleOn(frame, handle));
    const [dx, dy] = [Math.sign(x - centre[0]) || 1, Math.sign(y - centre[1]) || 1];
    const at: Point = cornered ? [x + dx * AWAY, y + dy * AWAY] : [x, y];
    grips.push({
      name: handle,
      at,
      look: side ? "side" : "corner",
      cursor: compass(x - centre[0], y - centre[1]),
    });
  }
  const turns = shapes.every(({ kind }) => kind !== "rectangle") || around.kinds.has("rotated");
  if (turns) {
    grips.unshift({ name: "turn", at: stalk(shapes, around), look: "turn", cursor: "grab" });
  }
  return grips;
}

/** Where the handle that turns stands: above the upper side, below the lower one where the view ends. */
export function stalk(shapes: readonly Shape[], around: Around): Point {
  const frame = frameOf(shapes);
  const beside = (handle: Handle): Point => {
    const [x, y] = around.toScreen(handleOn(frame, handle));
    const [cx, cy] = around.toScreen(centreOf(frame));
    const length = Math.hypot(x - cx, y - cy);
    if (length === 0) return [x, y - STALK];
    return [x + ((x - cx) / length) * STALK, y + ((y - cy) / length) * STALK];
  };
  const above = beside("n");
  return above[1] < 8 ? beside("s") : above;
}

/** The handle that a press or the pointer is on. */
export function gripAt(
  screen: Point,
  around: Around,
  pointer: PointerInput["pointer"] = "mouse",
): Grip | null {
  let best: Grip | null = null;
  let least = REACH[pointer];
  for (const grip of gripsNow(around)) {
    const away = distance(grip.at, screen);
    if (away <= least) {
      best = grip;
      least = away;
    }
  }
  return best;
}

const COMPASS: readonly Handle[] = ["e", "se", "s", "sw", "w", "nw", "n", "ne"];

/** The cursor for a handle that lies in this direction from the middle. */
function compass(dx: number, dy: number): Handle {
  const eighth = Math.round(Math.atan2(dy, dx) / (Math.PI / 4));
  return COMPASS[(eighth + 8) % 8] ?? "e";
}
