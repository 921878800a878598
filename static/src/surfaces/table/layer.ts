/* A table drawn over the picture, with its gestures: lines, corners and crossings are dragged, places clicked.

   It lies on a canvas surface and takes a press only where it has a use for it; everything else stays the surface's. */

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { type Camera, toPicture, toScreen } from "../canvas/camera";
import { clampPoint, rectangle, type Size } from "../canvas/geometry";
import { cut } from "./edit";
import { type Axis, type Lattice, lattice, type Range, type Table } from "./model";
import { paintTable } from "./paint";
import { hitTable, moveCorner, moveCrossing, moveLine, shareAt } from "./place";

type Spot = [number, number];

/** What a press on the picture does: point at places and lines, draw the outline, or add a line. */
export type Mode = "point" | "draw" | "row" | "col";

export interface LineRef {
  axis: Axis;
  index: number;
}

export interface Ghost {
  table: Table;
  color: string;
}

export interface TableHooks {
  /** Read within an effect: whatever they read is followed. */
  table(): Table | null;
  range(): Range;
  mode(): Mode;
  line(): LineRef | null;
  ghosts(): readonly Ghost[];
  frozen(): boolean;
  size(): Size | null;
  change(table: Table): void;
  lay(corners: Spot[]): void;
  go(row: number, col: number, extend: boolean): void;
  pick(line: LineRef | null): void;
}

type Gesture =
  | { kind: "idle" }
  | { kind: "draw"; from: Spot; to: Spot }
  | { kind: "range" }
  | { kind: "line"; line: LineRef; from: Spot }
  | { kind: "corner"; corner: number }
  | { kind: "crossing"; i: number; j: number };

const REACH = 6;
const IDLE: Gesture = { kind: "idle" };
/** An outline smaller than this, in screen pixels, was a click. */
const LEAST = 6;

export class TableLayer {
  /** Whether a gesture runs that can be cancelled. */
  readonly busy = signal(false);
  private readonly canvas: HTMLCanvasElement;
  private gesture: Gesture = IDLE;
  private start: Table | null = null;
  private preview: Table | null = null;
  private hovered: LineRef | null = null;
  private frame = 0;
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly host: HTMLElement,
    private readonly camera: ReadonlySignal<Camera>,
    private readonly hooks: TableHooks,
  ) {
    this.canvas = host.ownerDocument.createElement("canvas");
    this.canvas.className = "canvas-table";
    host.append(this.canvas);
    const observer = new ResizeObserver(() => this.paint());
    observer.observe(host);
    this.stops.push(
      () => observer.disconnect(),
      effect(() => {
        void [camera.value, hooks.table(), hooks.range(), hooks.mode(), hooks.line()];
        void [hooks.ghosts(), hooks.frozen()];
        this.invalidate();
      }),
    );
    this.listen();
  }

  close(): void {
    for (const stop of this.stops) stop();
    cancelAnimationFrame(this.frame);
    this.host.style.cursor = "";
    this.canvas.remove();
  }

  cancel(): void {
    this.set(IDLE);
    this.preview = null;
    this.invalidate();
  }

  private set(gesture: Gesture): void {
    this.gesture = gesture;
    this.busy.value = gesture.kind !== "idle";
  }

  private listen(): void {
    const on = (name: "pointerdown" | "pointermove" | "pointerup" | "pointercancel") => {
      const handler = (event: PointerEvent) => {
        if (!this.take(name, event)) return;
        event.preventDefault();
        event.stopImmediatePropagation();
      };
      this.host.addEventListener(name, handler, { capture: true });
      this.stops.push(() => this.host.removeEventListener(name, handler, { capture: true }));
    };
    on("pointerdown");
    on("pointermove");
    on("pointerup");
    on("pointercancel");
  }

  private take(name: string, event: PointerEvent): boolean {
    const rect = this.canvas.getBoundingClientRect();
    const screen: Spot = [event.clientX - rect.left, event.clientY - rect.top];
    const at = toPicture(this.camera.peek(), screen) as Spot;
    if (name === "pointerdown") return this.down(event, at);
    if (this.gesture.kind === "idle") {
      if (name === "pointermove") this.hover(event, at);
      return false;
    }
    if (name === "pointermove") this.move(at);
    else if (name === "pointerup") this.up(at);
    else this.cancel();
    return true;
  }

  /** Whether the surface wants the pointer for moving the picture. */
  private get grabbed(): boolean {
    return /^grab/.test(this.host.dataset.cursor ?? "");
  }

  private down(event: PointerEvent, at: Spot): boolean {
    if (event.button !== 0 || !event.isPrimary || this.grabbed) return false;
    if (!this.press(event, at)) return false;
    this.host.focus({ preventScroll: true });
    this.host.setPointerCapture(event.pointerId);
    this.invalidate();
    return true;
  }

  private press(event: PointerEvent, at: Spot): boolean {
    const { hooks } = this;
    const table = hooks.table();
    const lines = table && lattice(table);
    const size = hooks.size();
    const frozen = hooks.frozen() || !size;
    const mode = hooks.mode();
    if (!frozen && (mode === "draw" || !lines)) {
      const from = clampPoint(at, size) as Spot;
      this.set({ kind: "draw", from, to: from });
      return true;
    }
    if (!table || !lines) return false;
    if (!frozen && (mode === "row" || mode === "col")) {
      const place = hitTable(lines, at, 0);
      if (place?.kind !== "inside") return false;
      const index = mode === "row" ? place.row : place.col;
      const share = shareAt(mode, lines, index, at);
      hooks.change(cut(mode, table, index, { share, keep: "first" }));
      return true;
    }
    const reach = REACH / this.camera.peek().scale;
    const hit = hitTable(lines, at, frozen ? 0 : reach, event.altKey);
    if (!hit) {
      hooks.pick(null);
      return false;
    }
    this.start = table;
    if (hit.kind === "inside") {
      hooks.go(hit.row, hit.col, event.shiftKey);
      this.set({ kind: "range" });
    } else if (hit.kind === "line") {
      hooks.pick({ axis: hit.axis, index: hit.index });
      this.set({ kind: "line", line: { axis: hit.axis, index: hit.index }, from: at });
    } else this.set(hit);
    return true;
  }

  private move(at: Spot): void {
    const { gesture, start, hooks } = this;
    const size = hooks.size();
    if (!size) return;
    if (gesture.kind === "draw") this.gesture = { ...gesture, to: clampPoint(at, size) as Spot };
    else if (gesture.kind === "range") {
      const lines = start && lattice(start);
      const hit = lines && hitTable(lines, at, 0);
      if (hit?.kind === "inside") hooks.go(hit.row, hit.col, true);
    } else this.preview = this.moved(at, size);
    this.invalidate();
  }

  /** The table as it is after the gesture ends here. */
  private moved(at: Spot, size: Size): Table | null {
    const { gesture, start } = this;
    if (!start) return null;
    switch (gesture.kind) {
      case "line": {
        const { axis, index } = gesture.line;
        const part = axis === "row" ? 1 : 0;
        return moveLine(axis, start, index, at[part] - gesture.from[part], size);
      }
      case "corner":
        return moveCorner(start, gesture.corner, at, size);
      case "crossing":
        return moveCrossing(start, gesture.i, gesture.j, at, size);
      default:
        return null;
    }
  }

  private up(at: Spot): void {
    const { gesture, preview, hooks } = this;
    this.move(at);
    const table = this.preview;
    this.cancel();
    if (gesture.kind === "draw") {
      const size = hooks.size();
      const far = [0, 1].every(
        (part) =>
          Math.abs((at[part] as number) - (gesture.from[part] as number)) *
            this.camera.peek().scale >=
          LEAST,
      );
      if (size && far) hooks.lay(rectangle(gesture.from, at, size) as Spot[]);
    } else if (preview && table) hooks.change(table);
  }

  private hover(event: PointerEvent, at: Spot): void {
    const { hooks, host } = this;
    const table = hooks.table();
    const lines = table && lattice(table);
    let cursor = "";
    let line: LineRef | null = null;
    if (!hooks.frozen() && !this.grabbed && hooks.size()) {
      const mode = hooks.mode();
      if (mode !== "point" || !lines) cursor = "crosshair";
      else {
        const hit = hitTable(lines, at, REACH / this.camera.peek().scale, event.altKey);
        if (hit?.kind === "corner" || hit?.kind === "crossing") cursor = "move";
        else if (hit?.kind === "line") {
          line = { axis: hit.axis, index: hit.index };
          const upright = this.camera.peek().turn % 2 === 0;
          cursor = (hit.axis === "row") === upright ? "row-resize" : "col-resize";
        } else if (hit) cursor = "cell";
      }
    }
    host.style.cursor = cursor;
    if (line?.axis === this.hovered?.axis && line?.index === this.hovered?.index) return;
    this.hovered = line;
    this.invalidate();
  }

  private invalidate(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
    });
  }

  private paint(): void {
    const { clientWidth, clientHeight } = this.host;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const width = Math.round(clientWidth * ratio);
    const height = Math.round(clientHeight * ratio);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    const context = this.canvas.getContext("2d");
    if (!context) return;
    const { hooks, gesture } = this;
    const camera = this.camera.peek();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, clientWidth, clientHeight);
    const table = this.preview ?? hooks.table();
    const lines: Lattice | null = table && lattice(table);
    paintTable(context, {
      toScreen: (point) => toScreen(camera, point) as Spot,
      table,
      lines,
      range: hooks.range(),
      line: gesture.kind === "line" ? gesture.line : (hooks.line() ?? this.hovered),
      handles: !hooks.frozen() && hooks.mode() === "point",
      ghosts: hooks.ghosts(),
      outline: gesture.kind === "draw" ? [gesture.from, gesture.to] : null,
    });
  }
}
