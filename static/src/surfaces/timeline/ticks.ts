/* Marks of the ruler, and times as people read and type them. */

import { endOf, type TimeView, xOf } from "./view";

export interface Tick {
  x: number;
  time: number;
  /** Has its time beside it. */
  major: boolean;
}

/** Steps of the ruler above a second, each with how many parts it has. */
const STEPS: readonly (readonly [number, number])[] = [
  [1, 10],
  [2, 4],
  [5, 5],
  [10, 10],
  [15, 3],
  [30, 6],
  [60, 6],
  [120, 4],
  [300, 5],
  [600, 10],
  [900, 3],
  [1800, 6],
  [3600, 6],
  [7200, 4],
  [14400, 4],
];

const ROOM = 84;

/** The step between times that are written, and how many parts it has. */
export function stepOf(scale: number): { step: number; parts: number } {
  const wanted = ROOM / scale;
  if (wanted <= 1) {
    let step = 10 ** Math.floor(Math.log10(wanted));
    for (const factor of [1, 2, 5, 10]) {
      if (step * factor >= wanted) {
        step *= factor;
        return { step, parts: factor === 2 ? 4 : 5 };
      }
    }
  }
  const [step, parts] = STEPS.find(([one]) => one >= wanted) ?? [
    Math.ceil(wanted / 3600) * 3600,
    4,
  ];
  return { step, parts };
}

export function ticksOf(view: TimeView, duration: number): Tick[] {
  const { step, parts } = stepOf(view.scale);
  const part = step / parts;
  const last = Math.min(endOf(view), duration);
  const ticks: Tick[] = [];
  for (let n = Math.ceil(view.start / part - 1e-9); n * part <= last + 1e-9; n++) {
    const time = n * part;
    ticks.push({ x: xOf(view, time), time, major: n % parts === 0 });
  }
  return ticks;
}

/** How many decimals a time needs at this scale. */
export function digitsOf(scale: number): number {
  const { step } = stepOf(scale);
  return Math.max(0, Math.min(6, Math.ceil(-Math.log10(step) - 1e-9)));
}

/** Hours only where there are any: `4:07.250`, `1:04:07.250`. */
export function formatTime(seconds: number, digits = 3): string {
  const unit = 10 ** digits;
  const all = Math.round(Math.max(0, seconds) * unit);
  const whole = Math.floor(all / unit);
  const rest = all - whole * unit;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const fraction = digits > 0 ? `.${String(rest).padStart(digits, "0")}` : "";
  const last = `${String(whole % 60).padStart(2, "0")}${fraction}`;
  if (hours > 0) return `${hours}:${String(minutes).padStart(2, "0")}:${last}`;
  return `${minutes}:${last}`;
}

/** A time with as many decimals as it has, up to millionths, and no fewer than three: what is typed is what is shown. */
export function exactTime(seconds: number): string {
  return formatTime(seconds, 6).replace(/0{1,3}$/, "");
}

const TIME = /^(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,9}(?:[.,]\d*)?|[.,]\d+)$/;

/** What was typed as seconds: `83.5`, `1:23.5`, `0:01:23,5`; null for anything else. */
export function parseTime(text: string): number | null {
  const match = TIME.exec(text.trim().replace(/：/g, ":").replace(/。/g, "."));
  if (!match) return null;
  const [, hours = "0", minutes = "0", last = "0"] = match;
  const seconds = Number(last.replace(",", "."));
  if (match[2] !== undefined && seconds >= 60) return null;
  if (match[1] !== undefined && Number(minutes) >= 60) return null;
  return Number(hours) * 3600 + Number(minutes) * 60 + seconds;
}
