/* How a picture is looked at, beside the camera: for as long as the page is open, from item to item. */

import { signal } from "@preact/signals";
import { chosenWindow, type Span } from "../core/samples";
import type { View } from "../core/types";
import type { Turn } from "../surfaces/canvas/camera";
import { clamp } from "../surfaces/canvas/geometry";
import type { CanvasSurface } from "../surfaces/canvas/surface";

/** The view whose controls are shown: what it binds, or null. */
export const openMenu = signal<string | null>(null);

export function toggleMenu({ bindField }: Pick<View, "bindField">): void {
  openMenu.value = openMenu.peek() === bindField ? null : bindField;
}

/** Of pictures of 8 bits. */
export const brightness = signal(1);
export const contrast = signal(1);
export const BRIGHTNESS = { least: 0.2, most: 4 } as const;
export const CONTRAST = { least: 0.2, most: 5 } as const;

/** How each picture is turned: by its place. */
const turns = new Map<string, Turn>();

/** Which picture of which item this is. */
export function placeIn({ field }: Pick<View, "field">, position: number): string {
  return `${field}/${position}`;
}

export function turnAt(place: string): Turn {
  return turns.get(place) ?? 0;
}

export function rotate(surface: CanvasSurface, place: string, quarters: number): void {
  surface.rotate(quarters);
  turns.set(place, surface.camera.peek().turn);
}

/** Show these values of a deep picture from black to white, and those of the next ones; null: as suits each. */
export function setWindow(surface: CanvasSurface, span: Span | null): void {
  chosenWindow.value = span;
  surface.shown.peek()?.tiles?.samples?.show(span);
}

const STEP = 1.12;

/** One step brighter (1) or darker (-1): of a deep picture by moving its window. */
export function brighten(surface: CanvasSurface, by: 1 | -1): void {
  const span = windowOf(surface);
  if (span) {
    const move = ((span.high - span.low) / 16) * -by;
    setWindow(surface, { low: span.low + move, high: span.high + move });
    return;
  }
  const next = brightness.peek() * STEP ** by;
  brightness.value = near(clamp(next, BRIGHTNESS.least, BRIGHTNESS.most));
}

/** One step more contrast (1) or less (-1): of a deep picture by a narrower or a wider window. */
export function sharpen(surface: CanvasSurface, by: 1 | -1): void {
  const span = windowOf(surface);
  if (span) {
    const middle = (span.low + span.high) / 2;
    const half = Math.max(0.5, ((span.high - span.low) / 2) * STEP ** -by);
    setWindow(surface, { low: middle - half, high: middle + half });
    return;
  }
  contrast.value = near(clamp(contrast.peek() * STEP ** by, CONTRAST.least, CONTRAST.most));
}

/** As the picture is. */
export function resetLook(surface: CanvasSurface): void {
  brightness.value = 1;
  contrast.value = 1;
  setWindow(surface, null);
}

function windowOf(surface: CanvasSurface): Span | null {
  return surface.shown.peek()?.tiles?.samples?.window.peek() ?? null;
}

/** Steps there and back end where they began. */
function near(value: number): number {
  return Math.abs(value - 1) < 0.02 ? 1 : value;
}
