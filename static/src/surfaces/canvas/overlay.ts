/* The live layer: what is chosen, hovered, drawn and aimed at. Redrawn every frame that needs it. */

import { columnsOf } from "../mask/columns";
import { paintMask } from "../mask/sprite";
import { boxToScreen, type Camera, visible } from "./camera";
import { boxOf, pointsOf, type Size } from "./geometry";
import { type Context, outline, paintText, trace, tracePath } from "./paint";
import type { Geometry, Shape } from "./shapes";
import type { Grip } from "./tools/tool";
import { boxOfAll, frameOf } from "./transform";

export interface Overlay {
  camera: Camera;
  size: Size;
  font: string;
  /** The view moves: speed goes before sharpness. */
  fast: boolean;
  /** No washes: what lies beneath is looked at. */
  bare: boolean;
  /** All that are chosen; `selected` is the primary one. */
  selection: readonly Shape[];
  selected: string | null;
  hovered: Shape | null;
  /** What is being drawn or changed, in its colour. */
  previews: readonly { geometry: Geometry; color: string }[];
  /** Shapes of another answer, to compare with. */
  ghosts: readonly Shape[];
  grips: readonly Grip[];
  /** Where lines cross, in screen pixels. */
  cross: readonly [number, number] | null;
  /** The keyboard's cursor, in screen pixels. */
  aim: readonly [number, number] | null;
}

const HANDLE_SIZE = 9;
/** More chosen shapes than this are drawn without their names. */
const MOST_PLATES = 200;

export function paintOverlay(context: Context, overlay: Overlay): void {
  const { camera, size, selection, hovered } = overlay;
  // What a tool paints itself is only kept out of the static layer.
  const previews = overlay.previews.filter(({ geometry }) => geometry.kind !== "mask");
  context.clearRect(0, 0, size.width, size.height);
  for (const ghost of overlay.ghosts) paintGhost(context, ghost, camera);
  if (hovered?.mask && !selection.includes(hovered)) {
    paintPixels(context, hovered, 0.3, overlay);
  } else if (hovered && !selection.includes(hovered)) {
    tracePath(context, hovered, camera);
    if (isArea(hovered)) wash(context, hovered.color, 0.18);
    outline(context, hovered.color, 2.5);
  }
  if (selection.length > MOST_PLATES) paintMany(context, selection, overlay);
  else for (const shape of selection) paintSelected(context, shape, overlay);
  if (selection.length > 1) paintFrame(context, selection, camera);
  for (const grip of overlay.grips) paintGrip(context, grip);
  for (const { geometry, color } of previews) {
    tracePath(context, geometry, camera);
    if (isArea(geometry)) wash(context, color, 0.16);
    outline(context, color, 2);
  }
  paintSize(context, { ...overlay, previews });
  if (overlay.cross) paintCross(context, overlay.cross, size);
  if (overlay.aim) paintAim(context, overlay.aim);
}

function wash(context: Context, color: string, strength: number): void {
  context.globalAlpha = strength;
  context.fillStyle = color;
  context.fill("evenodd");
  context.globalAlpha = 1;
}

/** Lines and points have no inside. */
function isArea({ kind }: Geometry): boolean {
  return kind !== "polyline" && kind !== "point";
}

function paintSelected(context: Context, shape: Shape, overlay: Overlay): void {
  const { camera } = overlay;
  if (shape.mask) {
    paintPixels(context, shape, shape.id === overlay.selected ? 0.4 : 0.3, overlay);
    context.font = overlay.font;
    context.textBaseline = "middle";
    paintText(context, shape, camera);
    return;
  }
  tracePath(context, shape, camera);
  if (isArea(shape)) wash(context, shape.color, shape.id === overlay.selected ? 0.2 : 0.1);
  context.lineWidth = 5;
  context.strokeStyle = "rgb(0 0 0 / 60%)";
  context.stroke();
  context.lineWidth = 3.5;
  context.strokeStyle = "#ffffff";
  context.stroke();
  context.lineWidth = 2;
  context.strokeStyle = shape.color;
  context.stroke();
  context.font = overlay.font;
  context.textBaseline = "middle";
  paintText(context, shape, camera);
}

/** A mask in the live layer. Where the result is shown there is only its line. */
function paintPixels(context: Context, shape: Shape, fill: number, overlay: Overlay): void {
  if (!shape.mask) return;
  const look = { color: shape.color, fill: overlay.bare ? 0 : fill, line: 2, roomy: true };
  const name = `top/${shape.id}`;
  paintMask(context, name, columnsOf(shape.mask), look, overlay.camera, overlay.fast);
}

/** So many that their plates would cover the picture: a light line each, of those in view. */
function paintMany(context: Context, selection: readonly Shape[], overlay: Overlay): void {
  const view = visible(overlay.camera, overlay.size);
  context.lineWidth = 2.5;
  context.strokeStyle = "#ffffff";
  for (const shape of selection) {
    const { minX, minY, maxX, maxY } = boxOf(shape.points);
    if (maxX < view.minX || minX > view.maxX || maxY < view.minY || minY > view.maxY) continue;
    tracePath(context, shape, overlay.camera);
    context.stroke();
  }
}

/** The dashed box around several that are chosen. */
function paintFrame(context: Context, selection: readonly Shape[], camera: Camera): void {
  trace(context, pointsOf(boxOfAll(selection)), camera);
  context.setLineDash([4, 4]);
  outline(context, "#ffffff", 1);
  context.setLineDash([]);
}

function paintGrip(context: Context, { at: [x, y], look }: Grip): void {
  const half = HANDLE_SIZE / 2;
  context.fillStyle = look === "insert" ? "rgb(255 255 255 / 70%)" : "#ffffff";
  context.strokeStyle = "#1c2321";
  context.lineWidth = 1.5;
  context.beginPath();
  if (look === "corner" || look === "side")
    context.rect(x - half, y - half, HANDLE_SIZE, HANDLE_SIZE);
  else context.arc(x, y, look === "insert" ? half - 1 : half, 0, Math.PI * 2);
  context.fill();
  context.stroke();
  if (look !== "turn") return;
  context.beginPath();
  context.arc(x, y, half + 4, -Math.PI * 0.9, Math.PI * 0.25);
  outline(context, "#ffffff", 1.5);
}

/** Width × height in the picture's pixels beside what is being drawn: of a turned rectangle, its own. */
function paintSize(context: Context, overlay: Overlay): void {
  if (overlay.previews.length === 0) return;
  const shapes = overlay.previews.map(({ geometry }) => geometry);
  const frame = frameOf(shapes);
  const text = `${Math.round(frame.width)} × ${Math.round(frame.height)}`;
  const { maxX: x, maxY: y } = boxToScreen(overlay.camera, boxOfAll(shapes));
  context.font = overlay.font;
  context.textBaseline = "middle";
  const width = context.measureText(text).width + 12;
  const left = Math.min(x + 6, overlay.size.width - width);
  const top = Math.min(y + 6, overlay.size.height - 20);
  context.fillStyle = "rgb(20 25 23 / 85%)";
  context.fillRect(left, top, width, 20);
  context.fillStyle = "#ffffff";
  context.fillText(text, left + 6, top + 10.5);
}

function paintGhost(context: Context, shape: Shape, camera: Camera): void {
  if (shape.mask) {
    const look = { color: shape.color, fill: 0.1, line: 2 };
    paintMask(context, `ghost/${shape.id}/${shape.color}`, columnsOf(shape.mask), look, camera);
    paintText(context, shape, camera);
    return;
  }
  tracePath(context, shape, camera);
  context.setLineDash([6, 4]);
  outline(context, shape.color, 1.5);
  context.setLineDash([]);
  context.globalAlpha = 0.85;
  paintText(context, { ...shape }, camera);
  context.globalAlpha = 1;
}

function paintCross(context: Context, [x, y]: readonly [number, number], size: Size): void {
  context.beginPath();
  context.moveTo(0, Math.round(y) + 0.5);
  context.lineTo(size.width, Math.round(y) + 0.5);
  context.moveTo(Math.round(x) + 0.5, 0);
  context.lineTo(Math.round(x) + 0.5, size.height);
  context.lineWidth = 3;
  context.strokeStyle = "rgb(0 0 0 / 28%)";
  context.stroke();
  context.lineWidth = 1;
  context.strokeStyle = "rgb(255 255 255 / 85%)";
  context.stroke();
}

function paintAim(context: Context, [x, y]: readonly [number, number]): void {
  context.beginPath();
  context.arc(x, y, 9, 0, Math.PI * 2);
  context.moveTo(x - 14, y);
  context.lineTo(x + 14, y);
  context.moveTo(x, y - 14);
  context.lineTo(x, y + 14);
  outline(context, "#ffd23f", 2);
}
