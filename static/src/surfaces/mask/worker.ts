/* The page's side of mask.worker.ts: started when it is first needed, asked by tickets. */

import type { Point } from "../../core/types";
import type { Size } from "../canvas/geometry";
import type { Rle } from "../canvas/shapes";
import type { Cutting } from "./cutout";
import type { FromMaskWorker, ToMaskWorker } from "./mask.worker";

let worker: Worker | null = null;
/** The picture that the worker has, or is being told of. */
let told: { picture: ImageBitmap; done: Promise<void> } | null = null;
let last = 0;
const waiting = new Map<number, (result: FromMaskWorker["result"]) => void>();

async function start(): Promise<Worker> {
  if (worker) return worker;
  const { default: MaskWorker } = await import("./mask.worker?worker");
  const made = new MaskWorker();
  made.onmessage = ({ data }: MessageEvent<FromMaskWorker>) => {
    waiting.get(data.ticket)?.(data.result);
    waiting.delete(data.ticket);
  };
  made.onerror = () => {
    // What it was asked will not be answered any more; the next question gets another worker.
    made.terminate();
    worker = null;
    told = null;
    for (const answer of waiting.values()) answer(null);
    waiting.clear();
  };
  worker = made;
  return made;
}

/** Give the worker a picture, once; whoever asks about it meanwhile waits too, or would be told of the former one. */
async function tell(to: Worker, picture: ImageBitmap): Promise<void> {
  if (told?.picture !== picture) {
    // One after the other, so that the last one told is the one that the worker has.
    const before = told?.done.catch(() => undefined) ?? Promise.resolve();
    const done = before.then(async () => {
      const bitmap = await createImageBitmap(picture);
      const message: ToMaskWorker = { kind: "picture", bitmap };
      to.postMessage(message, [bitmap]);
    });
    told = { picture, done };
    done.catch(() => {
      if (told?.picture === picture) told = null;
    });
  }
  await told?.done;
}

async function ask(
  make: (ticket: number) => ToMaskWorker,
  picture: ImageBitmap | null,
): Promise<FromMaskWorker["result"]> {
  try {
    const to = await start();
    if (picture) await tell(to, picture);
    const ticket = ++last;
    const answer = new Promise<FromMaskWorker["result"]>((resolve) => waiting.set(ticket, resolve));
    to.postMessage(make(ticket));
    return await answer;
  } catch {
    // A browser that refuses the worker cannot do this; whoever asked says so.
    return null;
  }
}

/** The pixels that hang together with one and have its colour; null where it cannot be found out. */
export async function pickColor(
  picture: ImageBitmap,
  { width, height }: Size,
  at: Point,
  tolerance: number,
): Promise<Rle | null> {
  const make = (ticket: number): ToMaskWorker => ({
    kind: "pick",
    ticket,
    size: [width, height],
    at,
    tolerance,
  });
  return (await ask(make, picture)) as Rle | null;
}

/** A picture cut out, as PNG in full resolution; null where it cannot be made. */
export async function cutOutFile(cutting: Cutting): Promise<Blob | null> {
  return (await ask((ticket) => ({ kind: "cut", ticket, ...cutting }), null)) as Blob | null;
}
