/* What pointer and keys mean on a surface: one pure reducer from (gesture, input) to (gesture, effects).

   Nothing is committed while a gesture runs; the preview is in the gesture itself, and one effect ends it. */

import type { Point } from "../../../core/types";
import {
  type Box,
  boxOf,
  clampPoint,
  type Handle,
  rectangle,
  resize,
  type Size,
  translate,
} from "../geometry";
import type { Geometry, Shape } from "../shapes";

export type ToolName = "select" | "box" | "hand";

export type Gesture =
  | { kind: "idle" }
  | { kind: "pan"; at: Point }
  /** `press`: where on the screen the button went down; null once the first of two clicks is made. */
  | { kind: "draw"; from: Point; to: Point; press: Point | null }
  | {
      kind: "move";
      id: string;
      from: Point;
      start: readonly Point[];
      points: readonly Point[];
      press: Point;
      moved: boolean;
    }
  | { kind: "resize"; id: string; handle: Handle; start: Box; points: readonly Point[] }
  /** Drawing by keys: a cursor that arrows move, and the first corner once it is set. */
  | { kind: "aim"; cursor: Point; from: Point | null };

export type Input =
  | { kind: "down"; screen: Point; picture: Point; pan: boolean; mod: boolean }
  | { kind: "move"; screen: Point; picture: Point }
  | { kind: "up"; screen: Point; picture: Point }
  | { kind: "aim"; cursor: Point }
  | { kind: "arrow"; dx: number; dy: number }
  | { kind: "place" }
  | { kind: "cancel" };

export interface Surroundings {
  tool: ToolName;
  size: Size;
  frozen: boolean;
  selected: Shape | null;
  hit(picture: Point): Shape | null;
  handleAt(screen: Point): Handle | null;
}

export type Effect =
  | { kind: "create"; geometry: Geometry }
  | { kind: "change"; id: string; geometry: Geometry }
  | { kind: "select"; id: string | null }
  | { kind: "pan"; dx: number; dy: number };

export const IDLE: Gesture = { kind: "idle" };

/** A press that moves less than this many screen pixels is a click. */
export const CLICK = 4;
/** A box is at least this wide and high, in picture pixels. */
export const LEAST = 1;

type Result = readonly [Gesture, readonly Effect[]];

export function reduce(gesture: Gesture, input: Input, around: Surroundings): Result {
  if (input.kind === "cancel") return [IDLE, []];
  if (input.kind === "aim") {
    return [{ kind: "aim", cursor: clampPoint(input.cursor, around.size), from: null }, []];
  }
  switch (gesture.kind) {
    case "idle":
      return input.kind === "down" ? press(input, around) : [gesture, []];
    case "pan":
      return panning(gesture, input);
    case "draw":
      return drawing(gesture, input, around);
    case "move":
      return moving(gesture, input, around);
    case "resize":
      return resizing(gesture, input, around);
    case "aim":
      return aiming(gesture, input, around);
  }
}

function press(input: Extract<Input, { kind: "down" }>, around: Surroundings): Result {
  const { screen, picture } = input;
  if (input.pan || around.tool === "hand") return [{ kind: "pan", at: screen }, []];
  const { selected } = around;
  const handle = around.frozen || !selected ? null : around.handleAt(screen);
  if (handle && selected) {
    const start = boxOf(selected.points);
    return [{ kind: "resize", id: selected.id, handle, start, points: selected.points }, []];
  }
  if (around.tool === "box" && !around.frozen && !input.mod) {
    const from = clampPoint(picture, around.size);
    return [{ kind: "draw", from, to: from, press: screen }, []];
  }
  const shape = around.hit(picture);
  if (!shape) return [{ kind: "pan", at: screen }, [{ kind: "select", id: null }]];
  const effects: Effect[] = shape.id === selected?.id ? [] : [{ kind: "select", id: shape.id }];
  if (around.frozen) return [{ kind: "pan", at: screen }, effects];
  const { id, points } = shape;
  return [
    { kind: "move", id, from: picture, start: points, points, press: screen, moved: false },
    effects,
  ];
}

function panning(gesture: Extract<Gesture, { kind: "pan" }>, input: Input): Result {
  if (input.kind === "up") return [IDLE, []];
  if (input.kind !== "move") return [gesture, []];
  const [x, y] = input.screen;
  return [
    { kind: "pan", at: input.screen },
    [{ kind: "pan", dx: x - gesture.at[0], dy: y - gesture.at[1] }],
  ];
}

function drawing(
  gesture: Extract<Gesture, { kind: "draw" }>,
  input: Input,
  around: Surroundings,
): Result {
  if (input.kind !== "down" && input.kind !== "move" && input.kind !== "up") return [gesture, []];
  const to = clampPoint(input.picture, around.size);
  switch (input.kind) {
    case "move":
      return [{ ...gesture, to }, []];
    case "down":
      // The second of two clicks.
      return finish(gesture.from, to, around.size);
    case "up":
      if (gesture.press === null) return [gesture, []];
      if (distance(gesture.press, input.screen) < CLICK) return [{ ...gesture, press: null }, []];
      return finish(gesture.from, to, around.size);
  }
}

/** A box too small to be meant is not made. */
function finish(from: Point, to: Point, size: Size): Result {
  const points = rectangle(from, to, size);
  const box = boxOf(points);
  const real = box.maxX - box.minX >= LEAST && box.maxY - box.minY >= LEAST;
  return [IDLE, real ? [{ kind: "create", geometry: { kind: "rectangle", points } }] : []];
}

function moving(
  gesture: Extract<Gesture, { kind: "move" }>,
  input: Input,
  around: Surroundings,
): Result {
  if (input.kind !== "move" && input.kind !== "up") return [gesture, []];
  const moved = gesture.moved || distance(gesture.press, input.screen) >= CLICK;
  const [x, y] = input.picture;
  const points = moved
    ? translate(gesture.start, x - gesture.from[0], y - gesture.from[1], around.size)
    : gesture.start;
  if (input.kind === "move") return [{ ...gesture, points, moved }, []];
  return [
    IDLE,
    moved ? [{ kind: "change", id: gesture.id, geometry: { kind: "rectangle", points } }] : [],
  ];
}

function resizing(
  gesture: Extract<Gesture, { kind: "resize" }>,
  input: Input,
  around: Surroundings,
): Result {
  if (input.kind !== "move" && input.kind !== "up") return [gesture, []];
  const points = resize(gesture.start, gesture.handle, input.picture, around.size);
  if (input.kind === "move") return [{ ...gesture, points }, []];
  const box = boxOf(points);
  const real = box.maxX - box.minX >= LEAST && box.maxY - box.minY >= LEAST;
  const same = points.every(
    ([px, py], at) => px === gesture.points[at]?.[0] && py === gesture.points[at]?.[1],
  );
  const changed = real && !(same && isStart(gesture.start, points));
  return [
    IDLE,
    changed ? [{ kind: "change", id: gesture.id, geometry: { kind: "rectangle", points } }] : [],
  ];
}

function isStart(start: Box, points: readonly Point[]): boolean {
  const box = boxOf(points);
  return (
    box.minX === start.minX &&
    box.minY === start.minY &&
    box.maxX === start.maxX &&
    box.maxY === start.maxY
  );
}

function aiming(
  gesture: Extract<Gesture, { kind: "aim" }>,
  input: Input,
  around: Surroundings,
): Result {
  switch (input.kind) {
    case "arrow": {
      const [x, y] = gesture.cursor;
      const cursor = clampPoint([x + input.dx, y + input.dy], around.size);
      return [{ ...gesture, cursor }, []];
    }
    case "place":
      if (gesture.from === null) return [{ ...gesture, from: gesture.cursor }, []];
      return finish(gesture.from, gesture.cursor, around.size);
    case "down":
      // The mouse takes over.
      return press(input, around);
    default:
      return [gesture, []];
  }
}

function distance([ax, ay]: Point, [bx, by]: Point): number {
  return Math.hypot(ax - bx, ay - by);
}

/** The shape that a gesture holds, as it is now. */
export function preview(
  gesture: Gesture,
  size: Size,
): { id: string | null; points: readonly Point[] } | null {
  switch (gesture.kind) {
    case "draw":
      return { id: null, points: rectangle(gesture.from, gesture.to, size) };
    case "move":
    case "resize":
      return { id: gesture.id, points: gesture.points };
    case "aim":
      return gesture.from
        ? { id: null, points: rectangle(gesture.from, gesture.cursor, size) }
        : null;
    default:
      return null;
  }
}
