/* Requests for media: patient with a busy server, and plain about what went wrong. */

export type MediaError = "unreachable" | "refused" | "undecodable" | "signin";

export class MediaFailure extends Error {
  constructor(
    readonly kind: MediaError,
    readonly status = 0,
  ) {
    super(kind);
  }
}

/** The server asks to come again: it is busy (503), or makes what was asked for (202). */
export class BusyServer extends MediaFailure {
  constructor() {
    super("unreachable", 503);
  }
}

const TRIES = 8;

interface Options {
  headers?: HeadersInit;
  signal?: AbortSignal;
  /** Come again by oneself, a few times, as the server says. */
  patient?: boolean;
}

/** What is at an address of media. Rejects with MediaFailure, or with AbortError when the signal says so. */
export async function follow(
  url: string,
  { headers, signal, patient = true }: Options = {},
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await get(url, headers, signal);
    if (response.status === 503 || response.status === 202) {
      if (!patient || attempt === TRIES) throw new BusyServer();
      const seconds = Number(response.headers.get("Retry-After")) || 1;
      await new Promise((resolve) => setTimeout(resolve, Math.min(5, seconds) * 1000));
      continue;
    }
    if (!response.ok) {
      throw new MediaFailure(response.status >= 500 ? "unreachable" : "refused", response.status);
    }
    // The sign-in page, to which signed-out people are sent on.
    if (response.headers.get("Content-Type")?.startsWith("text/html")) {
      throw new MediaFailure("signin");
    }
    return response;
  }
}

async function get(
  url: string,
  headers: HeadersInit | undefined,
  signal: AbortSignal | undefined,
): Promise<Response> {
  try {
    return await fetch(url, {
      credentials: "same-origin",
      ...(headers ? { headers } : {}),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new MediaFailure("unreachable");
  }
}

/** The whole file, also where the server answers with one part at a time. */
export async function whole(url: string): Promise<Blob> {
  const parts: Blob[] = [];
  let start = 0;
  for (;;) {
    const response = await follow(url, start > 0 ? { headers: { Range: `bytes=${start}-` } } : {});
    const part = await blobOf(response);
    parts.push(part);
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get("Content-Range") ?? "");
    if (response.status !== 206 || !range) break;
    start = Number(range[2]) + 1;
    if (start >= Number(range[3])) break;
  }
  return parts.length === 1 && parts[0] ? parts[0] : new Blob(parts);
}

async function blobOf(response: Response): Promise<Blob> {
  try {
    return await response.blob();
  } catch {
    throw new MediaFailure("unreachable");
  }
}
