/* Places in a film as people read and type them: as a time, a frame's number, or a time code. */

import { formatTime, parseTime } from "../timeline/ticks";
import type { Frames } from "./frames";

export const FORMATS = ["time", "frame", "code"] as const;
export type Format = (typeof FORMATS)[number];

/** Frames a second as a time code counts them, and which of its numbers are left out; null: none fits this rate. */
interface Counting {
  nominal: number;
  /** Frame numbers that are skipped each minute but every tenth. */
  dropped: number;
}

/** Rates are measured: they are this near to what they are meant to be, as a share of it. */
const NEAR = 1e-4;

/** A time code counts whole frames a second; 30000/1001 and its double leave numbers out so as to keep to the clock. */
export function countingOf(rate: number): Counting | null {
  const nominal = Math.round(rate);
  if (nominal < 1) return null;
  if (Math.abs(rate - nominal) < nominal * NEAR) return { nominal, dropped: 0 };
  if (Math.abs(rate - (nominal * 1000) / 1001) > nominal * NEAR) return null;
  return { nominal, dropped: nominal % 30 === 0 ? nominal / 15 : 0 };
}

/** The rate that a measured one is meant to be. */
export function meantRate(rate: number): number {
  const nominal = Math.round(rate);
  const counting = countingOf(rate);
  if (!counting) return rate;
  return Math.abs(rate - nominal) < nominal * NEAR ? nominal : (nominal * 1000) / 1001;
}

/** `01:02:03:04`, with `;` before the frame where numbers are left out. */
export function codeOf(index: number, rate: number): string | null {
  const counting = countingOf(rate);
  if (!counting) return null;
  const { nominal, dropped } = counting;
  const minute = nominal * 60 - dropped;
  const ten = minute * 10 + dropped;
  let number = index;
  if (dropped > 0) {
    const rest = index % ten;
    const minutes = rest < nominal * 60 ? 0 : 1 + Math.floor((rest - nominal * 60) / minute);
    number += dropped * (9 * Math.floor(index / ten) + minutes);
  }
  const seconds = Math.floor(number / nominal);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (part: number) => String(part).padStart(2, "0");
  return `${parts.map(two).join(":")}${dropped > 0 ? ";" : ":"}${two(number % nominal)}`;
}

const CODE = /^(\d{1,3}):(\d{1,2}):(\d{1,2})[:;](\d{1,3})$/;

/** The frame of a time code; null for anything else, and for numbers that are left out. */
export function frameOfCode(text: string, rate: number): number | null {
  const match = CODE.exec(plain(text));
  const counting = countingOf(rate);
  if (!match || !counting) return null;
  const { nominal, dropped } = counting;
  const [hours, minutes, seconds, frames] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (minutes > 59 || seconds > 59 || frames >= nominal) return null;
  const all = hours * 60 + minutes;
  if (dropped > 0 && frames < dropped && seconds === 0 && minutes % 10 !== 0) return null;
  return (all * 60 + seconds) * nominal + frames - dropped * (all - Math.floor(all / 10));
}

/** A frame's place in words of this format. */
export function formatPlace(format: Format, frames: Frames, index: number, rate: number): string {
  if (format === "frame") return String(index);
  const code = format === "code" ? codeOf(index, rate) : null;
  return code ?? formatTime(frames.timeOf(index));
}

/** The frame that was meant: `120` is a frame, `12.5` or `1:20` a time, `00:01:20:05` a time code. */
export function parsePlace(text: string, frames: Frames, rate: number): number | null {
  const typed = plain(text).replace(/^#\s*/, "");
  if (/^\d{1,9}$/.test(typed)) {
    const index = Number(typed);
    return index <= frames.last ? index : null;
  }
  const coded = frameOfCode(typed, rate);
  if (coded !== null) return coded <= frames.last ? coded : null;
  const time = parseTime(typed.replace(/\s*s$/i, ""));
  if (time === null || time > frames.duration + 1e-6) return null;
  return frames.at(time);
}

/** As it would be typed in Latin. */
function plain(text: string): string {
  return text.trim().normalize("NFKC").replace(/。/g, ".");
}
