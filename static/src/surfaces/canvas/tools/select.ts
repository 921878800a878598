/* Choosing, moving, scaling and turning what is there, one or several, and the rubber band. */

import type { Point } from "../../../core/types";
import { boxOf, distance, HANDLES, type Handle, LEAST } from "../geometry";
import { changeable, movable } from "../grips";
import { type Geometry, type Shape, sameGeometry } from "../shapes";
import {
  centreOf,
  type Frame,
  frameOf,
  handleOn,
  moved,
  resized,
  settled,
  turned,
} from "../transform";
import { panFrom } from "./pan";
import { gripsOf, registerTool } from "./registry";
import {
  type Around,
  type Change,
  CLICK,
  type Effect,
  type Gesture,
  type Grip,
  IDLE,
  type PointerInput,
  type Result,
} from "./tool";

interface Hold {
  /** What is held, as it was and as it is now. */
  ids: readonly string[];
  start: readonly Geometry[];
  now: readonly Geometry[];
  pressed: Point;
  /** The pointer has gone further than a click does. */
  dragged: boolean;
}

interface Move extends Gesture, Hold {
  kind: "move";
  from: Point;
  /** What a click without a drag leaves chosen. */
  click: readonly string[];
}

interface Resize extends Gesture, Hold {
  kind: "resize";
  frame: Frame;
  handle: Handle;
  cursor: string;
  /** From the press to the handle, in pixels of the picture. */
  offset: Point;
}

interface Turn extends Gesture, Hold {
  kind: "turn";
  centre: Point;
  /** The direction of the press from the centre. */
  from: number;
}

interface Band extends Gesture {
  kind: "band";
  from: Point;
  to: Point;
  /** What a click without a drag toggles. */
  click: readonly string[];
}

type Select = Move | Resize | Turn | Band;

const RIGHT = Math.PI / 12;

registerTool<Select>({
  name: "select",
  draws: null,
  group: "select",
  key: "v",
  text: "tool.select",
  icon: "pointer",
  cursor: "default",
  handles: true,
  press: choose,
  reduce(gesture, input, around): Result | null {
    if (around.frozen && gesture.kind !== "band") return [IDLE, []];
    if (input.kind !== "move" && input.kind !== "up") return null;
    if (gesture.kind === "band") return banding(gesture, input, around);
    const dragged = gesture.dragged || distance(gesture.pressed, input.screen) >= CLICK;
    const now = dragged ? changed(gesture, input, around) : gesture.start;
    const next = { ...gesture, now, dragged };
    return input.kind === "move" ? [next, []] : [IDLE, ended(next)];
  },
  preview: (gesture) =>
    gesture.kind === "band" || !gesture.dragged
      ? []
      : gesture.ids.map((id, at) => ({ id, geometry: outlined(gesture.now[at] as Geometry) })),
  paint(context, gesture) {
    if (gesture.kind !== "band") return;
    const { minX, minY, maxX, maxY } = boxOf([gesture.from, gesture.to]);
    context.fillStyle = "rgb(255 255 255 / 14%)";
    context.fillRect(minX, minY, maxX - minX, maxY - minY);
    context.setLineDash([5, 4]);
    for (const [color, shift] of [
      ["rgb(0 0 0 / 70%)", 0],
      ["#ffffff", 5],
    ] as const) {
      context.lineDashOffset = shift;
      context.lineWidth = 1.5;
      context.strokeStyle = color;
      context.strokeRect(minX, minY, maxX - minX, maxY - minY);
    }
    context.setLineDash([]);
    context.lineDashOffset = 0;
  },
  cursorOf(gesture) {
    if (gesture.kind === "resize") return gesture.cursor;
    if (gesture.kind === "turn") return "grabbing";
    return gesture.kind === "move" ? "move" : "cross";
  },
});

/** A press that is on no handle. */
function choose(input: PointerInput, around: Around): Result {
  const { screen, picture } = input;
  const shape = around.shapes.hit(picture);
  const ids = shape ? withOthers(shape, input.alt, around) : [];
  if (input.shift) return [bandFrom(screen, ids), []];
  if (!shape) return [panFrom(screen), [{ kind: "select", ids: [] }]];
  const chosen = around.selection.some(({ id }) => id === shape.id);
  const effects: Effect[] = chosen ? [] : [{ kind: "select", ids }];
  if (around.frozen) return [panFrom(screen), effects];
  const all = chosen
    ? movable(around)
    : movable({ ...around, selection: ids.flatMap((id) => around.shapes.get(id) ?? []) });
  const gesture: Move = {
    tool: "select",
    kind: "move",
    ...held(all, screen),
    from: picture,
    click: ids,
  };
  return [gesture, effects];
}

/** What is chosen by a press on a shape: its group, or with Alt it alone; it comes last, as the primary one. */
function withOthers({ id }: Shape, alone: boolean, around: Around): string[] {
  const others = alone ? [] : around.shapes.together(id).filter((other) => other !== id);
  return [...others, id];
}

/** Begin a rubber band; a click instead toggles these. */
export function bandFrom(screen: Point, click: readonly string[]): Gesture {
  const band: Band = { tool: "select", kind: "band", from: screen, to: screen, click };
  return band;
}

/** A press on a handle: of the kind of shape that is chosen alone, or of the box around what is chosen. */
export function pressGrip(grip: Grip, input: PointerInput, around: Around): Result | null {
  const shapes = changeable(around);
  const [only] = shapes;
  const ofBox = grip.name === "turn" || HANDLES.some((handle) => handle === grip.name);
  if (only && !ofBox) return gripsOf(only.kind)?.press(only, grip, input, around) ?? null;
  const frame = frameOf(shapes);
  const { picture, screen } = input;
  const base = { tool: "select", ...held(shapes, screen) };
  if (grip.name === "turn") {
    const centre = centreOf(frame);
    const from = Math.atan2(picture[1] - centre[1], picture[0] - centre[0]);
    return [{ ...base, kind: "turn", centre, from } as Turn, []];
  }
  const handle = grip.name as Handle;
  const [x, y] = handleOn(frame, handle);
  const offset: Point = [x - picture[0], y - picture[1]];
  const gesture: Resize = { ...base, kind: "resize", frame, handle, cursor: grip.cursor, offset };
  return [gesture, []];
}

function held(shapes: readonly Shape[], pressed: Point): Hold {
  const ids = shapes.map(({ id }) => id);
  const start = shapes.map(geometryOf);
  return { ids, start, now: start, pressed, dragged: false };
}

function geometryOf({ kind, points, holes, mask }: Shape): Geometry {
  return { kind, points, ...(holes ? { holes } : {}), ...(mask ? { mask } : {}) };
}

function changed(gesture: Move | Resize | Turn, input: PointerInput, around: Around) {
  const { start } = gesture;
  const [x, y] = input.picture;
  const { size } = around;
  if (start.length === 0) return start;
  if (gesture.kind === "move") return moved(start, x - gesture.from[0], y - gesture.from[1], size);
  if (gesture.kind === "resize") {
    const to: Point = [x + gesture.offset[0], y + gesture.offset[1]];
    return resized(start, gesture.frame, gesture.handle, to, size, input.shift, input.alt);
  }
  const { centre } = gesture;
  const angle = Math.atan2(y - centre[1], x - centre[0]) - gesture.from;
  const steps = input.shift ? Math.round(angle / RIGHT) * RIGHT : angle;
  return turned(start, centre, steps, size) ?? gesture.now;
}

function ended(gesture: Move | Resize | Turn): Effect[] {
  if (!gesture.dragged) {
    return gesture.kind === "move" ? [{ kind: "select", ids: gesture.click }] : [];
  }
  if (gesture.now.some((geometry) => !isReal(geometry))) return [];
  const change: Change[] = gesture.ids.flatMap((id, at) => {
    const start = gesture.start[at] as Geometry;
    const geometry = gesture.now[at] as Geometry;
    return sameGeometry(geometry, start) ? [] : [{ id, geometry: settled(geometry, start) }];
  });
  const [only] = change;
  if (!only) return [];
  return change.length === 1 ? [{ kind: "change", ...only }] : [{ kind: "edit", change }];
}

/** What is seen of a shape on its way: of a mask its box, for its pixels are moved at the end. */
function outlined(shape: Geometry): Geometry {
  return shape.kind === "mask" ? { kind: "rectangle", points: shape.points } : shape;
}

/** Boxes that were made too small to be met again stay as they were. */
function isReal({ kind, points }: Geometry): boolean {
  if (kind !== "rectangle" && kind !== "rotated") return true;
  const [a, b, , d] = points;
  return !!a && !!b && !!d && distance(a, b) >= LEAST && distance(a, d) >= LEAST;
}

function banding(gesture: Band, input: PointerInput, around: Around): Result {
  const next: Band = { ...gesture, to: input.screen };
  if (input.kind === "move") return [next, []];
  if (distance(gesture.from, input.screen) < CLICK) {
    const { click } = gesture;
    return [IDLE, click.length > 0 ? [{ kind: "select", ids: click, how: "toggle" }] : []];
  }
  const box = boxOf([around.toPicture(gesture.from), around.toPicture(input.screen)]);
  const ids = around.shapes.within(box).flatMap((shape) => {
    const own = boxOf(shape.points);
    const whole =
      own.minX >= box.minX && own.minY >= box.minY && own.maxX <= box.maxX && own.maxY <= box.maxY;
    return whole ? around.shapes.together(shape.id) : [];
  });
  return [IDLE, ids.length > 0 ? [{ kind: "select", ids, how: "add" }] : []];
}
