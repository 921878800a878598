/* The table of a film's frames: worked out from its rate at once, then as the server knows it. */

import { follow } from "../core/fetching";
import { made } from "../core/made";
import type { Media } from "../core/types";
import { Frames } from "../surfaces/video/frames";
import { meantRate } from "../surfaces/video/timecode";

interface FramesAnswer {
  count: number;
  duration: number;
  chunks: number;
}

/** What is known of a film before its table has come. */
export function guessed(media: Media): Frames {
  const duration = media.duration ?? 0;
  const rate = media.fps && media.fps > 0 ? meantRate(media.fps) : 25;
  return Frames.steady(rate, media.frames ?? 0, duration);
}

/** The stamps of all frames; null: the server has none. Rejects as `made` does. */
export async function framesOf(media: Media, signal: AbortSignal): Promise<Frames | null> {
  const found = await made<FramesAnswer>(media.url, "frames", { signal });
  if (!found) return null;
  const { count, duration, chunks } = found.body;
  const times = new Float64Array(count);
  let at = 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const response = await follow(`${found.address}/0/${chunk}/0`, { signal });
    const part = new Float64Array(await response.arrayBuffer());
    times.set(part.subarray(0, count - at), at);
    at += part.length;
  }
  return at > 0 ? new Frames(times.subarray(0, Math.min(at, count)), duration) : null;
}
