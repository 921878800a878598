/* Paints the static layer of crowded pictures off the main thread. It keeps its own copy of the shapes. */

import type { Camera } from "./camera";
import { visible } from "./camera";
import type { Size } from "./geometry";
import { paintShapes, type Style } from "./paint";
import { type Shape, Shapes } from "./shapes";

export type ToWorker =
  | { kind: "load"; shapes: Shape[] }
  | { kind: "put"; shape: Shape }
  | { kind: "remove"; id: string }
  | { kind: "hide"; ids: string[]; all: boolean }
  | {
      kind: "paint";
      ticket: number;
      /** Maps the picture to the canvas of `view` plus its margin, in CSS pixels. */
      camera: Camera;
      view: Size;
      ratio: number;
      style: Style;
    };

export interface FromWorker {
  ticket: number;
  bitmap: ImageBitmap;
}

const shapes = new Shapes();
let hidden = new Set<string>();
let allHidden = false;
let order: Map<string, number> | null = null;
let canvas: OffscreenCanvas | null = null;
let latest: Extract<ToWorker, { kind: "paint" }> | null = null;

self.onmessage = (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  switch (message.kind) {
    case "load":
      shapes.load(message.shapes);
      order = null;
      break;
    case "put":
      if (!shapes.get(message.shape.id)) order = null;
      shapes.put(message.shape);
      break;
    case "remove":
      shapes.remove(message.id);
      break;
    case "hide":
      hidden = new Set(message.ids);
      allHidden = message.all;
      break;
    case "paint":
      // Requests that came while the last one was painted are skipped but for the newest.
      if (latest === null) setTimeout(paintLatest);
      latest = message;
      break;
  }
};

function paintLatest(): void {
  const wish = latest;
  latest = null;
  if (!wish) return;
  const { camera, view, ratio } = wish;
  const width = Math.max(1, Math.round(view.width * ratio));
  const height = Math.max(1, Math.round(view.height * ratio));
  if (!canvas || canvas.width !== width || canvas.height !== height) {
    canvas = new OffscreenCanvas(width, height);
  }
  const context = canvas.getContext("2d", { alpha: true });
  if (!context) return;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  paintShapes(context, inOrder(visible(camera, view)), camera, wish.style);
  const bitmap = canvas.transferToImageBitmap();
  const answer: FromWorker = { ticket: wish.ticket, bitmap };
  (self as unknown as Worker).postMessage(answer, [bitmap]);
}

function inOrder(box: ReturnType<typeof visible>): Shape[] {
  if (allHidden) return [];
  if (!order) {
    order = new Map();
    for (const shape of shapes.all()) order.set(shape.id, order.size);
  }
  const rank = order;
  return shapes
    .within(box)
    .filter((shape) => !hidden.has(shape.id))
    .sort((a, b) => (rank.get(a.id) ?? 0) - (rank.get(b.id) ?? 0));
}
