/* Upright rectangles by four clicks: on what lies furthest up, down, left and right, in any order. */

import type { Point } from "../../../core/types";
import { boxOf, clampPoint, LEAST, rectangle, type Size } from "../geometry";
import { outline } from "../paint";
import { registerTool } from "./registry";
import { type Gesture, IDLE, type Result } from "./tool";

interface Extreme extends Gesture {
  kind: "extreme";
  /** The points that are set. */
  points: readonly Point[];
  /** Where the next one would be. */
  at: Point;
}

const MOST = 4;

registerTool<Extreme>({
  name: "extreme",
  draws: "rectangle",
  group: "draw",
  key: "e",
  text: "tool.extreme",
  icon: "extreme",
  cursor: "cross",
  handles: true,
  press({ picture }, { size }) {
    const at = clampPoint(picture, size);
    return [extreme([at], at), []];
  },
  reduce(gesture, input, { size }): Result | null {
    const { points } = gesture;
    if (input.kind === "back") {
      return points.length > 1 ? [extreme(points.slice(0, -1), gesture.at), []] : null;
    }
    if (input.kind === "finish") return end(points, size);
    if (input.kind === "move") return [extreme(points, clampPoint(input.picture, size)), []];
    if (input.kind !== "down") return null;
    const at = clampPoint(input.picture, size);
    const more = [...points, at];
    if (more.length < MOST) return [extreme(more, at), []];
    // Four points on one line enclose nothing: the last one is asked for again.
    return end(more, size) ?? [gesture, []];
  },
  preview: ({ points, at }, { size }) => [
    { id: null, geometry: { kind: "rectangle", points: around([...points, at], size) } },
  ],
  paint(context, gesture, view, { toScreen }) {
    for (const point of gesture.points ?? []) {
      const [x, y] = toScreen(point);
      context.beginPath();
      context.arc(x, y, 4, 0, Math.PI * 2);
      context.fillStyle = view.color;
      context.fill();
      outline(context, "#ffffff", 1.5);
    }
  },
});

function extreme(points: readonly Point[], at: Point): Extreme {
  return { tool: "extreme", kind: "extreme", points, at };
}

function around(points: readonly Point[], size: Size): Point[] {
  const { minX, minY, maxX, maxY } = boxOf(points);
  return rectangle([minX, minY], [maxX, maxY], size);
}

function end(all: readonly Point[], size: Size): Result | null {
  const points = around(all, size);
  const box = boxOf(points);
  if (box.maxX - box.minX < LEAST || box.maxY - box.minY < LEAST) return null;
  return [IDLE, [{ kind: "create", geometry: { kind: "rectangle", points } }]];
}
