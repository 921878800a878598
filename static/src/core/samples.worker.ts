/* Keeps the samples of the tiles of deep pictures and makes bitmaps of them, for whatever window is asked for. */

import { joined, type Range, rangeOf, table } from "./greys";

interface Window {
  low: number;
  high: number;
}

export type ToSamples =
  | {
      kind: "load";
      picture: number;
      name: string;
      data: ArrayBuffer;
      width: number;
      height: number;
    }
  /** In samples. Without one a picture is shown as suits the first tile that is loaded. */
  | { kind: "window"; picture: number; window: Window }
  | { kind: "forget"; picture: number; name: string }
  | { kind: "close"; picture: number };

export type FromSamples =
  | { kind: "bitmap"; picture: number; name: string; bitmap: ImageBitmap }
  | { kind: "failed"; picture: number; name: string }
  | ({ kind: "range"; picture: number } & Range);

interface Tile {
  samples: Uint16Array;
  width: number;
  height: number;
}

interface Deep {
  tiles: Map<string, Tile>;
  window: Window | null;
  table: Uint32Array<ArrayBuffer>;
  /** Grows with each window that is asked for. */
  version: number;
  /** The window of the table: a bitmap made for an older one is thrown away. */
  shown: number;
}

const pictures = new Map<number, Deep>();

self.onmessage = (event: MessageEvent<ToSamples>) => {
  const message = event.data;
  switch (message.kind) {
    case "load":
      void load(message);
      break;
    case "window":
      void rewindow(message.picture, message.window);
      break;
    case "forget":
      pictures.get(message.picture)?.tiles.delete(message.name);
      break;
    case "close":
      pictures.delete(message.picture);
      break;
  }
};

function answer(message: FromSamples, transfer: Transferable[] = []): void {
  (self as unknown as Worker).postMessage(message, transfer);
}

function deepOf(picture: number): Deep {
  const known = pictures.get(picture);
  if (known) return known;
  const made: Deep = {
    tiles: new Map(),
    window: null,
    table: new Uint32Array(65536),
    version: 0,
    shown: 0,
  };
  pictures.set(picture, made);
  return made;
}

async function load(message: Extract<ToSamples, { kind: "load" }>): Promise<void> {
  const { picture, name, data, width, height } = message;
  const deep = deepOf(picture);
  try {
    const planes = new Uint8Array(await unpacked(data));
    if (planes.length !== width * height * 2) throw new RangeError("samples");
    const tile = { samples: joined(planes), width, height };
    if (deep.tiles.size === 0) {
      const range = rangeOf(tile.samples);
      answer({ kind: "range", picture, ...range });
      deep.window ??= { low: range.low, high: range.high };
      table(deep.window.low, deep.window.high, deep.table);
    }
    deep.tiles.set(name, tile);
    await paint(picture, deep, name, tile);
  } catch {
    // Broken data, or no memory for it: the page says that the picture cannot be shown.
    answer({ kind: "failed", picture, name });
  }
}

function unpacked(data: ArrayBuffer): Promise<ArrayBuffer> {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

async function rewindow(picture: number, window: Window): Promise<void> {
  const deep = deepOf(picture);
  deep.window = window;
  const version = ++deep.version;
  // Windows that come while this one waits are taken together.
  await new Promise((resolve) => setTimeout(resolve));
  if (deep.version !== version) return;
  table(window.low, window.high, deep.table);
  deep.shown = version;
  for (const [name, tile] of [...deep.tiles]) {
    if (deep.version !== version) return;
    await paint(picture, deep, name, tile);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

async function paint(picture: number, deep: Deep, name: string, tile: Tile): Promise<void> {
  const pixels = new Uint32Array(tile.samples.length);
  const { samples } = tile;
  for (;;) {
    const { shown, table: colors } = deep;
    for (let i = 0; i < samples.length; i++) pixels[i] = colors[samples[i] as number] as number;
    const data = new ImageData(new Uint8ClampedArray(pixels.buffer), tile.width, tile.height);
    const bitmap = await createImageBitmap(data);
    if (shown === deep.shown || pictures.get(picture) !== deep) {
      answer({ kind: "bitmap", picture, name, bitmap }, [bitmap]);
      return;
    }
    bitmap.close();
  }
}
