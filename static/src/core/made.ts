/* What the server makes of a recording in the background: peaks, spectra, tables of frames, copies that browsers play. */

import { MediaFailure } from "./fetching";

/** It cannot be made; `message` is for people. */
export class NotMade extends Error {}

export interface Made<T> {
  body: T;
  /** Where its chunks are: `<address>/<level>/<chunk>/0`. */
  address: string;
}

interface Options {
  signal: AbortSignal;
  /** How much of it is done, from 0 to 1. */
  progress?: (done: number) => void;
}

type Answer<T> =
  | ({ state: "ready" } & T)
  | { state: "making"; done: number }
  | { state: "failed"; message: string };

const SLOWEST_MS = 4_000;

/** Wait until it is made, and give it; null where there is no such thing. Asking starts the work. Rejects with NotMade,
    MediaFailure, or AbortError. */
export async function made<T>(
  url: string,
  what: "play" | "peaks" | "spectrum" | "frames",
  { signal, progress }: Options,
): Promise<Made<T> | null> {
  for (let pause = 500; ; pause = Math.min(SLOWEST_MS, pause + 500)) {
    const response = await ask(`${url}?size=${what}`, signal);
    if (response.status === 404) return null;
    if (response.status !== 503) {
      if (!response.ok) {
        throw new MediaFailure(response.status >= 500 ? "unreachable" : "refused", response.status);
      }
      if (!response.headers.get("Content-Type")?.startsWith("application/json")) {
        throw new MediaFailure("signin");
      }
      const body = (await response.json()) as Answer<T>;
      if (body.state === "ready") return { body, address: response.url };
      if (body.state === "failed") throw new NotMade(body.message);
      progress?.(body.done);
    }
    await sleep(pause, signal);
  }
}

async function ask(url: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { credentials: "same-origin", signal });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new MediaFailure("unreachable");
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** Whether this only says that nobody waits for it any more. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
