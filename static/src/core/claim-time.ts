/* How long a claim still stands without input, by the server's clock. */

/** `half`: half of the time has gone; `last`: nine tenths have; `over`: all of it. */
export type Phase = "fresh" | "half" | "last" | "over";

/** Below this share of the time the countdown is made prominent. */
const PROMINENT = 0.25;

export interface Left {
  /** Milliseconds, never below 0. */
  ms: number;
  phase: Phase;
  prominent: boolean;
}

/** What is left at `now` of a claim that ends at `end` and lasts `total` after each input; all in milliseconds. */
export function left(end: number, total: number, now: number): Left {
  const ms = Math.max(0, end - now);
  const share = total > 0 ? ms / total : 1;
  const phase = ms === 0 ? "over" : share <= 0.1 ? "last" : share <= 0.5 ? "half" : "fresh";
  return { ms, phase, prominent: share < PROMINENT };
}

export interface Span {
  hours: number;
  minutes: number;
  seconds: number;
}

/** Whole hours, minutes and seconds; seconds count only in the last ten minutes, so that the display keeps still. */
export function span(ms: number): Span {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 10) return { hours: Math.floor(minutes / 60), minutes: minutes % 60, seconds: 0 };
  return { hours: 0, minutes, seconds: seconds % 60 };
}
