/* Turned rectangles: one side by drag or two clicks, then how far the box reaches from it by a third. */

import type { Point } from "../../../core/types";
import { clampPoint, distance, LEAST, type Size } from "../geometry";
import type { Geometry } from "../shapes";
import { furthest, rotatedPoints } from "../transform";
import { registerTool } from "./registry";
import { CLICK, type Gesture, IDLE, type Input, type PointerInput, type Result } from "./tool";

/** The first side is drawn; `pressed`: where on the screen the button went down, null between two clicks. */
interface Side extends Gesture {
  kind: "side";
  from: Point;
  to: Point;
  pressed: Point | null;
}

/** The box opens from its first side to the pointer. */
interface Depth extends Gesture {
  kind: "depth";
  from: Point;
  to: Point;
  at: Point;
}

const RIGHT = Math.PI / 12;

registerTool<Side | Depth>({
  name: "rotated",
  draws: "rotated",
  group: "draw",
  key: "r",
  text: "tool.rotated",
  icon: "rotated",
  cursor: "cross",
  handles: true,
  press({ picture, screen }, { size }) {
    const from = clampPoint(picture, size);
    return [side(from, from, screen), []];
  },
  reduce(gesture, input, { size }): Result | null {
    return gesture.kind === "side" ? siding(gesture, input, size) : opening(gesture, input, size);
  },
  preview(gesture, { size }) {
    const { from, to } = gesture;
    // Until it has an area it is the line of its first side.
    const line: Geometry = { kind: "polyline", points: [from, to] };
    const geometry = gesture.kind === "depth" ? (boxOn(gesture, size) ?? line) : line;
    return [{ id: null, geometry }];
  },
});

function side(from: Point, to: Point, pressed: Point | null): Side {
  return { tool: "rotated", kind: "side", from, to, pressed };
}

function depth(from: Point, to: Point, at: Point): Depth {
  return { tool: "rotated", kind: "depth", from, to, at };
}

function siding(gesture: Side, input: Input, size: Size): Result | null {
  if (input.kind === "back") return [IDLE, []];
  if (input.kind !== "down" && input.kind !== "move" && input.kind !== "up") return null;
  const { from, pressed } = gesture;
  const to = end(from, input, size);
  if (input.kind === "move") return [side(from, to, pressed), []];
  if (input.kind === "up") {
    if (pressed === null) return [side(from, to, null), []];
    if (distance(pressed, input.screen) < CLICK) return [side(from, to, null), []];
  }
  // A side too short to be meant begins nothing.
  return [distance(from, to) < LEAST ? IDLE : depth(from, to, to), []];
}

/** Where the first side ends; with Shift its direction is a multiple of 15°. */
function end(from: Point, input: PointerInput, size: Size): Point {
  const to = clampPoint(input.picture, size);
  if (!input.shift) return to;
  const angle = Math.round(Math.atan2(to[1] - from[1], to[0] - from[0]) / RIGHT) * RIGHT;
  const length = distance(from, to);
  // As far in this direction as the picture reaches.
  const snapped = furthest((part): Point | null => {
    const way = length * part;
    const point: Point = [from[0] + Math.cos(angle) * way, from[1] + Math.sin(angle) * way];
    const inside = clampPoint(point, size);
    return distance(inside, point) < 1e-9 ? inside : null;
  });
  return snapped ?? from;
}

function opening(gesture: Depth, input: Input, size: Size): Result | null {
  const { from, to } = gesture;
  if (input.kind === "back") return [side(from, to, null), []];
  if (input.kind === "finish") return made(gesture, size);
  if (input.kind !== "down" && input.kind !== "move" && input.kind !== "up") return null;
  const next = depth(from, to, clampPoint(input.picture, size));
  // Letting go ends it, so that a finger may open the box by a drag.
  return (input.kind === "up" ? made(next, size) : null) ?? [next, []];
}

function made(gesture: Depth, size: Size): Result | null {
  const geometry = boxOn(gesture, size);
  return geometry && [IDLE, [{ kind: "create", geometry }]];
}

/** The box between its first side and the pointer, as far as the picture reaches. */
function boxOn({ from, to, at }: Depth, size: Size): Geometry | null {
  const width = distance(from, to);
  const [ux, uy] = [(to[0] - from[0]) / width, (to[1] - from[1]) / width];
  const reach = (at[1] - from[1]) * ux - (at[0] - from[0]) * uy;
  const points = furthest((part) => {
    const height = reach * part;
    if (Math.abs(height) < LEAST) return null;
    const centre: Point = [
      (from[0] + to[0]) / 2 - (uy * height) / 2,
      (from[1] + to[1]) / 2 + (ux * height) / 2,
    ];
    return rotatedPoints(centre, width, Math.abs(height), Math.atan2(uy, ux), size);
  });
  return points && { kind: "rotated", points };
}
