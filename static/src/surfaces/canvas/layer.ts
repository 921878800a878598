/* The static layer: the shapes. A few hundred shapes are drawn where they are; more are painted in a worker
   and blitted, so that panning and dragging among ten thousand keeps up with the screen. */

import { type Camera, visible } from "./camera";
import type { Box, Size } from "./geometry";
import { type Context, paintShapes, type Style } from "./paint";
import type { FromWorker, ToWorker } from "./paint.worker";
import PaintWorker from "./paint.worker?worker";
import { type Shape, Shapes } from "./shapes";

/** Up to this many shapes, drawing here costs less than a frame. */
const MOST_DIRECT = 600;
/** The worker paints this much beyond each side of the view. */
const MARGIN = 0.25;

interface Painted {
  bitmap: ImageBitmap;
  camera: Camera;
  ratio: number;
}

export interface View {
  camera: Camera;
  size: Size;
  ratio: number;
  style: Style;
  /** While a gesture moves the camera, speed goes before sharpness. */
  moving: boolean;
}

export class Layer {
  readonly shapes = new Shapes();
  private worker: Worker | null = null;
  /** Whether the worker has the present item's shapes; it is told of items only that it paints. */
  private told = false;
  /** Workers are refused or failed: everything is drawn here. */
  private alone = typeof OffscreenCanvas !== "function";
  private painted: Painted | null = null;
  private requested = new Map<number, Omit<Painted, "bitmap">>();
  private ticket = 0;
  private hidden: ReadonlySet<string> = new Set();
  private allHidden = false;
  private order: Map<string, number> | null = null;

  /** `onPainted`: the worker brought a new bitmap. */
  constructor(private readonly onPainted: () => void) {}

  private get crowded(): boolean {
    return this.shapes.size > MOST_DIRECT && !this.alone;
  }

  load(shapes: readonly Shape[]): void {
    this.shapes.load(shapes);
    this.order = null;
    this.forget();
    this.told = false;
  }

  put(shape: Shape): void {
    if (!this.shapes.get(shape.id)) this.order = null;
    this.shapes.put(shape);
    if (this.told) this.tell({ kind: "put", shape });
  }

  remove(id: string): void {
    this.shapes.remove(id);
    if (this.told) this.tell({ kind: "remove", id });
  }

  /** Shapes that are not drawn: these, or all. */
  hide(ids: ReadonlySet<string>, all: boolean): void {
    if (ids === this.hidden && all === this.allHidden) return;
    this.hidden = ids;
    this.allHidden = all;
    this.tell({ kind: "hide", ids: [...ids], all });
  }

  close(): void {
    this.worker?.terminate();
    this.worker = null;
    this.forget();
  }

  /** Draw the layer on a context whose unit is the CSS pixel; `stale`: shapes or style changed since the last time. */
  draw(context: Context, view: View, stale: boolean): void {
    context.clearRect(0, 0, view.size.width, view.size.height);
    if (!this.crowded || !this.start()) {
      paintShapes(context, this.inOrder(visible(view.camera, view.size)), view.camera, view.style);
      return;
    }
    if (this.painted && this.painted.camera.turn !== view.camera.turn) this.forget();
    if (this.painted) blit(context, this.painted, view.camera);
    if (stale || !this.fresh(view)) this.ask(view);
  }

  private inOrder(box: Box): Shape[] {
    if (this.allHidden) return [];
    if (!this.order) {
      this.order = new Map();
      for (const shape of this.shapes.all()) this.order.set(shape.id, this.order.size);
    }
    const rank = this.order;
    return this.shapes
      .within(box)
      .filter((shape) => !this.hidden.has(shape.id))
      .sort((a, b) => (rank.get(a.id) ?? 0) - (rank.get(b.id) ?? 0));
  }

  /** Whether the newest bitmap shows everything that the view needs. */
  private covers({ camera, size }: View): boolean {
    const painted = this.painted;
    if (!painted) return false;
    const k = camera.scale / painted.camera.scale;
    const x = camera.x - painted.camera.x * k;
    const y = camera.y - painted.camera.y * k;
    const width = (painted.bitmap.width / painted.ratio) * k;
    const height = (painted.bitmap.height / painted.ratio) * k;
    return x <= 0 && y <= 0 && x + width >= size.width && y + height >= size.height;
  }

  private fresh(view: View): boolean {
    const wanted = view.moving ? Math.min(1, view.ratio) : view.ratio;
    const same = (one: Omit<Painted, "bitmap">) =>
      one.camera.scale === view.camera.scale &&
      one.camera.turn === view.camera.turn &&
      one.ratio >= wanted;
    for (const request of this.requested.values()) if (same(request)) return true;
    return this.painted !== null && same(this.painted) && this.covers(view);
  }

  private ask(view: View): void {
    const { width, height } = view.size;
    const ratio = view.moving ? Math.min(1, view.ratio) : view.ratio;
    const camera: Camera = {
      ...view.camera,
      x: view.camera.x + width * MARGIN,
      y: view.camera.y + height * MARGIN,
    };
    const ticket = ++this.ticket;
    this.requested.set(ticket, { camera, ratio });
    this.tell({
      kind: "paint",
      ticket,
      camera,
      view: { width: width * (1 + 2 * MARGIN), height: height * (1 + 2 * MARGIN) },
      ratio,
      style: view.style,
    });
  }

  private forget(): void {
    this.painted?.bitmap.close();
    this.painted = null;
    this.requested.clear();
  }

  private tell(message: ToWorker): void {
    this.worker?.postMessage(message);
  }

  /** Start the worker when it is first needed, and tell it what it has to paint; false where it is refused. */
  private start(): boolean {
    if (!this.worker) {
      try {
        this.worker = new PaintWorker();
      } catch {
        this.alone = true;
        return false;
      }
      this.worker.onerror = () => {
        this.alone = true;
        this.onPainted();
      };
      this.worker.onmessage = (event: MessageEvent<FromWorker>) => this.received(event.data);
      this.tell({ kind: "hide", ids: [...this.hidden], all: this.allHidden });
    }
    if (!this.told) {
      this.told = true;
      this.tell({ kind: "load", shapes: [...this.shapes.all()] });
    }
    return true;
  }

  private received({ ticket, bitmap }: FromWorker): void {
    const request = this.requested.get(ticket);
    for (const old of this.requested.keys()) if (old <= ticket) this.requested.delete(old);
    if (!request) {
      bitmap.close();
      return;
    }
    this.painted?.bitmap.close();
    this.painted = { ...request, bitmap };
    this.onPainted();
  }
}

/** A bitmap painted for one camera, shown for another. */
function blit(context: Context, painted: Painted, camera: Camera): void {
  const k = camera.scale / painted.camera.scale;
  context.imageSmoothingEnabled = k !== 1;
  context.imageSmoothingQuality = "low";
  context.drawImage(
    painted.bitmap,
    camera.x - painted.camera.x * k,
    camera.y - painted.camera.y * k,
    (painted.bitmap.width / painted.ratio) * k,
    (painted.bitmap.height / painted.ratio) * k,
  );
}
