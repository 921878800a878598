/* The bytes of a PDF, asked for in parts as they are needed. The server answers with 2 MiB at most, and its links end. */

import { MediaFailure } from "../../core/media";

/** Smaller files come whole. */
const FIRST = 1 << 20;
const TRIES = 5;

export interface Opened {
  length: number;
  first: Uint8Array<ArrayBuffer>;
  /** Bytes from `begin` up to `end`. Rejects with MediaFailure. */
  read(begin: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** The file at an address, with its first bytes. Rejects with MediaFailure. */
export async function openSource(url: string, signal: AbortSignal): Promise<Opened> {
  // Where the address sent us on to last: asked straight, until it does not answer any more.
  let direct: string | null = null;
  const ask = async (begin: number, end: number): Promise<Response> => {
    const headers = { Range: `bytes=${begin}-${end - 1}` };
    if (direct) {
      const response = await patiently(direct, headers, signal);
      if (response.ok) return response;
    }
    const response = await patiently(url, headers, signal);
    if (!response.ok) throw new MediaFailure(response.status >= 500 ? "unreachable" : "refused");
    // The sign-in page, to which signed-out people are sent on.
    if (response.headers.get("Content-Type")?.startsWith("text/html"))
      throw new MediaFailure("signin");
    direct = response.redirected ? response.url : null;
    return response;
  };
  const read = async (begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
    const whole = new Uint8Array(end - begin);
    let at = begin;
    while (at < end) {
      const response = await ask(at, end);
      const part = await bytes(response);
      if (response.status !== 206 || part.length === 0) throw new MediaFailure("refused");
      whole.set(part.subarray(0, end - at), at - begin);
      at += part.length;
    }
    return whole;
  };
  const response = await ask(0, FIRST);
  const first = await bytes(response);
  const total = /\/(\d+)$/.exec(response.headers.get("Content-Range") ?? "")?.[1];
  return { length: total ? Number(total) : first.length, first, read };
}

async function bytes(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new MediaFailure("unreachable");
  }
}

/** A busy server says when to come again; that is heeded a few times before it counts as not reached. */
async function patiently(
  url: string,
  headers: HeadersInit,
  signal: AbortSignal,
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    let response: Response;
    try {
      response = await fetch(url, { credentials: "same-origin", headers, signal });
    } catch {
      throw new MediaFailure("unreachable");
    }
    if (response.status !== 503 || attempt === TRIES) return response;
    const seconds = Number(response.headers.get("Retry-After")) || 1;
    await new Promise((resolve) => setTimeout(resolve, Math.min(5, seconds) * 1000));
  }
}
