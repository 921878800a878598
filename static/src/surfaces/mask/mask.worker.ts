/* What needs every pixel of a picture, off the main thread: colours that hang together, and cut-outs as files. */

import type { Point } from "../../core/types";
import type { Rle } from "../canvas/shapes";
import { rleOf } from "./columns";
import { type Cutting, cutOut } from "./cutout";
import { pick, resized, type Samples } from "./wand";

export type ToMaskWorker =
  | { kind: "picture"; bitmap: ImageBitmap }
  | { kind: "pick"; ticket: number; size: [number, number]; at: Point; tolerance: number }
  | ({ kind: "cut"; ticket: number } & Cutting);

export interface FromMaskWorker {
  ticket: number;
  /** Null: it could not be done. */
  result: Rle | Blob | null;
}

/** Colours are looked up in at most so many pixels; above them the picture is made smaller. */
const MOST_SAMPLES = 16_000_000;

let samples: Samples | null = null;

self.onmessage = async (event: MessageEvent<ToMaskWorker>) => {
  const message = event.data;
  if (message.kind === "picture") {
    samples = samplesOf(message.bitmap);
    message.bitmap.close();
    return;
  }
  const result = message.kind === "cut" ? await cut(message) : found(message);
  const answer: FromMaskWorker = { ticket: message.ticket, result };
  (self as unknown as Worker).postMessage(answer);
};

async function cut(message: Cutting): Promise<Blob | null> {
  try {
    return await cutOut(message);
  } catch {
    // The file cannot be decoded, or is larger than a canvas of this browser may be.
    return null;
  }
}

function samplesOf(bitmap: ImageBitmap): Samples | null {
  const shrink = Math.min(1, Math.sqrt(MOST_SAMPLES / (bitmap.width * bitmap.height)));
  const width = Math.max(1, Math.round(bitmap.width * shrink));
  const height = Math.max(1, Math.round(bitmap.height * shrink));
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context?.drawImage(bitmap, 0, 0, width, height);
  return context?.getImageData(0, 0, width, height) ?? null;
}

function found(message: Extract<ToMaskWorker, { kind: "pick" }>): Rle | null {
  if (!samples) return null;
  const [width, height] = message.size;
  const x = Math.min(samples.width - 1, Math.floor((message.at[0] * samples.width) / width));
  const y = Math.min(samples.height - 1, Math.floor((message.at[1] * samples.height) / height));
  return rleOf(resized(pick(samples, x, y, message.tolerance), width, height));
}
