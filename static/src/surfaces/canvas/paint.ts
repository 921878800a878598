/* Drawing of the static layer, the same on the main thread and in the worker. No DOM in here. */

import { columnsOf } from "../mask/columns";
import { paintMask } from "../mask/sprite";
import { boxToScreen, type Camera, toScreen } from "./camera";
import { boxOf } from "./geometry";
import type { Geometry, Shape } from "./shapes";

export type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

export interface Style {
  /** 0 to 1, of the inside. */
  fill: number;
  texts: boolean;
  font: string;
  /** The view moves: speed goes before sharpness. */
  fast?: boolean;
}

/** Masks have no corners to be seen by: their inside is filled more strongly than that of other shapes. */
export function maskFill(fill: number): number {
  return fill > 0 ? Math.min(1, 0.15 + 1.5 * fill) : 0;
}

/** Above this many shapes in view the texts are left out: they would cover the picture and cost the frame. */
const MOST_TEXTS = 300;
const TEXT_HEIGHT = 18;

/** Draw from the picture's corner on, along its sides. */
export function turnTo(context: Context, { turn, x, y }: Camera): void {
  const cos = turn === 0 ? 1 : turn === 2 ? -1 : 0;
  const sin = turn === 1 ? 1 : turn === 3 ? -1 : 0;
  context.transform(cos, sin, -sin, cos, x, y);
}

export function paintShapes(
  context: Context,
  shapes: readonly Shape[],
  camera: Camera,
  style: Style,
): void {
  context.lineJoin = "round";
  for (const shape of shapes) {
    if (shape.mask) {
      const look = { color: shape.color, fill: maskFill(style.fill), line: 1 };
      paintMask(context, `base/${shape.id}`, columnsOf(shape.mask), look, camera, style.fast);
      continue;
    }
    tracePath(context, shape, camera);
    const strength = shape.kind === "point" ? 1 : shape.kind === "polyline" ? 0 : style.fill;
    if (strength > 0) {
      context.globalAlpha = strength;
      context.fillStyle = shape.color;
      context.fill("evenodd");
      context.globalAlpha = 1;
    }
    outline(context, shape.color, 1.75);
  }
  if (!style.texts || shapes.length > MOST_TEXTS) return;
  context.font = style.font;
  context.textBaseline = "middle";
  for (const shape of shapes) paintText(context, shape, camera);
}

const DARK_HALO = "rgb(0 0 0 / 55%)";
const LIGHT_HALO = "rgb(255 255 255 / 75%)";
const halos = new Map<string, string>();

/** What surrounds a line: light around a dark colour, dark around a light one. */
function halo(color: string): string {
  let found = halos.get(color);
  if (found === undefined) {
    found = isDark(color) ? LIGHT_HALO : DARK_HALO;
    halos.set(color, found);
  }
  return found;
}

export function isDark(color: string): boolean {
  const number = Number.parseInt(color.slice(1, 7), 16);
  const [r, g, b] = [(number >> 16) & 255, (number >> 8) & 255, number & 255];
  return 0.299 * r + 0.587 * g + 0.114 * b < 110;
}

/** A line in the colour on one of the other lightness: it stands out from a light and from a dark picture. */
export function outline(context: Context, color: string, width: number): void {
  context.lineWidth = width + 1.5;
  context.strokeStyle = halo(color);
  context.stroke();
  context.lineWidth = width;
  context.strokeStyle = color;
  context.stroke();
}

export function trace(
  context: Context,
  points: Shape["points"],
  camera: Camera,
  closed = true,
): void {
  context.beginPath();
  addRing(context, points, camera, closed);
}

/** How large a point is on the screen. */
export const POINT_RADIUS = 5;

/** The path of a shape: its rings (fill by "evenodd"), an open line, or the disc that stands for a point. */
export function tracePath(context: Context, geometry: Geometry, camera: Camera): void {
  context.beginPath();
  const [first] = geometry.points;
  if (geometry.kind === "point" && first) {
    const [x, y] = toScreen(camera, first);
    context.arc(x, y, POINT_RADIUS, 0, Math.PI * 2);
    return;
  }
  addRing(context, geometry.points, camera, geometry.kind !== "polyline");
  for (const hole of geometry.holes ?? []) addRing(context, hole, camera, true);
}

function addRing(
  context: Context,
  points: Shape["points"],
  { scale, x, y, turn }: Camera,
  closed: boolean,
): void {
  // Ten thousand shapes come through here in a frame: no array is made for a point.
  const [xx, xy] =
    turn === 0 ? [scale, 0] : turn === 2 ? [-scale, 0] : [0, turn === 1 ? -scale : scale];
  const [yx, yy] =
    turn === 0 ? [0, scale] : turn === 2 ? [0, -scale] : [turn === 1 ? scale : -scale, 0];
  for (let i = 0; i < points.length; i++) {
    const point = points[i];
    if (!point) continue;
    const left = point[0] * xx + point[1] * xy + x;
    const top = point[0] * yx + point[1] * yy + y;
    if (i === 0) context.moveTo(left, top);
    else context.lineTo(left, top);
  }
  if (closed) context.closePath();
}

/** The label's name on a plate at the top left corner, inside the shape where there is no room above it. */
export function paintText(context: Context, shape: Shape, camera: Camera): void {
  if (!shape.text || shape.points.length === 0) return;
  const box = boxToScreen(camera, boxOf(shape.points));
  const least = shape.kind === "point" ? 0 : 14;
  if (Math.max(box.maxX - box.minX, shape.kind === "polyline" ? box.maxY - box.minY : 0) < least) {
    return;
  }
  const gap = shape.kind === "point" ? POINT_RADIUS + 2 : 0;
  const x = box.minX + gap;
  const y = box.minY - gap;
  const width = context.measureText(shape.text).width + 10;
  const line = shape.line ?? 0;
  const above = y - TEXT_HEIGHT * (line + 1);
  const under = box.maxY + gap - TEXT_HEIGHT * (line + 1);
  const top = line < 0 ? under : above >= 0 ? above : y + TEXT_HEIGHT * line;
  context.fillStyle = shape.color;
  context.fillRect(x - 1, top, width, TEXT_HEIGHT);
  context.fillStyle = inkOn(shape.color);
  context.fillText(shape.text, x + 4, top + TEXT_HEIGHT / 2 + 0.5);
}

const inks = new Map<string, string>();

/** Black or white, whichever reads better on a colour (WCAG relative luminance). */
export function inkOn(color: string): string {
  const known = inks.get(color);
  if (known) return known;
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  let ink = "#ffffff";
  if (hex) {
    const [r, g, b] = hex.slice(1).map((part) => {
      const value = Number.parseInt(part, 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    ink = luminance > 0.179 ? "#000000" : "#ffffff";
  }
  inks.set(color, ink);
  return ink;
}
