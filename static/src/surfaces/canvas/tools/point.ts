/* Points: set where the button is let go, so that a finger or pen can still be drawn to the place. */

import type { Point } from "../../../core/types";
import type { Size } from "../geometry";
import { settle } from "../transform";
import { registerTool } from "./registry";
import { type Gesture, IDLE, type Result } from "./tool";

interface Set extends Gesture {
  kind: "set";
  at: Point;
}

registerTool<Set>({
  name: "point",
  draws: "point",
  group: "draw",
  key: "o",
  text: "tool.point",
  icon: "point",
  cursor: "cross",
  handles: true,
  press: ({ picture }, { size }) => [set(picture, size), []],
  reduce(_gesture, input, { size }): Result | null {
    if (input.kind === "back") return [IDLE, []];
    if (input.kind === "move") return [set(input.picture, size), []];
    if (input.kind !== "up") return null;
    const points = [settle(input.picture, size)];
    return [IDLE, [{ kind: "create", geometry: { kind: "point", points } }]];
  },
  preview: ({ at }) => [{ id: null, geometry: { kind: "point", points: [at] } }],
});

function set(at: Point, size: Size): Set {
  return { tool: "point", kind: "set", at: settle(at, size) };
}
