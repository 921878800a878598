/* Scales of ratings: their values as the texts that answers hold. */

import type { Question } from "../core/types";

/** More values than this are chosen on a line, not from a row of buttons. */
export const BUTTONS = 11;

export interface Scale {
  least: number;
  most: number;
  step: number;
  /** How many values there are. */
  count: number;
}

export function scaleOf({ least = 1, most = 5, step = 1 }: Question): Scale {
  return { least, most, step, count: Math.round((most - least) / step) + 1 };
}

/** So many digits behind the point a number is written with. */
function digits(value: number): number {
  const [, fraction = ""] = value.toFixed(6).replace(/0+$/, "").split(".");
  return fraction.length;
}

/** The value at a place of the scale, as ratings are written: 4, not 4.0. */
export function valueAt({ least, step }: Scale, place: number): string {
  const behind = Math.max(digits(least), digits(step));
  const text = (least + place * step).toFixed(behind);
  const plain = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return plain === "-0" ? "0" : plain;
}

/** The place of a value on the scale, or null where it is none of its values. */
export function placeOf(scale: Scale, value: unknown): number | null {
  if (typeof value !== "string" || value === "") return null;
  const place = Math.round((Number(value) - scale.least) / scale.step);
  const fits = place >= 0 && place < scale.count && valueAt(scale, place) === value;
  return fits ? place : null;
}

/** The value nearest to a number, which a person typed or a line was dragged to. */
export function nearest(scale: Scale, number: number): string {
  const place = Math.round((number - scale.least) / scale.step);
  return valueAt(scale, Math.min(scale.count - 1, Math.max(0, place)));
}

export function allValues(scale: Scale): string[] {
  return Array.from({ length: scale.count }, (_, place) => valueAt(scale, place));
}

/** What digit keys stand for: the value of one digit each. */
export function digitOf(value: string): string | null {
  return /^\d$/.test(value) ? value : null;
}
