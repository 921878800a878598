/* The brush that paints masks, and the eraser. A stroke goes on with the mask that is chosen, else begins one. */

import type { Key } from "../../../core/i18n";
import type { Binding } from "../../../core/keys";
import { settings } from "../../../core/settings";
import type { Point } from "../../../core/types";
import type { IconName } from "../../../ui/icon";
import { nextSize, stroke } from "../../mask/brush";
import type { Columns } from "../../mask/columns";
import { chosenMask, done, heldBox, maskOf } from "../../mask/geometry";
import { BrushOptions } from "../../mask/options";
import { paintMask } from "../../mask/sprite";
import { type Context, outline } from "../paint";
import { registerTool } from "./registry";
import { type Around, type Gesture, IDLE, type PaintView, type PointerInput } from "./tool";

interface Stroke extends Gesture {
  kind: "stroke";
  /** The mask that is painted on; null: a new one. */
  id: string | null;
  before: Columns;
  now: Columns;
  at: Point;
  size: number;
  erase: boolean;
}

/** Buttons of a pen's eraser, and of a mouse the second one. */
const ERASING = new Set([2, 5]);

function register(name: string, key: string, text: Key, icon: IconName, erases: boolean): void {
  registerTool<Stroke>({
    name,
    draws: "mask",
    group: "mask",
    key,
    text,
    icon,
    cursor: "cross",
    handles: false,
    stays: true,
    press(input, around) {
      const erase = erases !== (input.alt || ERASING.has(input.button));
      const shape = chosenMask(around) ?? (erase ? maskUnder(input, around) : null);
      if (erase && !shape) return [IDLE, [{ kind: "message", text: "mask.chooseOne" }]];
      const before = maskOf(shape, around);
      const size = settings.brush.peek();
      const at = input.picture;
      const gesture: Stroke = {
        tool: name,
        kind: "stroke",
        id: shape?.id ?? null,
        before,
        now: stroke(before, at, at, size, erase),
        at,
        size,
        erase,
      };
      const other = shape && shape.id !== around.selected?.id;
      return [gesture, other ? [{ kind: "select", ids: [shape.id] }] : []];
    },
    reduce(gesture, input) {
      if (input.kind === "back") return [IDLE, []];
      if (input.kind !== "move" && input.kind !== "up") return null;
      const { now, at, size, erase } = gesture;
      const next = stroke(now, at, input.picture, size, erase);
      if (input.kind === "up") return done(gesture.id, gesture.before, next);
      return [{ ...gesture, now: next, at: input.picture }, []];
    },
    preview: ({ id, before }) =>
      id === null || !before ? [] : [{ id, geometry: heldBox(before) }],
    paint(context, gesture, view, around) {
      if (gesture.kind === "stroke") paintStroke(context, gesture, view, around);
      if (view.pointer) paintCircle(context, view.pointer, settings.brush.peek() * around.scale);
    },
    options: BrushOptions,
    keys: () => [sizing("[", "mask.smaller", -1), sizing("]", "mask.larger", 1)],
  });
}

register("brush", "m", "tool.brush", "brush", false);
register("eraser", "x", "tool.eraser", "eraser", true);

function maskUnder(input: PointerInput, around: Around) {
  const shape = around.shapes.hit(input.picture);
  return shape?.mask ? shape : null;
}

function sizing(key: string, text: Key, by: 1 | -1): Binding {
  return {
    keys: [key],
    text,
    repeat: true,
    run: () => {
      settings.brush.value = nextSize(settings.brush.peek(), by);
    },
  };
}

function paintStroke(context: Context, { id, now }: Stroke, view: PaintView, around: Around): void {
  const color = (id && around.shapes.get(id)?.color) || view.color;
  const look = { color, fill: 0.4, line: 2, roomy: true };
  paintMask(context, `top/${id ?? ""}`, now, look, view.camera, view.fast);
}

/** What the brush covers; a cross stands for one that is too small to be seen. */
function paintCircle(context: Context, [x, y]: Point, across: number): void {
  if (across < 5) return;
  context.beginPath();
  context.arc(x, y, across / 2, 0, Math.PI * 2);
  outline(context, "#ffffff", 1.25);
}
