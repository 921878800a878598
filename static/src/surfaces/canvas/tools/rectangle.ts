/* Upright rectangles: by drag, or by two clicks at opposite corners. */

import type { Point } from "../../../core/types";
import { boxOf, clampPoint, distance, LEAST, rectangle, type Size } from "../geometry";
import { registerTool } from "./registry";
import { CLICK, type Gesture, IDLE, type Result } from "./tool";

interface Draw extends Gesture {
  kind: "draw";
  from: Point;
  to: Point;
  /** Where on the screen the button went down; null once the first of two clicks is made. */
  pressed: Point | null;
}

registerTool<Draw>({
  name: "rectangle",
  draws: "rectangle",
  group: "draw",
  key: "b",
  text: "tool.rectangle",
  icon: "box",
  cursor: "cross",
  handles: true,
  press({ picture, screen }, { size }) {
    const from = clampPoint(picture, size);
    const gesture: Draw = { tool: "rectangle", kind: "draw", from, to: from, pressed: screen };
    return [gesture, []];
  },
  reduce(gesture, input, around): Result | null {
    if (input.kind === "back") return [IDLE, []];
    if (input.kind !== "down" && input.kind !== "move" && input.kind !== "up") return null;
    const next: Draw = { ...gesture, to: clampPoint(input.picture, around.size) };
    if (input.kind === "move") return [next, []];
    if (input.kind === "down") return end(next, around.size);
    if (gesture.pressed === null) return [next, []];
    if (distance(gesture.pressed, input.screen) < CLICK) {
      const first: Draw = { ...next, pressed: null };
      return [first, []];
    }
    return end(next, around.size);
  },
  preview: ({ from, to }, { size }) => [
    { id: null, geometry: { kind: "rectangle", points: rectangle(from, to, size) } },
  ],
});

/** A box too small to be meant is not made. */
function end({ from, to }: Draw, size: Size): Result {
  const points = rectangle(from, to, size);
  const box = boxOf(points);
  const real = box.maxX - box.minX >= LEAST && box.maxY - box.minY >= LEAST;
  return [IDLE, real ? [{ kind: "create", geometry: { kind: "rectangle", points } }] : []];
}
