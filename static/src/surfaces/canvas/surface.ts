/* A picture with shapes: two canvases, a camera, and the gestures on them. It knows shapes, not questions. */

import { signal } from "@preact/signals";
import type { Picture } from "../../core/media";
import type { Point } from "../../core/types";
import {
  type Camera,
  centred,
  closeUp,
  fit,
  handleOnScreen,
  pan,
  reveal,
  type Turn,
  toPicture,
  toScreen,
  turnBy,
  unturned,
  zoomAt,
} from "./camera";
import {
  boxOf,
  clamp,
  contains,
  HANDLES,
  type Handle,
  handlePoint,
  outlineDistance,
  type Size,
} from "./geometry";
import { Layer } from "./layer";
import { paintOverlay } from "./overlay";
import type { Context } from "./paint";
import { listenPointer } from "./pointer";
import type { Geometry, Shape } from "./shapes";
import { type Gesture, IDLE, type Input, preview, reduce, type ToolName } from "./tools/gesture";

export interface Hooks {
  create(geometry: Geometry): void;
  change(id: string, geometry: Geometry): void;
  select(id: string | null): void;
  /** Nothing may be drawn or changed. */
  frozen(): boolean;
  /** The colour of what is drawn next. */
  color(): string;
  /** The whole item is on the canvas for the first time. */
  painted(): void;
}

export interface Settings {
  tool: ToolName;
  cross: boolean;
  texts: boolean;
  fill: number;
  wheelPans: boolean;
}

/** What has to be drawn again: the live layer only, the static one at another place, or what is in it. */
const Stale = { Top: 0, Base: 1, Content: 2 } as const;
type Stale = (typeof Stale)[keyof typeof Stale];

const HANDLE_REACH = 8;
const LINE_REACH = 4;
const SETTLE_MS = 140;

export class CanvasSurface {
  readonly camera = signal<Camera>({ scale: 1, x: 0, y: 0, turn: 0 });
  readonly gesture = signal<Gesture>(IDLE);
  private readonly layer: Layer;
  private readonly base: HTMLCanvasElement;
  private readonly top: HTMLCanvasElement;
  private view: Size = { width: 1, height: 1 };
  private size: Size = { width: 1, height: 1 };
  private fitted = true;
  private hasPicture = false;
  private announced = true;
  private selected: string | null = null;
  private hovered: string | null = null;
  private pointer: Point | null = null;
  private ghosts: readonly Shape[] = [];
  private hidden: ReadonlySet<string> = new Set();
  private allHidden = false;
  private spaceHeld = false;
  private settings: Settings;
  private frame = 0;
  private stale: Stale = Stale.Content;
  private movingUntil = 0;
  private settleTimer = 0;
  private readonly observer: ResizeObserver;
  private readonly font: string;

  constructor(
    private readonly host: HTMLElement,
    private readonly hooks: Hooks,
    settings: Settings,
  ) {
    this.settings = settings;
    this.base = host.ownerDocument.createElement("canvas");
    this.top = host.ownerDocument.createElement("canvas");
    this.base.className = "canvas-base";
    this.top.className = "canvas-top";
    host.append(this.base, this.top);
    this.font = `600 12px ${getComputedStyle(host).fontFamily}`;
    this.layer = new Layer(() => this.invalidate(Stale.Base));
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(host);
    this.measure();
    this.listen();
  }

  close(): void {
    this.observer.disconnect();
    this.layer.close();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settleTimer);
    this.base.remove();
    this.top.remove();
  }

  // --- what is shown ------------------------------------------------------------------------------------------------

  /** Show a picture (null: none yet) of a known size; the camera is kept for pictures of one size. */
  setPicture(picture: Picture | null, size: Size): void {
    const same = size.width === this.size.width && size.height === this.size.height;
    this.size = size;
    this.hasPicture = picture !== null;
    this.layer.setPicture(picture?.bitmap ?? null, size);
    if (!same || this.fitted) this.fit();
    this.announced = picture === null;
    this.gesture.value = IDLE;
    this.hurry();
    this.invalidate(Stale.Content);
  }

  load(shapes: readonly Shape[]): void {
    this.layer.load(shapes);
    this.gesture.value = IDLE;
    this.hovered = null;
    this.invalidate(Stale.Content);
  }

  put(shape: Shape): void {
    this.layer.put(shape);
    this.invalidate(Stale.Content);
  }

  remove(id: string): void {
    this.layer.remove(id);
    this.invalidate(Stale.Content);
  }

  select(id: string | null): void {
    this.selected = id;
    this.invalidate(Stale.Top);
  }

  setGhosts(ghosts: readonly Shape[]): void {
    this.ghosts = ghosts;
    this.invalidate(Stale.Top);
  }

  /** Shapes that are not shown and cannot be met. */
  setHidden(ids: ReadonlySet<string>, all: boolean): void {
    this.hidden = ids;
    this.allHidden = all;
    this.updateHidden(heldId(this.gesture.peek()));
    this.invalidate(Stale.Content);
  }

  apply(settings: Settings): void {
    if (settings.tool !== this.settings.tool) this.gesture.value = IDLE;
    this.settings = settings;
    this.setCursor();
    this.invalidate(Stale.Content);
  }

  /** Draw again: colours or names may have changed without a shape changing. */
  refresh(): void {
    this.invalidate(Stale.Content);
  }

  // --- camera -------------------------------------------------------------------------------------------------------

  fit(): void {
    this.fitted = true;
    this.setCamera(fit(this.size, this.view, this.turn));
  }

  private get turn(): Turn {
    return this.camera.peek().turn;
  }

  /** Turn the view by quarters, clockwise; coordinates stay the upright picture's. */
  rotate(quarters: number): void {
    this.setCamera(turnBy(this.camera.peek(), quarters, this.view));
    if (this.fitted) this.fit();
  }

  /** One pixel of the picture is one CSS pixel. */
  actual(): void {
    this.fitted = false;
    this.setCamera(centred(this.size, this.view, 1, this.turn));
  }

  zoom(factor: number, at: Point = [this.view.width / 2, this.view.height / 2]): void {
    this.fitted = false;
    const zoomed = zoomAt(this.camera.peek(), at, factor);
    this.setCamera(pan(zoomed, 0, 0, this.size, this.view));
  }

  pan(dx: number, dy: number): void {
    this.fitted = false;
    this.setCamera(pan(this.camera.peek(), dx, dy, this.size, this.view));
  }

  reveal(id: string): void {
    const shape = this.layer.shapes.get(id);
    if (!shape) return;
    const camera = reveal(this.camera.peek(), boxOf(shape.points), this.size, this.view);
    if (camera === this.camera.peek()) return;
    this.fitted = false;
    this.setCamera(camera);
  }

  /** Show a shape as large as is good to look at. */
  closeUp(id: string): void {
    const shape = this.layer.shapes.get(id);
    if (!shape) return;
    this.fitted = false;
    this.setCamera(closeUp(this.camera.peek(), boxOf(shape.points), this.view));
  }

  private setCamera(camera: Camera): void {
    this.camera.value = camera;
    this.hurry();
    this.invalidate(Stale.Base);
  }

  /** Draw fast now and well in a moment. */
  private hurry(): void {
    this.movingUntil = performance.now() + SETTLE_MS;
    clearTimeout(this.settleTimer);
    this.settleTimer = window.setTimeout(() => this.invalidate(Stale.Base), SETTLE_MS + 10);
  }

  private measure(): void {
    const { clientWidth, clientHeight } = this.host;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.view = { width: clientWidth, height: clientHeight };
    const ratio = this.ratio;
    for (const canvas of [this.base, this.top]) {
      canvas.width = Math.round(clientWidth * ratio);
      canvas.height = Math.round(clientHeight * ratio);
    }
    if (this.fitted) this.fit();
    // A canvas is blank after its size was set; waiting for the next frame would flicker.
    this.stale = Stale.Content;
    this.draw();
  }

  private get ratio(): number {
    return Math.min(2, window.devicePixelRatio || 1);
  }

  // --- keys ---------------------------------------------------------------------------------------------------------

  /** Begin to draw by keys, from the middle of what is seen. */
  aim(): void {
    const middle = toPicture(this.camera.peek(), [this.view.width / 2, this.view.height / 2]);
    this.feed({ kind: "aim", cursor: middle.map(Math.round) as unknown as Point });
  }

  /** Move the keyboard's cursor by screen pixels' worth of the picture, at least one pixel of it. */
  arrow(dx: number, dy: number, large: boolean): void {
    const step = Math.max(1, Math.round((large ? 40 : 4) / this.camera.peek().scale));
    const [x1, y1] = unturned(this.turn, [dx * step, dy * step]);
    this.feed({ kind: "arrow", dx: x1, dy: y1 });
    const gesture = this.gesture.peek();
    if (gesture.kind !== "aim") return;
    const [x, y] = toScreen(this.camera.peek(), gesture.cursor);
    const margin = 20;
    const moveX = clamp(x, margin, this.view.width - margin) - x;
    const moveY = clamp(y, margin, this.view.height - margin) - y;
    if (moveX !== 0 || moveY !== 0) this.pan(moveX, moveY);
  }

  place(): void {
    this.feed({ kind: "place" });
  }

  cancel(): void {
    this.feed({ kind: "cancel" });
  }

  /** While the space bar is down the picture is moved, whatever the tool. */
  holdSpace(held: boolean): void {
    this.spaceHeld = held;
    this.setCursor();
  }

  // --- gestures -----------------------------------------------------------------------------------------------------

  private feed(input: Input): void {
    const [next, effects] = reduce(this.gesture.peek(), input, {
      tool: this.settings.tool,
      size: this.size,
      frozen: this.hooks.frozen() || !this.hasPicture,
      selected: this.shown(this.selected),
      hit: (point) => this.hit(point),
      handleAt: (screen) => this.handleAt(screen),
    });
    const wasHeld = heldId(this.gesture.peek());
    this.gesture.value = next;
    for (const effect of effects) {
      if (effect.kind === "pan") this.pan(effect.dx, effect.dy);
      else if (effect.kind === "select") this.hooks.select(effect.id);
      else if (effect.kind === "create") this.hooks.create(effect.geometry);
      else this.hooks.change(effect.id, effect.geometry);
    }
    this.holdOut(wasHeld, heldId(next));
  }

  /** While a shape is changed it is drawn by the live layer alone. */
  private holdOut(before: string | null, now: string | null): void {
    if (before !== now) this.updateHidden(now);
    this.invalidate(before === now ? Stale.Top : Stale.Content);
  }

  private updateHidden(held: string | null): void {
    const ids = held === null ? this.hidden : new Set([...this.hidden, held]);
    this.layer.hide(ids, this.allHidden);
  }

  private shown(id: string | null): Shape | null {
    if (id === null || this.allHidden || this.hidden.has(id)) return null;
    return this.layer.shapes.get(id);
  }

  private hit(point: Point): Shape | null {
    if (this.allHidden) return null;
    const reach = LINE_REACH / this.camera.peek().scale;
    // What is chosen stays so on a press inside it, even where something smaller lies beneath the pointer's line.
    const selected = this.shown(this.selected);
    if (
      selected &&
      (contains(selected.points, point) || outlineDistance(selected.points, point) <= reach)
    ) {
      const other = this.layer.shapes.hit(point, reach, this.hidden);
      const smaller = other && other.id !== selected.id && isInside(other, selected);
      return smaller ? other : selected;
    }
    return this.layer.shapes.hit(point, reach, this.hidden);
  }

  private handleAt([x, y]: Point): Handle | null {
    const shape = this.shown(this.selected);
    if (!shape) return null;
    const box = boxOf(shape.points);
    const small =
      Math.min(box.maxX - box.minX, box.maxY - box.minY) * this.camera.peek().scale < 28;
    let best: Handle | null = null;
    let score = HANDLE_REACH;
    for (const handle of HANDLES) {
      if (small && handle.length === 1) continue;
      const [hx, hy] = toScreen(this.camera.peek(), handlePoint(box, handle));
      const distance = Math.max(Math.abs(hx - x), Math.abs(hy - y));
      if (distance <= score) {
        best = handle;
        score = distance - 0.01;
      }
    }
    return best;
  }

  private listen(): void {
    const both = (screen: Point) => ({ screen, picture: toPicture(this.camera.peek(), screen) });
    listenPointer(this.host, this.top, {
      down: (screen, middle, mod) => {
        this.pointer = screen;
        this.feed({ kind: "down", ...both(screen), pan: middle || this.spaceHeld, mod });
        this.setCursor();
      },
      move: (screen) => {
        this.pointer = screen;
        if (this.gesture.peek().kind === "idle") this.hover(screen);
        else this.feed({ kind: "move", ...both(screen) });
        this.setCursor();
        this.invalidate(Stale.Top);
      },
      up: (screen) => {
        this.feed({ kind: "up", ...both(screen) });
        this.setCursor();
      },
      cancel: () => this.feed({ kind: "cancel" }),
      leave: () => {
        this.pointer = null;
        this.hovered = null;
        this.invalidate(Stale.Top);
      },
      wheel: (screen, turn) => {
        if (turn.sideways) this.pan(-turn.dy, 0);
        else if (this.settings.wheelPans && !turn.zooms) this.pan(-turn.dx, -turn.dy);
        else this.zoom(turn.factor, screen);
        if (this.gesture.peek().kind === "draw") this.feed({ kind: "move", ...both(screen) });
      },
    });
  }

  private hover(screen: Point): void {
    const drawing = this.settings.tool === "box" && !this.hooks.frozen();
    const shape = drawing ? null : this.hit(toPicture(this.camera.peek(), screen));
    const id = shape?.id ?? null;
    if (id === this.hovered) return;
    this.hovered = id;
    this.invalidate(Stale.Top);
  }

  private setCursor(): void {
    const gesture = this.gesture.peek();
    this.host.dataset.cursor = this.cursor(gesture);
  }

  private cursor(gesture: Gesture): string {
    if (gesture.kind === "pan") return "grabbing";
    if (gesture.kind === "move") return "move";
    if (gesture.kind === "resize") return handleOnScreen(this.turn, gesture.handle);
    if (this.spaceHeld || this.settings.tool === "hand") return "grab";
    const frozen = this.hooks.frozen();
    const handle = this.pointer && !frozen ? this.handleAt(this.pointer) : null;
    if (handle) return handleOnScreen(this.turn, handle);
    if (this.settings.tool === "box" && !frozen) return "cross";
    if (this.hovered) return frozen ? "pointer" : "move";
    return "default";
  }

  // --- drawing ------------------------------------------------------------------------------------------------------

  private invalidate(stale: Stale): void {
    if (stale > this.stale) this.stale = stale;
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const ratio = this.ratio;
    const gesture = this.gesture.peek();
    const held = heldId(gesture);
    const { stale } = this;
    this.stale = Stale.Top;
    if (stale > Stale.Top) {
      const context = this.base.getContext("2d") as Context | null;
      if (!context) return;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const moving = performance.now() < this.movingUntil;
      const style = { fill: this.settings.fill, texts: this.settings.texts, font: this.font };
      const view = { camera: this.camera.peek(), size: this.view, ratio, style, moving };
      this.layer.draw(context, view, stale === Stale.Content);
    }
    const context = this.top.getContext("2d") as Context | null;
    if (!context) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const camera = this.camera.peek();
    const shape = preview(gesture, this.size);
    const selected = this.shown(this.selected);
    const drawing = this.settings.tool === "box" && !this.hooks.frozen();
    const crossing =
      this.settings.cross && drawing && (gesture.kind === "idle" || gesture.kind === "draw");
    paintOverlay(context, {
      camera,
      size: this.view,
      font: this.font,
      selected: held ? null : selected,
      hovered: this.shown(this.hovered),
      preview: shape && {
        points: shape.points,
        color: (shape.id && this.layer.shapes.get(shape.id)?.color) || this.hooks.color(),
      },
      ghosts: this.ghosts,
      handles: !this.hooks.frozen() && gesture.kind !== "draw",
      cross: crossing ? this.pointer : null,
      aim: gesture.kind === "aim" ? toScreen(camera, gesture.cursor) : null,
    });
    if (this.announcing) {
      this.announced = true;
      this.hooks.painted();
    }
  }

  private get announcing(): boolean {
    return !this.announced && this.hasPicture;
  }
}

function isInside(inner: Shape, outer: Shape): boolean {
  const a = boxOf(inner.points);
  const b = boxOf(outer.points);
  return a.minX >= b.minX && a.minY >= b.minY && a.maxX <= b.maxX && a.maxY <= b.maxY;
}

/** The shape that a gesture has taken out of the static layer. */
function heldId(gesture: Gesture): string | null {
  if (gesture.kind === "resize") return gesture.id;
  return gesture.kind === "move" && gesture.moved ? gesture.id : null;
}
