/* One block of a text as elements: stretches under spans are marks, with a line in a lane of its own for each span
   and its label where it begins. Labels are no text of the page: they are neither found nor copied with it. */

import type { Block } from "./blocks";
import { type Segment, segmentsOf } from "./segments";
import type { Span } from "./spans";

export interface Look {
  /** Which lane each span's line is in, and how many the block has. */
  lane: (id: string) => number;
  lanes: number;
  chosen: ReadonlySet<string>;
}

/** Wide signs in a line of the widest page, to guess how high a block is that was never seen. */
const LINE = 38;
/** Labels keep so far from a block's edge. */
const MARGIN = 4;

const THIN = 3;
const THICK = 5;

/** Fill a block's element with its text, marked. */
export function drawBlock(
  element: HTMLElement,
  block: Block,
  spans: readonly Span[],
  look: Look,
): void {
  if (spans.length === 0) {
    element.textContent = block.text;
    return;
  }
  const stretch = { start: block.start, end: block.start + block.text.length };
  const parts = segmentsOf(stretch, spans).map((segment) => {
    const text = block.text.slice(segment.start - block.start, segment.end - block.start);
    return segment.spans.length === 0 ? text : markOf(segment, text, stretch.start, look);
  });
  element.replaceChildren(...parts);
}

function markOf(segment: Segment<Span>, text: string, from: number, look: Look): HTMLElement {
  const mark = document.createElement("mark");
  const { spans } = segment;
  mark.dataset.ids = spans.map(({ id }) => id).join(" ");
  if (spans.some(({ id }) => look.chosen.has(id))) mark.dataset.chosen = "";
  const layers = [...spans].reverse().map((span) => line(span, look));
  const inner = innermost(spans, look);
  if (inner) layers.push(tint(inner, look.chosen.has(inner.id)));
  mark.style.backgroundImage = layers.map(({ image }) => image).join(", ");
  mark.style.backgroundPosition = layers.map(({ place }) => place).join(", ");
  mark.style.backgroundSize = layers.map(({ size }) => size).join(", ");
  for (const span of spans) {
    const begins = span.start === segment.start || segment.start === from;
    if (begins && span.label) mark.append(labelOf(span, span.start < from, look));
  }
  mark.append(text);
  return mark;
}

interface Layer {
  image: string;
  place: string;
  size: string;
}

/** Colours come from templates: whatever else stands there is none. */
function safe(color: string): string {
  return /^#[0-9a-f]{3,8}$/i.test(color) ? color : "#aab4b0";
}

/** The line of a span, so far below the text as its lane is. */
function line(span: Span, look: Look): Layer {
  const color = safe(span.color);
  const below = look.lanes - look.lane(span.id);
  return {
    image: span.ghost
      ? `repeating-linear-gradient(90deg, ${color} 0 5px, transparent 5px 8px)`
      : `linear-gradient(${color}, ${color})`,
    place: `left 0 bottom calc(var(--lane) * ${below} - 5px)`,
    size: `100% ${look.chosen.has(span.id) ? THICK : THIN}px`,
  };
}

/** The colour of a span behind its text. */
function tint({ color }: Span, chosen: boolean): Layer {
  const shade = `color-mix(in srgb, ${safe(color)} ${chosen ? 42 : 16}%, transparent)`;
  return {
    image: `linear-gradient(${shade}, ${shade})`,
    place: "left 0 top 0",
    size: "100% calc(100% - var(--lane) * var(--lanes))",
  };
}

/** Whose colour is seen behind the text: a chosen one's, else the innermost one's of the answer itself. */
function innermost(spans: readonly Span[], look: Look): Span | null {
  const own = spans.filter(({ ghost }) => !ghost);
  const by = (a: Span, b: Span) => look.lane(a.id) - look.lane(b.id);
  return own.filter(({ id }) => look.chosen.has(id)).sort(by)[0] ?? own.sort(by)[0] ?? null;
}

/** A span's label under its beginning; in a later block it is said again. */
function labelOf(span: Span, again: boolean, look: Look): HTMLElement {
  const label = document.createElement("i");
  label.className = "span-label";
  label.dataset.span = span.id;
  label.dataset.label = again ? `… ${span.label}` : span.label;
  label.style.setProperty("--at", String(look.lane(span.id)));
  label.style.setProperty("--color", safe(span.color));
  label.ariaHidden = "true";
  if (span.ghost) label.dataset.ghost = "";
  if (look.chosen.has(span.id)) label.dataset.chosen = "";
  return label;
}

/** A block as it is before anything is marked in it. */
export function blockElement(block: Block, direction: "rtl" | "ltr" | undefined): HTMLElement {
  const element = document.createElement("p");
  element.dataset.start = String(block.start);
  element.textContent = block.text;
  if (direction) element.dir = direction;
  element.style.setProperty("--lines", String(Math.ceil(block.text.length / 2 / LINE) || 1));
  return element;
}

/** What stands beyond a block's edge is cut off: labels there are moved back. All is measured before any is moved. */
export function keepLabelsInside(blocks: Iterable<HTMLElement>): void {
  const moves: [HTMLElement, number][] = [];
  for (const block of blocks) {
    const labels = block.querySelectorAll<HTMLElement>(".span-label");
    if (labels.length === 0) continue;
    const edge = block.getBoundingClientRect();
    for (const label of labels) {
      const { left, right, width } = label.getBoundingClientRect();
      const now = Number.parseFloat(label.style.translate) || 0;
      const least = edge.left + MARGIN - (left - now);
      const most = edge.right - MARGIN - (right - now);
      const next = width === 0 ? 0 : least > 0 ? least : Math.min(0, most);
      if (next !== now) moves.push([label, next]);
    }
  }
  for (const [label, by] of moves) label.style.translate = by === 0 ? "" : `${by}px`;
}
