/* Arrows over a text as elements: lines in one drawing, labels as buttons over it. Elements stay while their arrow
   does, so that the focus stays too. */

import type { Box } from "./surface";

const SVG = "http://www.w3.org/2000/svg";
/** How long and how wide the head of an arrow is. */
const HEAD = { length: 6, half: 4 };

export interface Arrow {
  id: string;
  /** The corners of its line, in px of what it is drawn over. */
  points: readonly (readonly [number, number])[];
  label: { left: number; top: number; width: number; height: number };
  text: string;
  /** The whole of it in words. */
  said: string;
  color: string;
  chosen: boolean;
  /** Another answer's: shown beside the answer, met by no pointer. */
  ghost: boolean;
  /** Its head is at the first of its corners. */
  backwards: boolean;
}

interface Marks {
  group: SVGGElement;
  label: HTMLElement;
}

export class ArrowMarks {
  private readonly svg = make("svg", "arrows");
  private readonly frames = make("g", "arrow-frames");
  private readonly lines = make("g", "arrow-lines");
  private readonly trail = make("path", "arrow-trail");
  private readonly labels = document.createElement("div");
  private readonly marks = new Map<string, Marks>();

  constructor(
    over: HTMLElement,
    private readonly choose: (id: string, event: MouseEvent) => void,
  ) {
    this.svg.setAttribute("aria-hidden", "true");
    this.svg.append(this.frames, this.lines, this.trail);
    this.labels.className = "arrow-labels";
    over.append(this.svg, this.labels);
  }

  close(): void {
    this.svg.remove();
    this.labels.remove();
  }

  /** Show these arrows and no others; `dim`: those that are not chosen stand back. */
  draw(arrows: readonly Arrow[], dim: boolean): void {
    for (const element of [this.svg, this.labels]) {
      if (dim) element.setAttribute("data-dim", "");
      else element.removeAttribute("data-dim");
    }
    const gone = new Set(this.marks.keys());
    const first = (arrows.find(({ chosen }) => chosen) ?? arrows.find(({ ghost }) => !ghost))?.id;
    for (const arrow of arrows) {
      gone.delete(arrow.id);
      const marks = this.marks.get(arrow.id) ?? this.add(arrow);
      paint(marks, arrow);
      marks.label.tabIndex = arrow.id === first ? 0 : -1;
    }
    for (const id of gone) {
      this.marks.get(id)?.group.remove();
      this.marks.get(id)?.label.remove();
      this.marks.delete(id);
    }
  }

  /** Put frames around what is meant: the ends of a chosen arrow, or where one would go. */
  frame(boxes: readonly Box[]): void {
    this.frames.replaceChildren(
      ...boxes.map(({ left, top, right, bottom }) => {
        const frame = make("rect", "arrow-frame");
        frame.setAttribute("x", String(left - 2));
        frame.setAttribute("y", String(top - 1));
        frame.setAttribute("width", String(right - left + 4));
        frame.setAttribute("height", String(bottom - top + 2));
        frame.setAttribute("rx", "3");
        return frame;
      }),
    );
  }

  /** A line that is being drawn; null: none. */
  draft(points: readonly (readonly [number, number])[] | null): void {
    const [a, b] = points ?? [];
    this.trail.setAttribute("d", a && b ? `M${a[0]} ${a[1]}L${b[0]} ${b[1]}` : "");
  }

  private add({ id, ghost }: Arrow): Marks {
    const group = make("g", "arrow");
    group.dataset.arrow = id;
    group.append(make("path", "arrow-hit"), make("path", "arrow-line"), make("path", "arrow-head"));
    const label = document.createElement(ghost ? "span" : "button");
    label.className = "arrow-label";
    label.dataset.relation = id;
    if (label instanceof HTMLButtonElement) label.type = "button";
    if (ghost) label.ariaHidden = "true";
    else {
      group.dataset.live = "";
      for (const element of [group, label]) {
        // The keys stay with the text.
        element.addEventListener("mousedown", (event) => event.preventDefault());
        element.addEventListener("click", (event) => this.choose(id, event as MouseEvent));
      }
    }
    this.lines.append(group);
    this.labels.append(label);
    const marks = { group, label };
    this.marks.set(id, marks);
    return marks;
  }
}

function paint({ group, label }: Marks, arrow: Arrow): void {
  const { points, color, chosen, ghost } = arrow;
  const way = points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${x} ${y}`).join("");
  const [hit, line, head] = group.children;
  hit?.setAttribute("d", way);
  line?.setAttribute("d", way);
  head?.setAttribute("d", headOf(arrow.backwards ? [...points].reverse() : points));
  const { left, top, width, height } = arrow.label;
  label.style.transform = `translate(${left}px, ${top + 1}px)`;
  label.style.inlineSize = `${width}px`;
  label.style.blockSize = `${height - 2}px`;
  label.textContent = arrow.text;
  label.title = arrow.said;
  if (!ghost) label.ariaLabel = arrow.said;
  if (!ghost) label.ariaPressed = String(chosen);
  for (const element of [group, label]) {
    element.style.setProperty("--color", color);
    if (chosen) element.dataset.chosen = "";
    else delete element.dataset.chosen;
    if (ghost) element.dataset.ghost = "";
  }
}

/** The head at the last corner, along the last stretch, which is upright. */
function headOf(points: Arrow["points"]): string {
  const [x, y] = points.at(-1) ?? [0, 0];
  const before = points.at(-2)?.[1] ?? y;
  const back = before <= y ? -HEAD.length : HEAD.length;
  return `M${x} ${y}L${x - HEAD.half} ${y + back}L${x + HEAD.half} ${y + back}Z`;
}

function make<K extends keyof SVGElementTagNameMap>(
  name: K,
  kind: string,
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, name);
  element.setAttribute("class", kind);
  return element;
}
