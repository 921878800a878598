/* A timeline on two canvases: what stands still, and what moves while it plays. It knows segments, not questions. */

import { type Signal, signal } from "@preact/signals";
import {
  type Around,
  type Edit,
  type Effect,
  type Gesture,
  IDLE,
  type Input,
  previewOf,
  reduce,
} from "./drag";
import { hitAt, type Target } from "./hit";
import { fitted, lookOf, watchLook } from "./look";
import { type Painted, paintBase, paintTop } from "./paint";
import { below, HEAD, type Lane, laneAt, lanesOf, type Rows, rowsOf } from "./tracks";
import type { Ghost, Look, Range, Segment, Strip } from "./types";
import {
  closeUp,
  type Extent,
  fitView,
  followView,
  panView,
  resizeView,
  showRange,
  type TimeView,
  timeAt,
  xOf,
  zoomView,
} from "./view";

export interface TimelineHooks {
  create(range: Range, track: number): void;
  /** Once, at the end of a gesture. */
  change(edits: readonly Edit[]): void;
  select(ids: readonly string[], how: "only" | "toggle"): void;
  /** A segment is pressed twice. */
  open(id: string): void;
  /** `done`: the pointer is let go. */
  seek(time: number, done: boolean): void;
  frozen(): boolean;
  /** The colour of the next segment. */
  color(): string;
  /** The moment nearest to a time that a segment may begin or end at. */
  quantize(time: number): number;
}

export interface TimelineOptions {
  /** Names of the tracks, of which there is at least one. */
  tracks: readonly string[];
  strips: readonly Strip[];
  duration: number;
  /** The most pixels that a second may have. */
  finest: number;
  /** There are no segments, and so no tracks: strips have all the room. */
  bare?: boolean;
}

interface Laid {
  shown: readonly Segment[];
  rows: Rows;
  ghostRows: Rows;
  lanes: readonly Lane[];
  height: number;
}

/** The view stays where a person put it for so long while it plays. */
const LEFT_ALONE_MS = 3_000;

export class TimelineSurface {
  readonly view = signal<TimeView>({ start: 0, scale: 1, width: 1 });
  /** Where keys, and drags on strips, make segments. */
  readonly track: Signal<number> = signal(0);
  readonly busy = signal(false);
  private readonly base: HTMLCanvasElement;
  private readonly top: HTMLCanvasElement;
  private readonly extent: Extent;
  private readonly segments = new Map<string, Segment>();
  private readonly stops: (() => void)[] = [];
  private readonly names: readonly string[];
  private readonly bare: boolean;
  private strips: readonly Strip[];
  private look: Look;
  private ghosts: readonly Ghost[] = [];
  private hidden: ReadonlySet<string> = new Set();
  private allHidden = false;
  private chosen: ReadonlySet<string> = new Set();
  private primary: string | null = null;
  private time = 0;
  private pending: Range | null = null;
  private loop: Range | null = null;
  private pointer: number | null = null;
  private hovered: Target | null = null;
  private gesture: Gesture = IDLE;
  private room = 0;
  private laid: Laid | null = null;
  private scene: Painted | null = null;
  private staleBase = true;
  private frame = 0;
  private movedAt = Number.NEGATIVE_INFINITY;
  private panFrom: number | null = null;

  constructor(
    private readonly host: HTMLElement,
    private readonly hooks: TimelineHooks,
    options: TimelineOptions,
  ) {
    this.names = options.tracks;
    this.strips = options.strips;
    this.bare = options.bare ?? false;
    this.extent = { duration: options.duration, finest: options.finest };
    this.look = lookOf(host);
    const make = (name: string) => {
      const canvas = host.ownerDocument.createElement("canvas");
      canvas.className = name;
      host.append(canvas);
      return canvas;
    };
    this.base = make("timeline-base");
    this.top = make("timeline-top");
    const observer = new ResizeObserver(() => this.measure());
    observer.observe(host);
    this.stops.push(
      () => observer.disconnect(),
      watchLook(host, () => {
        this.look = lookOf(host);
        this.repaint();
      }),
      this.view.subscribe(() => this.repaint()),
      this.track.subscribe(() => this.repaint()),
      ...this.listen(),
    );
    this.measure();
  }

  close(): void {
    for (const stop of this.stops) stop();
    cancelAnimationFrame(this.frame);
    this.base.remove();
    this.top.remove();
  }

  // --- what is shown ------------------------------------------------------------------------------------------------

  get duration(): number {
    return this.extent.duration;
  }

  setDuration(duration: number): void {
    if (duration === this.extent.duration) return;
    const { view } = this;
    const all = view.peek().width / view.peek().scale >= this.extent.duration * 0.9999;
    this.extent.duration = duration;
    if (all) this.fit();
    else this.view.value = panView(view.peek(), 0, this.extent);
    this.invalidate();
  }

  setStrips(strips: readonly Strip[]): void {
    this.strips = strips;
    this.measure();
  }

  /** Draw anew: what a strip shows has come. */
  repaint(): void {
    this.staleBase = true;
    this.schedule();
  }

  load(segments: readonly Segment[]): void {
    this.cancel();
    this.segments.clear();
    for (const one of segments) this.segments.set(one.id, one);
    this.invalidate();
  }

  put(segments: readonly Segment[], gone: readonly string[] = []): void {
    for (const id of gone) this.segments.delete(id);
    for (const one of segments) this.segments.set(one.id, one);
    this.invalidate();
  }

  /** Keys go to it from now on. */
  focus(): void {
    this.host.focus({ preventScroll: true });
  }

  setGhosts(ghosts: readonly Ghost[]): void {
    // Those of several answers may have one id.
    this.ghosts = ghosts.map((one, at) => ({ ...one, id: `${at}/${one.id}` }));
    this.invalidate();
  }

  setHidden(ids: ReadonlySet<string>, all: boolean): void {
    this.hidden = ids;
    this.allHidden = all;
    this.invalidate();
  }

  select(ids: ReadonlySet<string>, primary: string | null): void {
    this.chosen = ids;
    this.primary = primary;
    const segment = primary === null ? undefined : this.segments.get(primary);
    if (segment && this.names.length > 1) this.track.value = segment.track;
    this.invalidate();
  }

  /** Where it stands; while it plays the view goes with it. */
  setTime(time: number, playing: boolean): void {
    this.time = time;
    const alone = performance.now() - this.movedAt < LEFT_ALONE_MS;
    if (playing && !alone && this.gesture.kind === "idle") {
      const next = followView(this.view.peek(), time, this.extent);
      if (next !== this.view.peek()) this.view.value = next;
    }
    this.schedule();
  }

  /** The range that is being made while it plays. */
  setPending(range: Range | null): void {
    this.pending = range;
    this.schedule();
  }

  /** The range that is played over and over. */
  setLoop(range: Range | null): void {
    this.loop = range;
    this.schedule();
  }

  // --- the view -----------------------------------------------------------------------------------------------------

  /** A second `factor` times as wide, about a place, else about the playhead where it is seen. */
  zoom(factor: number, x?: number): void {
    const view = this.view.peek();
    const head = xOf(view, this.time);
    const about = x ?? (head >= 0 && head <= view.width ? head : view.width / 2);
    this.show(zoomView(view, factor, about, this.extent));
  }

  fit(): void {
    this.show(fitView(this.view.peek().width, this.extent));
  }

  pan(pixels: number): void {
    this.show(panView(this.view.peek(), pixels, this.extent));
  }

  reveal(range: Range): void {
    this.show(showRange(this.view.peek(), range, this.extent));
  }

  closeUp(range: Range): void {
    this.show(closeUp(this.view.peek(), range, this.extent));
  }

  private show(view: TimeView): void {
    this.movedAt = performance.now();
    this.view.value = view;
  }

  /** End a gesture without effect; whether there was one. */
  cancel(): boolean {
    const { kind } = this.gesture;
    this.feed({ kind: "cancel" });
    return kind !== "idle" && kind !== "pressed";
  }

  // --- the pointer --------------------------------------------------------------------------------------------------

  private listen(): (() => void)[] {
    const { host } = this;
    const on = <K extends keyof HTMLElementEventMap>(
      name: K,
      run: (event: HTMLElementEventMap[K]) => void,
      options?: AddEventListenerOptions,
    ) => {
      host.addEventListener(name, run, options);
      return () => host.removeEventListener(name, run, options);
    };
    return [
      on("pointerdown", (event) => this.onDown(event)),
      on("pointermove", (event) => this.onMove(event)),
      on("pointerup", (event) => this.onUp(event)),
      on("pointercancel", () => this.feed({ kind: "cancel" })),
      on("pointerleave", () => {
        this.pointer = null;
        this.schedule();
      }),
      on("dblclick", (event) => {
        const target = this.targetAt(event);
        if (target?.kind === "body" || target?.kind === "edge") this.hooks.open(target.id);
      }),
      on("wheel", (event) => this.onWheel(event), { passive: false }),
    ];
  }

  private place(event: MouseEvent): { x: number; y: number } {
    const box = this.base.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private targetAt(event: MouseEvent): Target | null {
    const { x, y } = this.place(event);
    return this.scene ? hitAt(this.scene, x, y) : null;
  }

  private onDown(event: PointerEvent): void {
    const { x } = this.place(event);
    if (event.button === 1) {
      this.panFrom = event.clientX;
      this.host.setPointerCapture(event.pointerId);
      event.preventDefault();
      return;
    }
    const target = this.targetAt(event);
    if (event.button !== 0 || !target || this.gesture.kind !== "idle") return;
    this.host.setPointerCapture(event.pointerId);
    if (target.kind === "empty" && target.track !== null) this.track.value = target.track;
    // What is taken hold of is what is seen to be chosen.
    const held = target.kind === "body" || target.kind === "edge";
    const toggle = event.ctrlKey || event.metaKey || event.shiftKey;
    if (held && !toggle && !this.chosen.has(target.id)) this.hooks.select([target.id], "only");
    this.feed({ kind: "down", target, time: timeAt(this.view.peek(), x), x, toggle });
  }

  private onMove(event: PointerEvent): void {
    const { x, y } = this.place(event);
    if (this.panFrom !== null) {
      this.pan(this.panFrom - event.clientX);
      this.panFrom = event.clientX;
      return;
    }
    this.pointer = event.pointerType === "mouse" ? x : null;
    if (this.gesture.kind === "idle") this.hover(event);
    else {
      const lane = laneAt(this.scene?.lanes ?? [], y);
      const track = lane?.kind === "track" ? lane.at : null;
      const time = timeAt(this.view.peek(), x);
      this.feed({ kind: "move", time, x, track, exact: event.altKey });
    }
    this.schedule();
  }

  private onUp(event: PointerEvent): void {
    if (this.host.hasPointerCapture(event.pointerId)) {
      this.host.releasePointerCapture(event.pointerId);
    }
    if (this.panFrom !== null) this.panFrom = null;
    else this.feed({ kind: "up" });
  }

  /** The wheel zooms about the pointer; with Shift, or sideways, it moves. */
  private onWheel(event: WheelEvent): void {
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? this.view.peek().width : 1;
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    event.preventDefault();
    if (sideways) this.pan((event.deltaX || event.deltaY) * unit);
    else this.zoom(Math.exp(-event.deltaY * unit * 0.0022), this.place(event).x);
  }

  private hover(event: MouseEvent): void {
    this.hovered = this.targetAt(event);
    const kind = this.hovered?.kind;
    const frozen = this.hooks.frozen();
    const edge = kind === "edge" && !frozen;
    const cursor = edge ? "e" : kind === "body" ? "pointer" : kind === "empty" && !frozen;
    this.host.dataset.cursor = cursor === true ? "cross" : cursor || "default";
  }

  private around(): Around {
    return {
      duration: this.extent.duration,
      scale: this.view.peek().scale,
      track: this.track.peek(),
      tracks: this.names.length,
      frozen: this.hooks.frozen(),
      chosen: this.chosen,
      segments: this.segments,
      moments: [0, this.extent.duration, this.time],
      quantize: (time) => this.hooks.quantize(time),
    };
  }

  private feed(input: Input): void {
    const { gesture, effects } = reduce(this.gesture, input, this.around());
    const former = this.gesture;
    this.gesture = gesture;
    this.busy.value = gesture.kind !== "idle" && gesture.kind !== "pressed";
    for (const effect of effects) this.carryOut(effect);
    if (previewOf(former).edits.length + previewOf(gesture).edits.length > 0) this.invalidate();
    this.schedule();
  }

  private carryOut(effect: Effect): void {
    if (effect.kind === "seek") this.hooks.seek(effect.time, effect.done);
    else if (effect.kind === "select") this.hooks.select(effect.ids, effect.how);
    else if (effect.kind === "create") this.hooks.create(effect.range, effect.track);
    else this.hooks.change(effect.edits);
  }

  // --- drawing ------------------------------------------------------------------------------------------------------

  private measure(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    this.room = height;
    if (width > 0) this.view.value = resizeView(this.view.peek(), width, this.extent);
    this.invalidate();
  }

  private invalidate(): void {
    this.laid = null;
    this.repaint();
  }

  private schedule(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
    });
  }

  /** What is shown, and in which rows; until segments change it is the same for every view. */
  private lay(): Laid {
    const { edits } = previewOf(this.gesture);
    const moved = new Map(edits.map((edit) => [edit.id, edit]));
    const shown: Segment[] = [];
    for (const one of this.segments.values()) {
      if (this.allHidden || this.hidden.has(one.id)) continue;
      const edit = moved.get(one.id);
      shown.push(edit ? { ...one, ...edit } : one);
    }
    const tracks = this.names.length;
    const rows = rowsOf(shown, tracks);
    const ghostRows = below(rows, this.ghosts, tracks);
    const { lanes, height } = lanesOf(
      this.strips,
      this.bare ? [] : ghostRows.counts,
      this.room,
      this.names.some(Boolean) ? HEAD : 0,
    );
    return { shown, rows: { row: rows.row, counts: ghostRows.counts }, ghostRows, lanes, height };
  }

  private build(): Painted {
    const view = this.view.peek();
    this.laid ??= this.lay();
    const { shown, rows, ghostRows, lanes, height } = this.laid;
    return {
      view,
      lanes,
      segments: shown,
      rows,
      chosen: this.chosen,
      track: this.track.peek(),
      tracks: this.names.length,
      look: this.look,
      strips: this.strips,
      names: this.names,
      duration: this.extent.duration,
      ghosts: this.ghosts,
      ghostRows,
      primary: this.primary,
      width: view.width,
      height,
    };
  }

  private paint(): void {
    if (this.staleBase || !this.scene) {
      this.staleBase = false;
      this.scene = this.build();
      const context = fitted(this.base, this.scene);
      if (context) paintBase(context, this.scene);
    }
    const context = fitted(this.top, this.scene);
    if (!context) return;
    const { made } = previewOf(this.gesture);
    const pending = made ?? (this.pending && { ...this.pending, track: this.track.peek() });
    paintTop(context, this.scene, {
      time: this.time,
      pending: pending && { ...pending, color: this.hooks.color() },
      pointer: this.gesture.kind === "idle" ? this.pointer : null,
      loop: this.loop,
    });
  }
}
