/* A text in the page: all of it stands in the document, spans are drawn near the view only.

   Places are UTF-16 units of the text. Boxes are in pixels of `over`, which lies over the text and scrolls with it. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { type Block, blocks } from "./blocks";
import { directionsOf } from "./direction";
import { blockElement, drawBlock, keepLabelsInside } from "./draw";
import { type HighlightName, highlight } from "./highlights";
import type { Piece } from "./offsets";
import { lettersIn, type Point, pointAt, rangeIn, selectionEnds, unitsBefore } from "./places";
import { type Span, SpanStore } from "./spans";
import { Words } from "./words";

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const NONE: ReadonlySet<string> = new Set();
const NOTHING: ReadonlySet<Node> = new Set();
/** Beyond the view so many of its heights are drawn, and farther away than so many no more. */
const AHEAD = 1;
const KEPT = 4;
/** So far inside of the page its text begins. */
const EDGE = 34;

export class TextSurface {
  words = new Words("", []);
  /** What lies over the text: the caret, grips, arrows. It takes no pointer itself. */
  readonly over: HTMLElement;
  readonly body: HTMLElement;
  private store = new SpanStore("", [], () => 0);
  private elements: HTMLElement[] = [];
  private drawn = new Set<number>();
  /** Blocks that look different since they were drawn: drawn anew in the next frame, or before anything is asked of it. */
  private waiting = new Set<number>();
  /** Blocks whose labels may stand beyond their edge. */
  private readonly loose = new Set<HTMLElement>();
  private chosen: ReadonlySet<string> = NONE;
  private hidden: (id: string) => boolean = () => false;
  private readonly marked = new Map<HighlightName, readonly Piece[]>();
  private readonly listeners = new Set<() => void>();
  private readonly made = signal(0);
  private frame = 0;
  /** Whether the person selects text of the page; to ask the browser each time costs a layout. */
  private selecting = false;
  private readonly stops: (() => void)[] = [];

  constructor(
    readonly scroller: HTMLElement,
    readonly page: HTMLElement,
  ) {
    this.body = document.createElement("div");
    this.body.className = "text-body";
    this.over = document.createElement("div");
    this.over.className = "text-over";
    page.replaceChildren(this.body, this.over);
    const follow = () => this.follow();
    scroller.addEventListener("scroll", follow, { passive: true });
    const sizes = new ResizeObserver(() => {
      this.measure();
      this.follow();
      for (const block of this.drawn) this.loose.add(this.elements[block] as HTMLElement);
      this.moved();
    });
    const selects = (event: Event) => {
      this.selecting = event.type === "selectstart" || getSelection()?.isCollapsed === false;
    };
    for (const name of ["selectstart", "selectionchange"]) {
      document.addEventListener(name, selects);
      this.stops.push(() => document.removeEventListener(name, selects));
    }
    sizes.observe(this.body);
    sizes.observe(scroller);
    this.stops.push(
      () => scroller.removeEventListener("scroll", follow),
      () => sizes.disconnect(),
      () => cancelAnimationFrame(this.frame),
    );
  }

  close(): void {
    for (const stop of this.stops) stop();
    for (const name of this.marked.keys()) highlight(name, []);
    this.listeners.clear();
    this.page.replaceChildren();
  }

  get text(): string {
    return this.words.text;
  }

  /** Grows with every text that is shown. */
  get shown(): ReadonlySignal<number> {
    return this.made;
  }

  // --- what is shown ------------------------------------------------------------------------------------------------

  setText(text: string): void {
    const parts = blocks(text);
    const words = new Words(text, parts);
    this.words = words;
    this.store = new SpanStore(text, parts, (at) => words.blockAt(at));
    this.drawn.clear();
    this.waiting.clear();
    this.loose.clear();
    const directions = directionsOf(text, parts);
    this.elements = parts.map((part, at) => blockElement(part, directions?.[at]));
    this.body.replaceChildren(...this.elements);
    this.scroller.scrollTop = 0;
    this.measure();
    this.made.value++;
    this.follow();
    this.moved();
  }

  /** Show these spans and no others. */
  load(spans: readonly Span[]): void {
    this.store.load(spans);
    for (const block of this.elements.keys()) this.setLanes(block);
    this.wait(this.drawn);
    this.follow();
  }

  put(span: Span): void {
    this.wait(this.store.put(span));
  }

  remove(id: string): void {
    this.wait(this.store.remove(id));
  }

  select(ids: ReadonlySet<string>): void {
    const former = this.chosen;
    this.chosen = ids;
    const changed = new Set<number>();
    for (const set of [former, ids]) {
      for (const id of set) {
        if (former.has(id) !== ids.has(id))
          for (const block of this.blocksOf(id)) changed.add(block);
      }
    }
    this.wait(changed);
  }

  setHidden(hidden: (id: string) => boolean): void {
    this.hidden = hidden;
    this.wait(this.drawn);
  }

  /** Mark pieces for a moment. */
  mark(name: HighlightName, pieces: readonly Piece[]): void {
    this.marked.set(name, pieces);
    this.paintMarks();
  }

  // --- spans --------------------------------------------------------------------------------------------------------

  span(id: string): Span | null {
    return this.store.get(id);
  }

  /** The spans around a place, the innermost first; none that is hidden or another answer's. */
  spansAt(place: number): Span[] {
    return this.store.at(place).filter(({ id }) => !this.hidden(id));
  }

  get count(): number {
    return this.store.size;
  }

  /** The ids of the spans that are drawn now: those in view and near it. */
  nearIds(): Set<string> {
    const found = new Set<string>();
    for (const block of this.drawn) {
      for (const { id, ghost } of this.store.inBlock(block)) {
        if (!ghost && !this.hidden(id)) found.add(id);
      }
    }
    return found;
  }

  /** Where a span is, one box for each line; null where it is not drawn. */
  boxesOf(id: string): Box[] | null {
    this.settle();
    const span = this.store.get(id);
    if (!span || !this.blocksOf(id).some((block) => this.drawn.has(block))) return null;
    return this.boxesAt(span);
  }

  /** Where a span's label is; null where there is none, or it is not drawn. */
  labelBox(id: string): Box | null {
    this.settle();
    const [block] = this.blocksOf(id);
    if (block === undefined || !this.drawn.has(block)) return null;
    const label = this.elements[block]?.querySelector(`[data-span="${CSS.escape(id)}"]`);
    return label ? this.boxOf(label.getBoundingClientRect()) : null;
  }

  /** From where to where the lines of a block lie, also where it is not drawn: then its height is a guess. */
  heightsAt(place: number): { top: number; bottom: number } {
    this.settle();
    const element = this.elements[this.words.blockAt(place)];
    const top = element?.offsetTop ?? 0;
    return { top, bottom: top + (element?.offsetHeight ?? 0) };
  }

  /** The span under a place on the screen: whose label it is, else the innermost one. */
  spanAt(x: number, y: number): string | null {
    this.settle();
    const label = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-span]");
    if (label && this.body.contains(label) && !label.dataset.ghost)
      return label.dataset.span ?? null;
    if (!document.elementFromPoint(x, y)?.closest("mark")) return null;
    const place = this.placeAt(x, y);
    return place === null ? null : (this.spansAt(place)[0]?.id ?? null);
  }

  // --- places -------------------------------------------------------------------------------------------------------

  /** The place of the text at a point of the page; null outside of it. */
  placeOf(point: Point): number | null {
    const { node, offset } = point;
    if (node === this.body) return this.words.blocks[offset]?.start ?? this.text.length;
    if (!this.body.contains(node)) return null;
    const element = (node instanceof Element ? node : node.parentElement)?.closest("[data-start]");
    if (!(element instanceof HTMLElement)) return null;
    return Number(element.dataset.start) + unitsBefore(element, point);
  }

  /** The place of the text nearest to a place on the screen. */
  placeAt(x: number, y: number): number | null {
    this.settle();
    const point = pointAt(x, y);
    return point && this.placeOf(point);
  }

  /** Where a piece is, one box for each line of it. */
  boxesAt(piece: Piece): Box[] {
    const found: Box[] = [];
    for (const range of this.rangesOf(piece)) {
      for (const rect of range.getClientRects()) {
        if (rect.width > 0) found.push(this.boxOf(rect));
      }
    }
    return found;
  }

  /** Where a caret stands before a place; `after`: behind what ends there, which may be on the line before. */
  caretBox(place: number, after = false): Box {
    this.settle();
    const block = this.words.blockAt(after && place > 0 ? place - 1 : place);
    const element = this.elements[block];
    if (!element) return { left: 0, top: 0, right: 0, bottom: 0 };
    const at = place - Number(element.dataset.start);
    const range = rangeIn(element, { start: at, end: at });
    const rect = range.getClientRects()[0] ?? range.getBoundingClientRect();
    // An empty line has no text to stand at.
    if (rect.height > 0) return this.boxOf(rect);
    const line = element.getBoundingClientRect();
    const box = this.boxOf(line);
    return { ...box, right: box.left, bottom: box.top + this.height };
  }

  isRightToLeft(place: number): boolean {
    return this.elements[this.words.blockAt(place)]?.dir === "rtl";
  }

  /** Bring a place into view, with `margin` of the view's height around it. */
  reveal(place: number, margin = 0.2): void {
    const block = this.words.blockAt(place);
    // What lies before it may turn out higher or lower than guessed once it is near the view.
    for (let round = 0; round < 3; round++) {
      if (!this.drawn.has(block)) this.redraw(new Set([block]), true);
      const { top, bottom } = this.caretBox(place);
      const from = this.page.offsetTop + top;
      const height = this.scroller.clientHeight;
      const room = height * margin;
      const now = this.scroller.scrollTop;
      if (from - room >= now && from + (bottom - top) + room <= now + height) break;
      const to = from - room < now ? from - room : from + (bottom - top) + room - height;
      this.scroller.scrollTop = Math.abs(to - now) > height ? from - height / 3 : to;
      if (this.scroller.scrollTop === now) break;
      this.follow();
    }
  }

  /** The first place that is wholly in view. */
  firstInView(): number {
    this.settle();
    const top = this.scroller.scrollTop - this.page.offsetTop;
    const block = this.blockAtHeight(top);
    const start = this.words.blocks[block]?.start ?? 0;
    if (this.elements.length === 0 || (this.elements[block] as HTMLElement).offsetTop >= top) {
      return start;
    }
    const view = this.scroller.getBoundingClientRect();
    const body = this.body.getBoundingClientRect();
    const x = this.isRightToLeft(start) ? body.right - EDGE : body.left + EDGE;
    return this.placeAt(x, view.top + this.height) ?? start;
  }

  /** How high a line of letters is. */
  height = 0;

  // --- layout -------------------------------------------------------------------------------------------------------

  /** Be told when boxes are elsewhere than before: at most once a frame. */
  onLayout(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Keep so many pixels free between the lines of a block and above its first one; whether that is new. */
  setRoom(block: number, between: number, above: number): boolean {
    const style = this.elements[block]?.style;
    const wanted = [
      ["--room", `${between}px`],
      ["--head", `${above}px`],
    ] as const;
    if (!style || wanted.every(([name, size]) => style.getPropertyValue(name) === size))
      return false;
    for (const [name, size] of wanted) style.setProperty(name, size);
    this.moved();
    return true;
  }

  /** Boxes are elsewhere now. */
  moved(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.settle();
      this.frame = 0;
      keepLabelsInside(this.loose);
      this.loose.clear();
      this.paintMarks();
      for (const listener of this.listeners) listener();
    });
  }

  boxOf(rect: DOMRect): Box {
    const origin = this.over.getBoundingClientRect();
    return {
      left: rect.left - origin.left,
      top: rect.top - origin.top,
      right: rect.right - origin.left,
      bottom: rect.bottom - origin.top,
    };
  }

  /** How high letters are, which lines of other heights are counted from. */
  private measure(): void {
    const height = lettersIn(this.over);
    if (height === 0 || Math.abs(height - this.height) < 0.01) return;
    this.height = height;
    this.page.style.setProperty("--letters", `${height}px`);
  }

  private blocksOf(id: string): number[] {
    const span = this.store.get(id);
    if (!span) return [];
    const first = this.words.blockAt(span.start);
    const last = this.words.blockAt(span.end - 1);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  }

  /** The block at a height of the body. */
  private blockAtHeight(y: number): number {
    let low = 0;
    let high = this.elements.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.elements[middle] as HTMLElement).offsetTop <= y) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** Draw what came near the view, and let go what is far away. */
  private follow(): void {
    this.settle();
    if (this.elements.length === 0 || this.store.size === 0) return;
    const { scrollTop, clientHeight } = this.scroller;
    const height = clientHeight || 800;
    const top = scrollTop - this.page.offsetTop;
    const first = this.blockAtHeight(top - AHEAD * height);
    const last = this.blockAtHeight(top + (1 + AHEAD) * height);
    const fresh = new Set<number>();
    for (let block = first; block <= last; block++) {
      if (!this.drawn.has(block) && this.store.lanesIn(block) > 0) fresh.add(block);
    }
    const far = (block: number) => (block < first || block > last) && !this.isNear(block, KEPT);
    const gone = [...this.drawn].filter(far);
    if (gone.length > 0) {
      const held = this.selecting ? selectionEnds() : NOTHING;
      for (const block of gone) {
        const element = this.elements[block] as HTMLElement;
        if (held.has(element)) continue;
        this.drawn.delete(block);
        element.textContent = this.words.blocks[block]?.text ?? "";
      }
    }
    this.redraw(fresh, true);
  }

  /** An edit changes a block more than once: it is drawn once for all of them. */
  private wait(blocks: ReadonlySet<number>): void {
    for (const block of blocks) this.waiting.add(block);
    if (blocks.size > 0) this.moved();
  }

  private settle(): void {
    if (this.waiting.size === 0) return;
    const { waiting } = this;
    this.waiting = new Set();
    this.redraw(waiting);
  }

  /** Draw blocks anew: those that are drawn or near the view, or all of these. */
  private redraw(numbers: ReadonlySet<number>, all = false): void {
    if (numbers.size === 0) return;
    // What the page says of its layout is asked before anything of it changes.
    const held = this.selecting ? selectionEnds() : NOTHING;
    const drawn = [...numbers].filter(
      (block) =>
        (all || this.drawn.has(block) || this.isNear(block)) &&
        !held.has(this.elements[block] as Node),
    );
    for (const block of numbers) this.setLanes(block);
    for (const block of drawn) {
      this.drawn.add(block);
      const element = this.elements[block] as HTMLElement;
      this.loose.add(element);
      const spans = this.store.inBlock(block).filter(({ id }) => !this.hidden(id));
      drawBlock(element, this.words.blocks[block] as Block, spans, {
        lane: (id) => this.store.laneOf(id),
        lanes: this.store.lanesIn(block),
        chosen: this.chosen,
      });
    }
    this.moved();
  }

  /** Whether a block is in view or so many heights of the view away from it. */
  private isNear(block: number, reach = AHEAD): boolean {
    const { offsetTop, offsetHeight } = this.elements[block] as HTMLElement;
    const height = this.scroller.clientHeight || 800;
    const top = this.scroller.scrollTop - this.page.offsetTop;
    return (
      offsetTop + offsetHeight > top - reach * height && offsetTop < top + (1 + reach) * height
    );
  }

  private setLanes(block: number): void {
    const element = this.elements[block];
    if (!element) return;
    const lanes = this.store.lanesIn(block);
    const now = element.style.getPropertyValue("--lanes");
    if (now === (lanes > 0 ? String(lanes) : "")) return;
    if (lanes > 0) element.style.setProperty("--lanes", String(lanes));
    else element.style.removeProperty("--lanes");
  }

  private rangesOf({ start, end }: Piece): Range[] {
    this.settle();
    const ranges: Range[] = [];
    const last = this.words.blockAt(Math.max(start, end - 1));
    for (let block = this.words.blockAt(start); block <= last; block++) {
      const element = this.elements[block];
      const part = this.words.blocks[block];
      if (!element || !part) continue;
      const from = Math.max(0, start - part.start);
      const to = Math.min(part.text.length, end - part.start);
      if (from < to) ranges.push(rangeIn(element, { start: from, end: to }));
    }
    return ranges;
  }

  /** Paint what is marked, as far as it is near the view. */
  private paintMarks(): void {
    if ([...this.marked.values()].every((pieces) => pieces.length === 0)) {
      for (const name of this.marked.keys()) highlight(name, []);
      this.marked.clear();
      return;
    }
    const height = this.scroller.clientHeight;
    const top = this.scroller.scrollTop - this.page.offsetTop;
    let from = 0;
    let to = this.text.length;
    for (const [name, pieces] of this.marked) {
      if (pieces.length > 0 && to === this.text.length && from === 0 && this.elements.length > 0) {
        from = this.words.blocks[this.blockAtHeight(top - height)]?.start ?? 0;
        const last = this.words.blocks[this.blockAtHeight(top + 2 * height)];
        to = last ? last.start + last.text.length : to;
      }
      const near = pieces.filter((piece) => piece.start < to && piece.end > from);
      const ranges = near.flatMap(({ start, end }) =>
        this.rangesOf({ start: Math.max(start, from), end: Math.min(end, to) }),
      );
      highlight(name, ranges);
    }
  }
}
