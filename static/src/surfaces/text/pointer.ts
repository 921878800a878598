/* The mouse on a text: dragging marks a stretch, one click chooses a span or puts the caret, two a word, three a
   sentence, and the ends of a chosen span can be dragged. */

import type { Caret } from "./caret";
import type { Piece } from "./offsets";
import type { Box, TextSurface } from "./surface";

export interface PointerHooks {
  /** Whether stretches may be marked now: else they are the browser's, to be copied. */
  marks(): boolean;
  /** What a stretch is taken for; null where it is nothing. */
  snap(piece: Piece, exact: boolean): Piece | null;
  /** A stretch was marked: by dragging, by two clicks, or by a third one, which takes the place of the second. */
  mark(piece: Piece, how: "drag" | "word" | "sentence"): void;
  /** Something was clicked once. */
  choose(id: string | null, how: "only" | "toggle"): void;
  /** The end of a span was dragged elsewhere. */
  change(id: string, piece: Piece): void;
  /** The span whose ends can be dragged. */
  held(): string | null;
}

/** Takes the press on a span or its label if it wants the gesture. */
export type SpanDown = (id: string, event: MouseEvent) => boolean;

interface Grip {
  element: HTMLElement;
  end: "start" | "end";
}

export class TextPointer {
  /** Asked in turn before anything else is done with a press on a span. */
  readonly spanDown = new Set<SpanDown>();
  private dragged: { id: string; end: "start" | "end"; piece: Piece } | null = null;
  private pressed: { x: number; y: number; on: string | null } | null = null;
  private readonly grips: Grip[];
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly surface: TextSurface,
    private readonly caret: Caret,
    private readonly hooks: PointerHooks,
  ) {
    const { body } = surface;
    this.grips = (["start", "end"] as const).map((end) => this.grip(end));
    this.on<MouseEvent>(body, "mousedown", (event) => this.down(event));
    this.on<MouseEvent>(window, "mouseup", (event) => this.up(event));
    this.on(document, "selectionchange", () => this.preview());
    this.on<KeyboardEvent>(window, "keydown", (event) => {
      if (event.key === "Escape" && this.cancel()) event.stopPropagation();
    });
    this.stops.push(surface.onLayout(() => this.place()));
  }

  close(): void {
    for (const stop of this.stops) stop();
    for (const { element } of this.grips) element.remove();
  }

  /** Put the grips at the ends of the span that can be changed. */
  place(): void {
    const id = this.dragged?.id ?? this.hooks.held();
    const boxes = id === null ? null : this.boxes(id);
    const first = boxes?.[0];
    const last = boxes?.at(-1);
    for (const { element, end } of this.grips) {
      element.hidden = !first || !last;
      if (!first || !last || id === null) continue;
      const start = this.dragged?.piece.start ?? this.surface.span(id)?.start ?? 0;
      const back = this.surface.isRightToLeft(start);
      const box = end === "start" ? first : last;
      const x = (end === "start") !== back ? box.left : box.right;
      element.style.transform = `translate(${x}px, ${box.top}px)`;
      element.style.blockSize = `${box.bottom - box.top}px`;
    }
  }

  private boxes(id: string): Box[] | null {
    if (this.dragged) return this.surface.boxesAt(this.dragged.piece);
    return this.surface.boxesOf(id);
  }

  private on<E extends Event>(target: EventTarget, name: string, run: (event: E) => void): void {
    const listener = run as unknown as EventListener;
    target.addEventListener(name, listener, true);
    this.stops.push(() => target.removeEventListener(name, listener, true));
  }

  private down(event: MouseEvent): void {
    if (event.button !== 0) return;
    const id = this.surface.spanAt(event.clientX, event.clientY);
    if (id !== null && [...this.spanDown].some((takes) => takes(id, event))) {
      event.preventDefault();
      return;
    }
    const place = this.surface.placeAt(event.clientX, event.clientY);
    if (event.shiftKey && this.hooks.marks() && this.caret.on.peek() && place !== null) {
      event.preventDefault();
      this.surface.scroller.focus({ preventScroll: true });
      this.caret.put(place, true);
      return;
    }
    this.pressed = { x: event.clientX, y: event.clientY, on: id };
    if (this.hooks.marks()) {
      this.caret.put(null);
      this.surface.body.dataset.marking = "";
    }
  }

  private up(event: MouseEvent): void {
    const { pressed } = this;
    if (!pressed || event.button !== 0) return;
    this.pressed = null;
    delete this.surface.body.dataset.marking;
    const marks = this.hooks.marks();
    const stretch = this.stretch();
    const place = this.surface.placeAt(pressed.x, pressed.y);
    const moved = Math.abs(event.clientX - pressed.x) + Math.abs(event.clientY - pressed.y) > 3;
    if (!marks) {
      if (!moved) this.hooks.choose(pressed.on, how(event));
      return;
    }
    this.drop();
    if (event.detail <= 1 || moved) {
      const piece = stretch && moved ? this.hooks.snap(stretch, event.altKey) : null;
      if (piece) this.hooks.mark(piece, "drag");
      else if (!moved) {
        this.hooks.choose(pressed.on, how(event));
        if (place !== null) this.caret.put(place);
      }
      return;
    }
    const unit = event.detail === 2 ? "word" : "sentence";
    const piece = place === null ? null : this.surface.words.at(unit, place);
    if (piece && event.detail <= 3) this.hooks.mark(piece, unit);
  }

  /** What the browser has selected of the text. */
  private stretch(): Piece | null {
    const selection = getSelection();
    const { body } = this.surface;
    if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(body)) return null;
    const start = this.surface.placeOf({ node: range.startContainer, offset: range.startOffset });
    const end = this.surface.placeOf({ node: range.endContainer, offset: range.endOffset });
    const piece = { start: start ?? 0, end: end ?? this.surface.text.length };
    return piece.start < piece.end ? piece : null;
  }

  /** Show what would be marked, were the button let go now. */
  private preview(): void {
    if (!this.pressed || !this.hooks.marks()) return;
    const stretch = this.stretch();
    const piece = stretch && this.hooks.snap(stretch, false);
    this.surface.mark("itag-range", piece ? [piece] : []);
  }

  private drop(): void {
    getSelection()?.removeAllRanges();
    this.surface.mark("itag-range", []);
  }

  /** Give up what is dragged; whether anything was. */
  cancel(): boolean {
    if (this.dragged) {
      this.dragged = null;
      this.surface.mark("itag-range", []);
      this.place();
      return true;
    }
    if (!this.pressed || !this.stretch()) return false;
    this.pressed = null;
    delete this.surface.body.dataset.marking;
    this.drop();
    return true;
  }

  private grip(end: "start" | "end"): Grip {
    const element = document.createElement("div");
    element.className = "text-grip";
    element.dataset.grip = end;
    element.hidden = true;
    this.surface.over.append(element);
    this.on<PointerEvent>(element, "pointerdown", (event) => {
      const id = this.hooks.held();
      const span = id === null ? null : this.surface.span(id);
      if (event.button !== 0 || id === null || !span) return;
      event.preventDefault();
      element.setPointerCapture(event.pointerId);
      this.dragged = { id, end, piece: { start: span.start, end: span.end } };
      delete this.surface.body.dataset.marking;
    });
    this.on<PointerEvent>(element, "pointermove", (event) => this.pull(event));
    this.on(element, "pointercancel", () => void this.cancel());
    this.on(element, "pointerup", () => {
      const { dragged } = this;
      this.dragged = null;
      this.surface.mark("itag-range", []);
      if (dragged) this.hooks.change(dragged.id, dragged.piece);
      this.place();
    });
    return { element, end };
  }

  private pull(event: PointerEvent): void {
    const { dragged, surface } = this;
    const span = dragged && surface.span(dragged.id);
    if (!dragged || !span) return;
    const view = surface.scroller.getBoundingClientRect();
    const edge = surface.height;
    if (event.clientY < view.top + edge) surface.scroller.scrollTop -= edge / 2;
    else if (event.clientY > view.bottom - edge) surface.scroller.scrollTop += edge / 2;
    // Grips lie over the text that is meant.
    for (const { element } of this.grips) element.style.pointerEvents = "none";
    const place = surface.placeAt(event.clientX, event.clientY);
    for (const { element } of this.grips) element.style.pointerEvents = "";
    if (place === null) return;
    const wish =
      dragged.end === "start"
        ? { start: Math.min(place, span.end - 1), end: span.end }
        : { start: span.start, end: Math.max(place, span.start + 1) };
    const snapped = this.hooks.snap(wish, event.altKey);
    if (!snapped) return;
    // Only the end that is dragged moves.
    dragged.piece =
      dragged.end === "start"
        ? { start: Math.min(snapped.start, span.end - 1), end: span.end }
        : { start: span.start, end: Math.max(snapped.end, span.start + 1) };
    surface.mark("itag-range", [dragged.piece]);
    this.place();
  }
}

function how(event: MouseEvent): "only" | "toggle" {
  return event.ctrlKey || event.metaKey ? "toggle" : "only";
}
