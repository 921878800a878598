/* Greys of 16 bits as a screen shows them. Pure: the worker's part that can be tested. */

/** Samples as they are sent: every lower byte, then every upper one. */
export function joined(planes: Uint8Array): Uint16Array {
  const half = planes.length >> 1;
  const samples = new Uint16Array(half);
  for (let i = 0; i < half; i++) {
    samples[i] = (planes[i] as number) | ((planes[half + i] as number) << 8);
  }
  return samples;
}

/** For each of the 65536 samples its pixel (RGBA, little-endian): black up to `low`, white from `high` on. */
export function table(
  low: number,
  high: number,
  into = new Uint32Array(65536),
): Uint32Array<ArrayBuffer> {
  const scale = 255 / Math.max(1e-6, high - low);
  for (let sample = 0; sample < 65536; sample++) {
    const value = Math.min(255, Math.max(0, Math.round((sample - low) * scale)));
    into[sample] = 0xff000000 | (value << 16) | (value << 8) | value;
  }
  return into;
}

/** A share of the samples at each end that the window of a picture may leave out: dead and hot pixels. */
const OUTSIDE = 0.001;

export interface Range {
  /** The least and the greatest sample. */
  least: number;
  most: number;
  /** Between these are nearly all. */
  low: number;
  high: number;
}

export function rangeOf(samples: Uint16Array): Range {
  const counts = new Uint32Array(65536);
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] as number;
    counts[sample] = (counts[sample] as number) + 1;
  }
  const least = Math.max(
    0,
    counts.findIndex((n) => n > 0),
  );
  let most = 65535;
  while (most > 0 && counts[most] === 0) most--;
  const outside = samples.length * OUTSIDE;
  let low = least;
  for (let seen = counts[low] as number; seen <= outside && low < most; ) {
    seen += counts[++low] as number;
  }
  let high = most;
  for (let seen = counts[high] as number; seen <= outside && high > low; ) {
    seen += counts[--high] as number;
  }
  // One grey alone has no window: all that there is.
  return high > low ? { least, most, low, high } : { least, most, low: least, high: most + 1 };
}
