/* Greys of 16 bits on a screen of 8: a window of values is spread from black to white, in a worker that keeps them. */

import { signal } from "@preact/signals";
import { MediaFailure } from "./fetching";
import type { FromSamples, ToSamples } from "./samples.worker";
import SamplesWorker from "./samples.worker?worker";

/** Values of the picture, the ends included. */
export interface Span {
  low: number;
  high: number;
}

/** The window chosen by hand, kept from picture to picture; null: each picture's own. */
export const chosenWindow = signal<Span | null>(null);

let worker: Worker | null = null;
let pictures = 0;
const listeners = new Map<number, (message: FromSamples) => void>();

function tell(message: ToSamples, transfer: Transferable[] = []): void {
  if (!worker) {
    worker = new SamplesWorker();
    worker.onmessage = (event: MessageEvent<FromSamples>) => {
      const listener = listeners.get(event.data.picture);
      if (listener) listener(event.data);
      else if (event.data.kind === "bitmap") event.data.bitmap.close();
    };
  }
  worker.postMessage(message, transfer);
}

/** The greys of one picture. */
export class Samples {
  /** What is shown from black to white. */
  readonly window = signal<Span | null>(null);
  /** The least and the greatest value that the picture has. */
  readonly range = signal<Span | null>(null);
  /** The window that shows nearly all of its values. */
  private fitting: Span | null = null;
  private readonly id = ++pictures;
  private readonly waiting = new Map<string, (message: FromSamples) => void>();

  /** `ends`: the values that 0 and 65535 stand for; `onBitmap`: a tile has been made anew. */
  constructor(
    private readonly ends: Span,
    private readonly onBitmap: (name: string, bitmap: ImageBitmap) => void,
  ) {
    listeners.set(this.id, (message) => this.received(message));
    const kept = chosenWindow.peek();
    if (kept) this.show(kept);
  }

  /** Unpack the samples of a tile; its bitmap as it is shown now. */
  load(name: string, data: ArrayBuffer, width: number, height: number): Promise<ImageBitmap> {
    return new Promise((resolve, reject) => {
      this.waiting.set(name, (message) => {
        if (message.kind === "bitmap") resolve(message.bitmap);
        else reject(new MediaFailure("undecodable"));
      });
      tell({ kind: "load", picture: this.id, name, data, width, height }, [data]);
    });
  }

  /** Show these values from black to white; null: nearly all that there are. */
  show(span: Span | null): void {
    const shown = span ?? this.fitting;
    this.window.value = shown;
    if (!shown) return;
    const window = { low: this.toSample(shown.low), high: this.toSample(shown.high) };
    tell({ kind: "window", picture: this.id, window });
  }

  forget(name: string): void {
    tell({ kind: "forget", picture: this.id, name });
  }

  close(): void {
    listeners.delete(this.id);
    for (const settle of this.waiting.values())
      settle({ kind: "failed", picture: this.id, name: "" });
    tell({ kind: "close", picture: this.id });
  }

  private received(message: FromSamples): void {
    if (message.kind === "range") {
      this.range.value = { low: this.toValue(message.least), high: this.toValue(message.most) };
      this.fitting = { low: this.toValue(message.low), high: this.toValue(message.high) };
      this.window.value ??= this.fitting;
      return;
    }
    const settle = this.waiting.get(message.name);
    this.waiting.delete(message.name);
    if (settle) settle(message);
    else if (message.kind === "bitmap") this.onBitmap(message.name, message.bitmap);
  }

  private toValue(sample: number): number {
    return this.ends.low + (sample * (this.ends.high - this.ends.low)) / 65535;
  }

  private toSample(value: number): number {
    const { low, high } = this.ends;
    return high === low ? 0 : ((value - low) * 65535) / (high - low);
  }
}
