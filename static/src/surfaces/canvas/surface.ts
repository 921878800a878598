/* A picture with shapes: three canvases, a camera, and the gestures on them. It knows shapes, not questions. */

import { signal } from "@preact/signals";
import type { Key } from "../../core/i18n";
import type { Picture } from "../../core/media";
import type { Point } from "../../core/types";
import { Preview } from "../mask/preview";
import { Backdrop, type Look } from "./backdrop";
import {
  type Camera,
  centred,
  centredAt,
  closeUp,
  fit,
  pan,
  reveal,
  type Turn,
  toPicture,
  toScreen,
  turnBy,
  unturned,
  visible,
  zoomAt,
} from "./camera";
import { Driver } from "./driver";
import { type Box, boxOf, clamp, type Size } from "./geometry";
import { gripsNow } from "./grips";
import { Layer } from "./layer";
import { paintOverlay } from "./overlay";
import type { Context } from "./paint";
import { listenPointer } from "./pointer";
import { Scene } from "./scene";
import type { Geometry, Shape, ShapeKind } from "./shapes";
import { toolNamed } from "./tools/registry";
import type { Around, Edit, ToolName } from "./tools/tool";

export interface Hooks {
  create(geometry: Geometry): void;
  change(id: string, geometry: Geometry): void;
  /** Several changes as one step of undo. */
  edit(edit: Edit): void;
  select(ids: readonly string[], how: "only" | "add" | "toggle"): void;
  message(text: Key): void;
  /** Nothing may be drawn or changed. */
  frozen(): boolean;
  /** The colour of what is drawn next. */
  color(): string;
  /** The shapes that may be drawn next. */
  kinds(): ReadonlySet<ShapeKind>;
  /** The whole item is on the canvas for the first time. */
  painted(): void;
}

export interface Settings {
  tool: ToolName;
  cross: boolean;
  texts: boolean;
  fill: number;
  wheelPans: boolean;
  look: Look;
  /** What cut-outs are shown on: a colour, "chequered", or "" for the picture as it is. */
  backdrop: string;
}

/** What has to be drawn again: the live layer only, the static one at another place, or what is in it. */
const Stale = { Top: 0, Base: 1, Content: 2 } as const;
type Stale = (typeof Stale)[keyof typeof Stale];

const SETTLE_MS = 140;

export class CanvasSurface {
  readonly camera = signal<Camera>({ scale: 1, x: 0, y: 0, turn: 0 });
  /** The picture on the surface. */
  readonly shown = signal<Picture | null>(null);
  readonly driver: Driver;
  private readonly scene: Scene;
  private readonly layer: Layer;
  private readonly backdrop: Backdrop;
  private readonly preview = new Preview();
  private readonly base: HTMLCanvasElement;
  private readonly top: HTMLCanvasElement;
  private view: Size = { width: 1, height: 1 };
  private size: Size = { width: 1, height: 1 };
  private fitted = true;
  private announced = true;
  private hovered: string | null = null;
  private pointer: Point | null = null;
  private ghosts: readonly Shape[] = [];
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
    this.backdrop = new Backdrop(host.ownerDocument, () => this.invalidate(Stale.Base));
    host.append(this.backdrop.canvas, this.base, this.top);
    this.backdrop.look(settings.look);
    this.font = `600 12px ${getComputedStyle(host).fontFamily}`;
    this.layer = new Layer(() => this.invalidate(Stale.Base));
    this.scene = new Scene(this.layer, this.camera);
    this.driver = new Driver(
      () => this.around(),
      hooks,
      (dx, dy) => this.pan(dx, dy),
      (before, now) => this.holdOut(before, now),
    );
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(host);
    this.measure();
    this.listen();
  }

  close(): void {
    this.observer.disconnect();
    this.layer.close();
    this.backdrop.close();
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
    this.scene.size = size;
    this.scene.picture = picture;
    this.backdrop.set(picture, size);
    this.shown.value = picture;
    if (!same || this.fitted) this.fit();
    this.announced = picture === null;
    this.driver.cancel();
    this.hurry();
    this.invalidate(Stale.Content);
  }

  /** The same picture in another resolution; what is being done goes on. */
  sharpen(picture: Picture): void {
    this.scene.picture = picture;
    this.backdrop.set(picture, this.size);
    this.shown.value = picture;
    this.invalidate(Stale.Content);
  }

  load(shapes: readonly Shape[]): void {
    this.driver.cancel();
    this.layer.load(shapes);
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

  /** What is chosen, and the primary one of it. */
  select(ids: ReadonlySet<string>, primary: string | null): void {
    this.scene.selection = ids;
    this.scene.selected = primary;
    this.invalidate(Stale.Top);
  }

  setGhosts(ghosts: readonly Shape[]): void {
    this.ghosts = ghosts;
    this.invalidate(Stale.Top);
  }

  /** Shapes that are not shown and cannot be met. */
  setHidden(ids: ReadonlySet<string>, all: boolean): void {
    this.scene.hide(ids, all);
    this.scene.hold(this.driver.held);
    this.invalidate(Stale.Content);
  }

  apply(settings: Settings): void {
    if (settings.tool !== this.settings.tool) this.driver.cancel();
    this.settings = settings;
    this.backdrop.look(settings.look);
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

  /** How the view is turned, beside the camera's place. */
  setTurn(turn: Turn): void {
    if (turn !== this.turn) this.rotate(turn - this.turn);
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

  /** Bring a point of the picture into the middle of the view. */
  lookAt(point: Point): void {
    this.fitted = false;
    const { scale, turn } = this.camera.peek();
    this.setCamera(pan(centredAt(point, this.view, scale, turn), 0, 0, this.size, this.view));
  }

  /** What of the picture is in view. */
  inView(): Box {
    return visible(this.camera.peek(), this.view);
  }

  /** Whether no part of the picture is outside the view. */
  wholeInView(): boolean {
    const { minX, minY, maxX, maxY } = this.inView();
    return minX <= 0 && minY <= 0 && maxX >= this.size.width && maxY >= this.size.height;
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
    this.backdrop.resize(this.base.width, this.base.height);
    if (this.fitted) this.fit();
    // A canvas is blank after its size was set; waiting for the next frame would flicker.
    this.stale = Stale.Content;
    this.draw();
  }

  private get ratio(): number {
    return Math.min(2, window.devicePixelRatio || 1);
  }

  // --- gestures -----------------------------------------------------------------------------------------------------

  /** Begin to draw by keys, from the middle of what is seen. */
  begin(): void {
    const middle: Point = [this.view.width / 2, this.view.height / 2];
    this.driver.begin(toPicture(this.camera.peek(), middle));
  }

  /** Move the keyboard's cursor by screen pixels' worth of the picture, at least one pixel of it. */
  arrow(dx: number, dy: number, large: boolean): void {
    const step = Math.max(1, Math.round((large ? 40 : 4) / this.camera.peek().scale));
    this.driver.arrow(...unturned(this.turn, [dx * step, dy * step]));
    const aim = this.driver.aim.peek();
    if (!aim) return;
    const [x, y] = toScreen(this.camera.peek(), aim);
    const margin = 20;
    const moveX = clamp(x, margin, this.view.width - margin) - x;
    const moveY = clamp(y, margin, this.view.height - margin) - y;
    if (moveX !== 0 || moveY !== 0) this.pan(moveX, moveY);
  }

  /** While the space bar is down the picture is moved, whatever the tool. */
  holdSpace(held: boolean): void {
    this.driver.holdSpace(held);
    this.setCursor();
  }

  /** What tools and actions may know of the surface as it is now. */
  around(): Around {
    const { hooks } = this;
    return this.scene.around(this.settings.tool, hooks.frozen(), hooks.kinds());
  }

  /** While shapes are changed they are drawn by the live layer alone. */
  private holdOut(before: readonly string[], now: readonly string[]): void {
    const same = before.length === now.length && before.every((id, at) => id === now[at]);
    if (!same) this.scene.hold(now);
    this.invalidate(same ? Stale.Top : Stale.Content);
  }

  private listen(): void {
    listenPointer(this.host, this.top, {
      down: (press) => {
        this.pointer = press.screen;
        this.driver.press(press);
        this.setCursor();
      },
      move: (press) => {
        this.pointer = press.screen;
        const { driver } = this;
        if (driver.idle) this.hover(press.screen);
        else if (!driver.aim.peek())
          driver.feed({ ...press, picture: toPicture(this.camera.peek(), press.screen) });
        this.setCursor();
        this.invalidate(Stale.Top);
      },
      up: (press) => {
        this.driver.feed({ ...press, picture: toPicture(this.camera.peek(), press.screen) });
        this.setCursor();
      },
      restore: () => this.driver.restore(),
      pinch: (dx, dy, factor, about) => {
        this.pan(dx, dy);
        this.zoom(factor, about);
      },
      leave: () => {
        this.pointer = null;
        this.hovered = null;
        this.invalidate(Stale.Top);
      },
      wheel: (screen, turn) => {
        if (turn.sideways) this.pan(-turn.dy, 0);
        else if (this.settings.wheelPans && !turn.zooms) this.pan(-turn.dx, -turn.dy);
        else this.zoom(turn.factor, screen);
        this.driver.follow();
        this.invalidate(Stale.Top);
      },
    });
  }

  private hover(screen: Point): void {
    const shape = this.drawing ? null : this.scene.hit(toPicture(this.camera.peek(), screen));
    const id = shape?.id ?? null;
    if (id === this.hovered) return;
    this.hovered = id;
    this.invalidate(Stale.Top);
  }

  /** Presses draw: nothing is met by the pointer, and lines may cross at it. */
  private get drawing(): boolean {
    return toolNamed(this.settings.tool)?.draws != null && !this.hooks.frozen();
  }

  private setCursor(): void {
    this.host.dataset.cursor = this.driver.cursor(this.pointer, this.hovered !== null);
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
    const { stale } = this;
    this.stale = Stale.Top;
    if (stale > Stale.Top) {
      const context = this.base.getContext("2d") as Context | null;
      if (!context) return;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const moving = performance.now() < this.movingUntil;
      const { fill, texts } = this.settings;
      const style = { fill, texts, font: this.font, fast: moving };
      const view = { camera: this.camera.peek(), size: this.view, ratio, moving };
      if (stale === Stale.Content) this.preview.forget();
      const { backdrop } = this.settings;
      if (backdrop !== "") this.preview.draw(context, this.scene, view, backdrop);
      else {
        this.backdrop.draw(view);
        this.layer.draw(context, { ...view, style }, stale === Stale.Content);
      }
    }
    const context = this.top.getContext("2d") as Context | null;
    if (!context) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.drawTop(context);
    if (this.announcing) {
      this.announced = true;
      this.hooks.painted();
    }
  }

  private drawTop(context: Context): void {
    const { driver } = this;
    const around = this.around();
    const { camera } = around;
    const gesture = driver.gesture.peek();
    const aim = driver.aim.peek();
    const fast = performance.now() < this.movingUntil;
    const color = this.hooks.color();
    const previews = driver.previews();
    const held = new Set(previews.map(({ id }) => id));
    const tool = toolNamed(driver.idle ? this.settings.tool : gesture.tool);
    paintOverlay(context, {
      camera,
      size: this.view,
      font: this.font,
      fast,
      bare: this.settings.backdrop !== "",
      selection: around.selection.filter(({ id }) => !held.has(id)),
      selected: this.scene.selected,
      hovered: driver.idle ? this.scene.shown(this.hovered) : null,
      previews: previews.map(({ id, geometry }) => ({
        geometry,
        color: (id && this.layer.shapes.get(id)?.color) || color,
      })),
      ghosts: this.ghosts,
      grips: driver.idle && (tool?.handles ?? false) ? gripsNow(around) : [],
      cross: this.settings.cross && this.drawing && aim === null ? this.pointer : null,
      aim: aim && toScreen(camera, aim),
    });
    const pointer = aim ? toScreen(camera, aim) : this.pointer;
    const view = { camera, size: this.view, font: this.font, color, pointer, fast };
    tool?.paint?.(context, gesture, view, around);
  }

  private get announcing(): boolean {
    return !this.announced && this.scene.picture !== null;
  }
}
