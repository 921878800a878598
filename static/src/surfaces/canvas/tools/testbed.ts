/* What the tests of tools share: a picture at 1:1, pointers by hand, and a gesture played to its end. */

import type { Point } from "../../../core/types";
import { pointsOf } from "../geometry";
import { type Shape, Shapes } from "../shapes";
import "./all";
import { drive } from "./drive";
import {
  type Around,
  type Effect,
  type Gesture,
  IDLE,
  type Input,
  type PointerInput,
} from "./tool";

export const SIZE = { width: 640, height: 480 };
const CAMERA = { scale: 1, x: 0, y: 0, turn: 0 } as const;
export const NOTHING = { color: "#fff", text: "" };
export const BOX: Shape = {
  id: "a",
  kind: "rectangle",
  points: pointsOf({ minX: 100, minY: 100, maxX: 200, maxY: 180 }),
  ...NOTHING,
};

/** A picture shown at 1:1, so that screen and picture points are the same. */
export function around(tool: string, shapes: Shape[] = [BOX], over: Partial<Around> = {}): Around {
  const index = new Shapes();
  index.load(shapes);
  const selection = over.selection ?? [];
  return {
    tool,
    size: SIZE,
    frozen: false,
    kinds: new Set(["rectangle", "rotated", "polygon", "polyline", "point", "mask"]),
    shapes: {
      get: (id) => index.get(id),
      within: (box) => index.within(box),
      hit: (point) => index.hit(point, 4, new Set()),
      together: (id) => index.together(id),
    },
    selected: selection.at(-1) ?? null,
    selection,
    camera: CAMERA,
    scale: 1,
    toScreen: (point) => point,
    toPicture: (point) => point,
    picture: null,
    pixels: () => null,
    ...over,
  };
}

export type More = Partial<PointerInput> & { pan?: boolean };
export const pointer = (kind: PointerInput["kind"], x: number, y: number, more: More = {}) => ({
  kind,
  screen: [x, y] as Point,
  picture: [x, y] as Point,
  mod: false,
  shift: false,
  alt: false,
  button: 0,
  pointer: "mouse" as const,
  pressure: 0.5,
  clicks: 1,
  ...more,
});
export const down = (x: number, y: number, more: More = {}) => pointer("down", x, y, more);
export const move = (x: number, y: number, more: More = {}) => pointer("move", x, y, more);
export const up = (x: number, y: number, more: More = {}) => pointer("up", x, y, more);
export const drag = (from: Point, to: Point, more: More = {}) => [
  down(...from, more),
  move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, more),
  move(...to, more),
  up(...to, more),
];

export function play(inputs: (Input & { pan?: boolean })[], surroundings: Around) {
  let gesture: Gesture = IDLE;
  const effects: Effect[] = [];
  for (const input of inputs) {
    const [next, more] = drive(gesture, input, surroundings, input.pan);
    gesture = next;
    effects.push(...more);
  }
  return { gesture, effects };
}

/** The server's rule for turned rectangles (templates_app/questions/shapes.py). */
export function fitsServer(points: readonly Point[]): boolean {
  const [[x1, y1], [x2, y2], [x3, y3], [x4, y4]] = points as [Point, Point, Point, Point];
  const slack = 0.02 + 1e-9;
  if (Math.abs(x1 + x3 - x2 - x4) > slack || Math.abs(y1 + y3 - y2 - y4) > slack) return false;
  const [ax, ay, bx, by] = [x2 - x1, y2 - y1, x4 - x1, y4 - y1];
  if (ax * by - ay * bx <= 0) return false;
  return Math.abs(ax * bx + ay * by) / Math.max(Math.hypot(ax, ay), Math.hypot(bx, by)) <= slack;
}
