/* Lines drawn point by point, or by hand with the button held: what polygons, open lines and cuts have in common.

   A click places a point; on the first one of a ring, a double click, or Enter end the line; Backspace takes the last
   point back. */

import type { Key } from "../../../core/i18n";
import type { Point } from "../../../core/types";
import type { IconName } from "../../../ui/icon";
import { toScreen } from "../camera";
import { distance } from "../geometry";
import { type Context, outline } from "../paint";
import { type Ring, simplify } from "../polygon";
import type { ShapeKind } from "../shapes";
import type { Snap } from "../snap";
import { SnapOption, snapKeys } from "./options";
import { isNear, placeOf } from "./reach";
import { registerTool } from "./registry";
import { paintSnap, paintVertex } from "./signs";
import {
  type Around,
  type Effect,
  type Gesture,
  IDLE,
  type Input,
  type PaintView,
  type PointerInput,
  type Result,
} from "./tool";

export interface Path extends Gesture {
  kind: "path";
  points: Ring;
  /** Where the next point would be. */
  to: Point;
  snap: Snap | null;
  /** The end would be the first point: a press there closes the ring. */
  closes: boolean;
  /** Where on the screen the button went down that is still held. */
  pressed: Point | null;
  /** From this point on the line is drawn by hand. */
  freehand: number | null;
  /** The region that is cut. */
  target: string | null;
  /** The last point was placed by the keyboard's cursor. */
  keyed: boolean;
}

export interface PathTool {
  name: string;
  /** The shape that it makes; what cuts is offered where a question takes polygons. */
  draws: ShapeKind | null;
  group: "draw" | "edit";
  key: string;
  text: Key;
  icon: IconName;
  /** A ring, not an open line. */
  ring: boolean;
  /** The region that is cut, or why it cannot be begun; tools that make regions have none. */
  target?(input: PointerInput, around: Around): { id: string; effects: Effect[] } | Key;
  /** What becomes of the line; a key says why it cannot be ended yet. */
  end(points: Ring, target: string | null, around: Around): readonly Effect[] | Key;
}

/** A line drawn by hand has a point at least every this many CSS pixels. */
const STEP = 6;
/** The button has to be moved this far before a click becomes a line drawn by hand. */
const BY_HAND = 12;

export function registerPath(tool: PathTool): void {
  const { name, draws, group, key, text, icon } = tool;
  registerTool<Path>({
    name,
    draws,
    ...(draws === null ? { needs: ["polygon"] } : {}),
    group,
    key,
    text,
    icon,
    cursor: "cross",
    // What is begun at a corner of what is chosen is a neighbour of it.
    handles: false,
    press(input, around) {
      if (input.button !== 0) return null;
      const target = tool.target?.(input, around);
      if (typeof target === "string") return [IDLE, [{ kind: "message", text: target }]];
      const { point, snap } = placeOf(input, around);
      const gesture: Path = {
        tool: name,
        kind: "path",
        points: [point],
        to: point,
        snap,
        closes: false,
        pressed: input.screen,
        freehand: null,
        target: target?.id ?? null,
        keyed: input.pointer === "keys",
      };
      return [gesture, target?.effects ?? []];
    },
    reduce: (gesture, input, around) => reduce(tool, gesture, input, around),
    paint(context, gesture, view) {
      if (gesture.kind === "path") paint(context, tool, gesture, view);
    },
    cursorOf: () => "cross",
    options: SnapOption,
    keys: snapKeys,
  });
}

function reduce(tool: PathTool, gesture: Path, input: Input, around: Around): Result | null {
  switch (input.kind) {
    case "down":
      return down(tool, gesture, input, around);
    case "move":
      return [moved(tool, gesture, input, around), []];
    case "up":
      return up(tool, gesture, input, around);
    case "finish": {
      // By keys Enter places points as long as there are too few.
      const few = gesture.points.length < (tool.ring ? 3 : 2);
      return few && gesture.keyed ? null : end(tool, gesture, around);
    }
    case "back": {
      const points = gesture.points.slice(0, -1);
      const shorter: Path = { ...gesture, points, freehand: null };
      return points.length === 0 ? null : [shorter, []];
    }
    default:
      return null;
  }
}

function down(tool: PathTool, gesture: Path, input: PointerInput, around: Around): Result {
  if (input.button !== 0) return [gesture, []];
  const next = {
    ...moved(tool, { ...gesture, pressed: null }, input, around),
    pressed: input.screen,
  };
  const last = gesture.points.at(-1) as Point;
  const again =
    input.pointer === "keys" ? isNear(last, input.picture, input, around) : input.clicks > 1;
  if (next.closes || again) return end(tool, { ...gesture, pressed: null }, around);
  const longer: Path = {
    ...next,
    points: [...gesture.points, next.to],
    freehand: null,
    keyed: input.pointer === "keys",
  };
  return [longer, []];
}

/** The line with its end where the pointer is; by hand it grows. */
function moved(tool: PathTool, gesture: Path, input: PointerInput, around: Around): Path {
  const { points, pressed } = gesture;
  const first = points[0] as Point;
  const closes = tool.ring && points.length >= 3 && isNear(first, input.picture, input, around);
  const { point, snap } = closes ? { point: first, snap: null } : placeOf(input, around);
  const next: Path = { ...gesture, to: point, snap, closes };
  if (pressed === null) return next;
  const by = gesture.freehand === null ? BY_HAND : STEP;
  const last = around.toScreen(points.at(-1) as Point);
  if (closes || distance(last, input.screen) < by) return next;
  return { ...next, points: [...points, point], freehand: gesture.freehand ?? points.length };
}

function up(tool: PathTool, gesture: Path, input: PointerInput, around: Around): Result {
  const next: Path = { ...moved(tool, { ...gesture, pressed: null }, input, around) };
  const { freehand, points } = gesture;
  if (freehand === null) return [next, []];
  // What was drawn by hand keeps the points that make its form, to a CSS pixel.
  const drawn = [...points.slice(freehand - 1), ...(next.closes ? [] : [next.to])];
  const fewer = simplify({ kind: "polyline", points: drawn }, 1 / around.scale).points;
  const kept: Path = {
    ...next,
    freehand: null,
    points: [...points.slice(0, freehand - 1), ...fewer],
  };
  return next.closes ? end(tool, kept, around) : [kept, []];
}

function end(tool: PathTool, gesture: Path, around: Around): Result {
  const effects = tool.end(gesture.points, gesture.target, around);
  return typeof effects === "string"
    ? // Another gesture: it was understood, there is nothing to place instead.
      [{ ...gesture }, [{ kind: "message", text: effects }]]
    : [IDLE, effects];
}

function paint(context: Context, tool: PathTool, gesture: Path, view: PaintView): void {
  const { camera, color } = view;
  const cuts = tool.group === "edit";
  const line = cuts ? "#ffd23f" : color;
  const placed = gesture.points.map((point) => toScreen(camera, point));
  const to = toScreen(camera, gesture.to);
  const first = placed[0] as Point;
  if (tool.ring && placed.length > 1) {
    trace(context, [...placed, to]);
    context.globalAlpha = 0.16;
    context.fillStyle = line;
    context.fill("evenodd");
    context.globalAlpha = 1;
    // How the ring would close.
    context.setLineDash([4, 4]);
    trace(context, [to, first]);
    outline(context, line, 1.25);
    context.setLineDash([]);
  }
  if (cuts) context.setLineDash([8, 4]);
  trace(context, [...placed, to]);
  outline(context, line, 2);
  context.setLineDash([]);
  for (const [at, point] of placed.entries()) {
    if (gesture.freehand !== null && at >= gesture.freehand) break;
    paintVertex(context, point, at === 0 && gesture.closes ? "chosen" : "plain");
  }
  if (gesture.snap) paintSnap(context, to, gesture.snap.on);
}

function trace(context: Context, points: readonly Point[]): void {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
}
