/* Drawing of the static layer, the same on the main thread and in the worker. No DOM in here. */

import type { Camera } from "./camera";
import type { Size } from "./geometry";
import type { Shape } from "./shapes";

export type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

export interface Style {
  /** 0 to 1, of the inside. */
  fill: number;
  texts: boolean;
  font: string;
}

/** Above this many shapes in view the texts are left out: they would cover the picture and cost the frame. */
const MOST_TEXTS = 300;
const TEXT_HEIGHT = 18;

export function paintPicture(
  context: Context,
  picture: CanvasImageSource | null,
  size: Size,
  camera: Camera,
  smooth: boolean,
): void {
  if (!picture) return;
  // Single pixels stay visible when they are large on the screen.
  context.imageSmoothingEnabled = camera.scale < 3;
  context.imageSmoothingQuality = smooth ? "high" : "low";
  context.drawImage(
    picture,
    camera.x,
    camera.y,
    size.width * camera.scale,
    size.height * camera.scale,
  );
}

export function paintShapes(
  context: Context,
  shapes: readonly Shape[],
  camera: Camera,
  style: Style,
): void {
  context.lineJoin = "round";
  for (const shape of shapes) {
    trace(context, shape.points, camera);
    if (style.fill > 0) {
      context.globalAlpha = style.fill;
      context.fillStyle = shape.color;
      context.fill();
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
    const number = Number.parseInt(color.slice(1, 7), 16);
    const light =
      0.299 * ((number >> 16) & 255) + 0.587 * ((number >> 8) & 255) + 0.114 * (number & 255);
    found = light < 110 ? LIGHT_HALO : DARK_HALO;
    halos.set(color, found);
  }
  return found;
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

export function trace(context: Context, points: Shape["points"], camera: Camera): void {
  context.beginPath();
  for (let i = 0; i < points.length; i++) {
    const point = points[i];
    if (!point) continue;
    const x = point[0] * camera.scale + camera.x;
    const y = point[1] * camera.scale + camera.y;
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  context.closePath();
}

/** The label's name on a plate at the top left corner, inside the box where there is no room above it. */
export function paintText(context: Context, shape: Shape, camera: Camera): void {
  const first = shape.points[0];
  const opposite = shape.points[2];
  if (!shape.text || !first) return;
  const x = first[0] * camera.scale + camera.x;
  const y = first[1] * camera.scale + camera.y;
  if (opposite && (opposite[0] - first[0]) * camera.scale < 14) return;
  const width = context.measureText(shape.text).width + 10;
  const top = y - TEXT_HEIGHT >= 0 ? y - TEXT_HEIGHT : y;
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
