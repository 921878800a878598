/* The keyboard's place in a text: a caret, and what is marked between it and where it began. Nothing of the text is
   changed by it, and nothing is stored. */

import { computed, signal } from "@preact/signals";
import type { Piece } from "./offsets";
import type { TextSurface } from "./surface";
import type { Unit } from "./words";

interface Place {
  /** Where what is marked began. */
  anchor: number;
  focus: number;
}

export class Caret {
  private readonly place = signal<Place | null>(null);
  /** What is marked between the caret and where it began; null where nothing is. */
  readonly marked = computed<Piece | null>(() => {
    const place = this.place.value;
    if (!place || place.anchor === place.focus) return null;
    const { anchor, focus } = place;
    return { start: Math.min(anchor, focus), end: Math.max(anchor, focus) };
  });
  readonly on = computed(() => this.place.value !== null);
  /** The column that going up and down keeps to, in pixels. */
  private column: number | null = null;
  private readonly element: HTMLElement;
  private readonly stop: () => void;

  constructor(private readonly surface: TextSurface) {
    this.element = document.createElement("div");
    this.element.className = "text-caret";
    this.element.hidden = true;
    surface.over.append(this.element);
    this.stop = surface.onLayout(() => this.draw());
  }

  close(): void {
    this.stop();
    this.element.remove();
  }

  /** Where the caret is; null while it is off. */
  get at(): number | null {
    return this.place.value?.focus ?? null;
  }

  /** Put the caret at a place, or take it away; `extend`: what lies between is marked. */
  put(at: number | null, extend = false): void {
    this.column = null;
    this.set(at, extend);
  }

  /** Mark a piece, with the caret at its end. */
  mark(piece: Piece): void {
    this.column = null;
    this.place.value = { anchor: piece.start, focus: piece.end };
    this.show();
  }

  /** Nothing is marked any more; the caret stays. */
  unmark(): void {
    const at = this.place.peek()?.focus ?? null;
    if (at !== null) this.place.value = { anchor: at, focus: at };
    this.paint();
  }

  /** Left or right as it is seen; by the next unit of that size. */
  across(unit: Unit, by: 1 | -1, extend: boolean): void {
    const at = this.place.peek()?.focus;
    if (at === undefined) return;
    const forth = this.surface.isRightToLeft(at) ? -by : by;
    this.along(unit, forth as 1 | -1, extend);
  }

  /** Forth or back in the text. */
  along(unit: Unit, by: 1 | -1, extend: boolean): void {
    const place = this.place.peek();
    if (!place) return;
    const marked = this.marked.peek();
    this.column = null;
    // As everywhere, a step without extending first leaves what is marked at that end.
    if (!extend && marked && unit === "character")
      this.set(by > 0 ? marked.end : marked.start, false);
    else this.set(this.surface.words.step(unit, place.focus, by), extend);
  }

  /** A line up or down, in the same column as far as lines are long enough. */
  line(by: 1 | -1, extend: boolean): void {
    const at = this.place.peek()?.focus;
    if (at === undefined) return;
    const { surface } = this;
    surface.reveal(at, 0.25);
    const origin = surface.over.getBoundingClientRect();
    const now = surface.caretBox(at);
    const x = this.column ?? now.left;
    const body = surface.body.getBoundingClientRect();
    const screen = Math.min(body.right - 2, Math.max(body.left + 2, origin.left + x));
    let next: number | null = null;
    // Lines are of different heights: look on until another one is met.
    for (let step = 1; step <= 24 && next === null; step++) {
      const y = origin.top + (now.top + now.bottom) / 2 + by * step * (surface.height * 0.6);
      const found = surface.placeAt(screen, y);
      if (found === null || found === at) continue;
      const box = surface.caretBox(found);
      if (by > 0 ? box.top > now.top + 4 : box.top < now.top - 4) next = found;
    }
    this.set(next ?? (by > 0 ? surface.text.length : 0), extend);
    this.column = x;
  }

  /** To the beginning or the end of the line that is seen. */
  lineEnd(by: 1 | -1, extend: boolean): void {
    const at = this.place.peek()?.focus;
    if (at === undefined) return;
    const { surface } = this;
    surface.reveal(at);
    const origin = surface.over.getBoundingClientRect();
    const now = surface.caretBox(at);
    const body = surface.body.getBoundingClientRect();
    const side = surface.isRightToLeft(at) ? -by : by;
    const x = side > 0 ? body.right - 3 : body.left + 3;
    const found = surface.placeAt(x, origin.top + (now.top + now.bottom) / 2);
    this.column = null;
    if (found !== null) this.set(found, extend);
  }

  private set(at: number | null, extend: boolean): void {
    const former = this.place.peek();
    if (at === null) this.place.value = null;
    else {
      const focus = this.surface.words.settle(at);
      this.place.value = { anchor: extend && former ? former.anchor : focus, focus };
    }
    this.show();
  }

  private show(): void {
    const place = this.place.peek();
    if (place) this.surface.reveal(place.focus);
    this.paint();
  }

  private paint(): void {
    const marked = this.marked.peek();
    this.surface.mark("itag-range", marked ? [marked] : []);
    this.surface.moved();
  }

  private draw(): void {
    const place = this.place.peek();
    this.element.hidden = place === null;
    if (!place) return;
    const box = this.surface.caretBox(place.focus, place.focus > place.anchor);
    const { style } = this.element;
    style.insetInlineStart = "0";
    style.transform = `translate(${box.left}px, ${box.top}px)`;
    style.blockSize = `${box.bottom - box.top}px`;
    // The blinking begins anew, so that a caret that moves is seen.
    for (const animation of this.element.getAnimations()) animation.currentTime = 0;
  }
}
