/* What a tool on a picture is. Tools are pure: from a gesture and an input they make the next gesture and effects.

   Nothing is committed while a gesture runs; what it would make is in the gesture itself, and the effects of its end
   are one step of undo. A tool is one module that registers itself (registry.ts, listed in all.ts): toolbar, keys,
   help sheet, touch and pen come with it. Drawing by keys comes with it too: the keyboard's cursor presses and lets
   go at its place (`pointer: "keys"`), so whatever draws by clicks draws by keys. */

import type { ComponentType } from "preact";
import type { Key } from "../../../core/i18n";
import type { Binding } from "../../../core/keys";
import type { Picture } from "../../../core/media";
import type { Point } from "../../../core/types";
import type { IconName } from "../../../ui/icon";
import type { Camera } from "../camera";
import type { Box, Size } from "../geometry";
import type { Context } from "../paint";
import type { Geometry, Shape, ShapeKind } from "../shapes";

/** The name that a tool is registered by. */
export type ToolName = string;

/** What a tool is doing. Each tool extends it by gestures of its own; they hold everything that is not committed. */
export interface Gesture {
  /** The tool that began it and answers its inputs to the end, whatever tool is chosen. */
  readonly tool: ToolName;
  readonly kind: string;
  /** It takes the arrow keys, Tab and Enter though no cursor is shown (corners that are moved by keys). */
  readonly keys?: boolean;
}

export const IDLE: Gesture = { tool: "", kind: "idle" };

/** A press that moves less than this many screen pixels is a click. */
export const CLICK = 4;

export interface PointerInput {
  kind: "down" | "move" | "up";
  /** In CSS pixels of the surface. */
  screen: Point;
  /** In pixels of the picture; it may lie outside. */
  picture: Point;
  /** Ctrl, or Cmd on a Mac. */
  mod: boolean;
  shift: boolean;
  alt: boolean;
  /** 0 first, 5 the eraser of a pen. The middle and the second one move the picture and reach no tool. */
  button: number;
  pointer: "mouse" | "pen" | "touch" | "keys";
  /** 0 to 1; 0.5 where the device does not tell. */
  pressure: number;
  /** Of `down`: the how manieth press in quick succession at one place. */
  clicks: number;
}

export type Input =
  | PointerInput
  /** Enter: what is drawn has all its points. Answer null if it has not. */
  | { kind: "finish" }
  /** Backspace, or undo while a gesture runs: take the last point back. Answer null if there is none: it is given up. */
  | { kind: "back" }
  /** Arrow keys of a gesture with `keys`, in pixels of the picture. Cursors of the keyboard come as `move`. */
  | { kind: "arrow"; dx: number; dy: number }
  /** Tab and Shift+Tab of a gesture with `keys`. */
  | { kind: "step"; by: 1 | -1 }
  /** Insert and Delete of a gesture with `keys`. */
  | { kind: "insert" | "remove" }
  /** Escape, another tool, another item. The gesture ends whatever is answered; effects count. */
  | { kind: "cancel" };

export interface ShapeIndex {
  get(id: string): Shape | null;
  /** The shapes whose boxes meet this one, without hidden and locked ones. */
  within(box: Box): readonly Shape[];
  /** The shape meant by a point of the picture: never a hidden or locked one. */
  hit(picture: Point): Shape | null;
  /** The ids that are chosen together with this one: its group's, else its own. */
  together(id: string): readonly string[];
}

/** What a tool may know of where it works. */
export interface Around {
  /** The tool that is chosen, which need not be the one that is asked. */
  tool: ToolName;
  size: Size;
  /** Nothing may be drawn or changed. */
  frozen: boolean;
  /** The shapes that the question takes which is drawn for. */
  kinds: ReadonlySet<ShapeKind>;
  shapes: ShapeIndex;
  /** The primary one of what is chosen, if it is shown. */
  selected: Shape | null;
  /** All that are chosen and shown. */
  selection: readonly Shape[];
  camera: Camera;
  /** CSS pixels of one pixel of the picture. */
  scale: number;
  toScreen(picture: Point): Point;
  toPicture(screen: Point): Point;
  /** The picture, however many pixels of it there are, or null while there is none. */
  picture: Picture | null;
  /** The picture's pixels in a box (whole numbers, inside it), or null while there is no picture. */
  pixels(box: Box): ImageData | null;
}

export interface Change {
  id: string;
  geometry: Geometry;
}

/** Several changes as one step of undo. What is created has the labels and the question of `like`. */
export interface Edit {
  kind: "edit";
  change?: readonly Change[];
  create?: readonly { geometry: Geometry; like: string }[];
  remove?: readonly string[];
}

export type Effect =
  /** A new region with the labels used last; it is chosen. */
  | { kind: "create"; geometry: Geometry }
  | ({ kind: "change" } & Change)
  | Edit
  /** `how`: these and no others, these as well, or these as well unless they all are already. */
  | { kind: "select"; ids: readonly string[]; how?: "only" | "add" | "toggle" }
  | { kind: "pan"; dx: number; dy: number }
  /** What takes a moment to work out; asks the shapes again when it has. Dropped where all is given up meanwhile. */
  | { kind: "later"; effects: Promise<readonly Effect[]> }
  /** Say why nothing happened. */
  | { kind: "message"; text: Key };

export type Result = readonly [Gesture, readonly Effect[]];

/** A shape as a gesture has it: `id` null for a new one. What has an id is not drawn at its old place meanwhile. */
export interface Preview {
  id: string | null;
  geometry: Geometry;
}

/** Where a tool paints: the live layer, in CSS pixels. */
export interface PaintView {
  camera: Camera;
  size: Size;
  font: string;
  /** The colour of what is drawn next. */
  color: string;
  /** The view moves: speed goes before sharpness. */
  fast: boolean;
  /** Where the pointer or the keyboard's cursor is, in CSS pixels, if it is on the surface. */
  pointer: Point | null;
}

export interface Tool<G extends Gesture = Gesture> {
  name: ToolName;
  /** The shape that it makes: it is offered where a question takes this. Null: wherever regions are drawn. */
  draws: ShapeKind | null;
  /** Offered only where a question takes one of these. */
  needs?: readonly ShapeKind[];
  /** Where it stands in the toolbar. */
  group: "select" | "draw" | "edit" | "mask";
  /** Its key, as core/keys.ts names it. */
  key: string;
  text: Key;
  icon: IconName;
  /** `data-cursor` of the surface (stage.css). */
  cursor: string;
  /** A press on a handle of what is chosen is the handle's, not the tool's. */
  handles: boolean;
  /** A press with nothing running, button 0 or 5, not frozen; null: it means what it means to the select tool. */
  press(input: PointerInput, around: Around): Result | null;
  /** An input of the tool's own gesture; null: not understood, nothing changes. */
  reduce(gesture: G, input: Input, around: Around): Result | null;
  /** The keyboard's cursor stays after a press, for the next one. */
  stays?: boolean;
  /** Begin by keys (`N`) in another way than with the keyboard's cursor; null: nothing to begin with. */
  begin?(around: Around): Result | null;
  /** What the gesture holds, as it is now. */
  preview?(gesture: G, around: Around): readonly Preview[];
  /** More than the preview; called with IDLE too while the tool is chosen. */
  paint?(context: Context, gesture: G, view: PaintView, around: Around): void;
  /** The cursor while its gesture runs. */
  cursorOf?(gesture: G): string;
  /** Its settings, at the end of the toolbar while it is chosen. */
  options?: ComponentType;
  /** Keys in force while it is chosen (`when` of their own added). */
  keys?(): readonly Binding[];
}

/** Something done at once to what is chosen (join, simplify, mask from polygon): a key and a button in the toolbar. */
export interface Action {
  name: string;
  group: "edit" | "mask";
  key: string;
  text: Key;
  icon: IconName;
  /** Offered where a question takes one of these. */
  needs: readonly ShapeKind[];
  /** Why it cannot be done now, or null; asked whenever the selection changes, so it costs nothing. */
  why(around: Around): Key | null;
  run(around: Around): readonly Effect[] | Promise<readonly Effect[]>;
}

/** What a shape of a kind can be taken hold of by, beyond being moved as a whole. */
export interface Grip {
  /** Tells the grips of one shape apart. */
  name: string;
  /** In CSS pixels of the surface. */
  at: Point;
  look: "corner" | "side" | "turn" | "vertex" | "insert";
  cursor: string;
}

/** The grips of a kind of shape when one alone is chosen (corners of polygons), and what dragging them does. */
export interface Grips {
  kind: ShapeKind;
  of(shape: Shape, around: Around): readonly Grip[];
  /** A press on a grip: the gesture, of whatever tool, that drags it; null: not this time. */
  press(shape: Shape, grip: Grip, input: PointerInput, around: Around): Result | null;
}
