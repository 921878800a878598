/* Places of a text in units, and where they are in the page. */

import type { Piece } from "./offsets";

export interface Point {
  node: Node;
  offset: number;
}

/** The text before this point within its block. */
export function unitsBefore(block: Element, { node, offset }: Point): number {
  const range = document.createRange();
  range.selectNodeContents(block);
  range.setEnd(node, offset);
  return range.toString().length;
}

/** The point so many units into a block: of two texts that meet there in the later one. */
export function pointIn(block: Element, units: number, earlier = false): Point {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  let rest = units;
  let last: Text | null = null;
  for (let node = walker.nextNode() as Text | null; node; node = walker.nextNode() as Text | null) {
    if (rest < node.length || (earlier && rest === node.length)) return { node, offset: rest };
    rest -= node.length;
    last = node;
  }
  return last ? { node: last, offset: last.length } : { node: block, offset: 0 };
}

/** A piece of one block as a range of the page. */
export function rangeIn(block: Element, { start, end }: Piece): Range {
  const range = document.createRange();
  const from = pointIn(block, start);
  const to = pointIn(block, end, true);
  range.setStart(from.node, from.offset);
  range.setEnd(to.node, to.offset);
  return range;
}

interface CaretPosition {
  offsetNode: Node;
  offset: number;
}

/** The point of the page's text that is nearest to a place on the screen. */
export function pointAt(x: number, y: number): Point | null {
  const asked = document as Document & {
    caretPositionFromPoint?: (x: number, y: number) => CaretPosition | null;
    caretRangeFromPoint?: (x: number, y: number) => Range | null;
  };
  if (asked.caretPositionFromPoint) {
    const found = asked.caretPositionFromPoint(x, y);
    return found && { node: found.offsetNode, offset: found.offset };
  }
  const found = asked.caretRangeFromPoint?.(x, y);
  return found ? { node: found.startContainer, offset: found.startOffset } : null;
}

/** The blocks in which the person's own selection begins or ends: their text must stay what it is. */
export function selectionEnds(): ReadonlySet<Node> {
  const found = new Set<Node>();
  const selection = getSelection();
  if (!selection || selection.rangeCount === 0 || selection.isCollapsed) return found;
  for (const node of [selection.anchorNode, selection.focusNode]) {
    const element = node instanceof Element ? node : node?.parentElement;
    const block = element?.closest("[data-start]");
    if (block) found.add(block);
  }
  return found;
}

/** How high letters are here. */
export function lettersIn(host: HTMLElement): number {
  const probe = document.createElement("span");
  probe.textContent = "x";
  host.append(probe);
  const { height } = probe.getBoundingClientRect();
  probe.remove();
  return height;
}
