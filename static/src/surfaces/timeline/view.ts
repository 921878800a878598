/* Which seconds are seen, and how wide a second is. Pure: every function gives another view. */

import type { Range } from "./types";

export interface TimeView {
  /** The second at the left side. */
  start: number;
  /** Pixels of one second. */
  scale: number;
  /** Pixels. */
  width: number;
}

/** What there is to see. */
export interface Extent {
  duration: number;
  /** The most pixels that a second may have. */
  finest: number;
}

/** Seconds as answers hold them: to the millionth, less than half a sample at 192 kHz. */
export function microseconds(time: number): number {
  return Math.round(time * 1e6) / 1e6;
}

export function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

export function xOf(view: TimeView, time: number): number {
  return (time - view.start) * view.scale;
}

export function timeAt(view: TimeView, x: number): number {
  return view.start + x / view.scale;
}

export function endOf(view: TimeView): number {
  return view.start + view.width / view.scale;
}

/** The view within its bounds: nothing is seen before the beginning, nor behind the end. */
export function bounded(view: TimeView, { duration, finest }: Extent): TimeView {
  const width = Math.max(1, view.width);
  const least = width / Math.max(duration, 1e-3);
  const scale = clamp(view.scale, least, Math.max(finest, least));
  const start = clamp(view.start, 0, Math.max(0, duration - width / scale));
  return { start, scale, width };
}

/** All of it. */
export function fitView(width: number, extent: Extent): TimeView {
  return bounded({ start: 0, scale: 0, width }, extent);
}

/** A second `factor` times as wide, with the time at `x` where it is. */
export function zoomView(view: TimeView, factor: number, x: number, extent: Extent): TimeView {
  const time = timeAt(view, x);
  const { scale } = bounded({ ...view, scale: view.scale * factor }, extent);
  return bounded({ ...view, scale, start: time - x / scale }, extent);
}

/** Moved by pixels: later ones for more than zero. */
export function panView(view: TimeView, pixels: number, extent: Extent): TimeView {
  return bounded({ ...view, start: view.start + pixels / view.scale }, extent);
}

/** Another width: what was all of it still is. */
export function resizeView(view: TimeView, width: number, extent: Extent): TimeView {
  const all = view.width / view.scale >= extent.duration * 0.9999;
  return all ? fitView(width, extent) : bounded({ ...view, width }, extent);
}

const MARGIN = 0.08;

/** Moved as little as shows the range, or its beginning where it has no room. */
export function showRange(view: TimeView, range: Range, extent: Extent): TimeView {
  const seen = view.width / view.scale;
  const margin = seen * MARGIN;
  if (range.start >= view.start && range.end <= view.start + seen) return view;
  const late = range.start - margin < view.start || range.end - range.start > seen - 2 * margin;
  const start = late ? range.start - margin : range.end + margin - seen;
  return bounded({ ...view, start }, extent);
}

/** The range fills most of what is seen. */
export function closeUp(view: TimeView, range: Range, extent: Extent): TimeView {
  const length = Math.max(range.end - range.start, 8 / extent.finest);
  const scale = (view.width * (1 - 2 * MARGIN)) / length;
  const wide = bounded({ ...view, scale }, extent);
  const middle = (range.start + range.end) / 2;
  return bounded({ ...wide, start: middle - wide.width / wide.scale / 2 }, extent);
}

/** While it plays: a page on as soon as what is heard is no longer seen. */
export function followView(view: TimeView, time: number, extent: Extent): TimeView {
  const seen = view.width / view.scale;
  if (time >= view.start && time <= view.start + seen * 0.97) return view;
  return bounded({ ...view, start: time - seen * 0.05 }, extent);
}
