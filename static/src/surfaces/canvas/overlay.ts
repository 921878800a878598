/* The live layer: what is chosen, hovered, drawn and aimed at. Redrawn every frame that needs it. */

import { type Camera, toScreen } from "./camera";
import { boxOf, HANDLES, handlePoint, type Size } from "./geometry";
import { type Context, outline, paintText, trace } from "./paint";
import type { Shape } from "./shapes";

export interface Overlay {
  camera: Camera;
  size: Size;
  font: string;
  selected: Shape | null;
  hovered: Shape | null;
  /** What is being drawn or changed, in its colour. */
  preview: { points: Shape["points"]; color: string } | null;
  /** Shapes of another answer, to compare with. */
  ghosts: readonly Shape[];
  handles: boolean;
  /** Where lines cross, in screen pixels. */
  cross: readonly [number, number] | null;
  /** The keyboard's cursor, in screen pixels. */
  aim: readonly [number, number] | null;
}

const HANDLE_SIZE = 9;

export function paintOverlay(context: Context, overlay: Overlay): void {
  const { camera, size, selected, hovered, preview } = overlay;
  context.clearRect(0, 0, size.width, size.height);
  for (const ghost of overlay.ghosts) paintGhost(context, ghost, camera);
  if (hovered && hovered.id !== selected?.id) {
    trace(context, hovered.points, camera);
    wash(context, hovered.color, 0.18);
    outline(context, hovered.color, 2.5);
  }
  if (selected) paintSelected(context, selected, overlay);
  if (preview) {
    trace(context, preview.points, camera);
    wash(context, preview.color, 0.16);
    outline(context, preview.color, 2);
    paintSize(context, preview.points, overlay);
  }
  if (overlay.cross) paintCross(context, overlay.cross, size);
  if (overlay.aim) paintAim(context, overlay.aim);
}

function wash(context: Context, color: string, strength: number): void {
  context.globalAlpha = strength;
  context.fillStyle = color;
  context.fill();
  context.globalAlpha = 1;
}

function paintSelected(context: Context, shape: Shape, overlay: Overlay): void {
  const { camera } = overlay;
  trace(context, shape.points, camera);
  wash(context, shape.color, 0.2);
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
  if (!overlay.handles) return;
  const box = boxOf(shape.points);
  const small = Math.min(box.maxX - box.minX, box.maxY - box.minY) * camera.scale < 28;
  for (const handle of HANDLES) {
    if (small && handle.length === 1) continue;
    const [x, y] = toScreen(camera, handlePoint(box, handle));
    const half = HANDLE_SIZE / 2;
    context.fillStyle = "#ffffff";
    context.strokeStyle = "#1c2321";
    context.lineWidth = 1.5;
    context.beginPath();
    context.rect(x - half, y - half, HANDLE_SIZE, HANDLE_SIZE);
    context.fill();
    context.stroke();
  }
}

/** Width × height in the picture's pixels beside what is being drawn. */
function paintSize(context: Context, points: Shape["points"], overlay: Overlay): void {
  const box = boxOf(points);
  const text = `${Math.round(box.maxX - box.minX)} × ${Math.round(box.maxY - box.minY)}`;
  const [x, y] = toScreen(overlay.camera, [box.maxX, box.maxY]);
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
  trace(context, shape.points, camera);
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
