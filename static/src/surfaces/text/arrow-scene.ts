/* Arrows on the text that is drawn: from where spans are to lines and labels, and to the room that lines need. */

import { drawArrows, gapOf, type Heights, planArrows, type Tie } from "./arrows";
import type { Box, TextSurface } from "./surface";

/** A relation as far as its place goes; `width`: of its label. */
export interface Link {
  id: string;
  from: string;
  to: string;
  width: number;
}

export interface Placed {
  id: string;
  points: [number, number][];
  label: { left: number; top: number; width: number; height: number };
  /** Its label stands at the second span, since the first is far away. */
  backwards: boolean;
}

export interface Scene {
  placed: Placed[];
  /** How much room each block needs between its lines and above its first. */
  rooms: Map<number, { between: number; above: number }>;
}

export const HEIGHTS: Heights = { lane: 18, bus: 7 };

interface End {
  box: Box;
  block: number;
  line: number;
}

/** A span that is not drawn: only how high it lies is known, about. */
interface Far {
  y: number;
  below: boolean;
}

/** `edge`: how wide the margins of the page are. */
export function sceneOf(surface: TextSurface, links: readonly Link[], edge: number): Scene {
  const width = Math.max(1, surface.over.clientWidth - 2 * edge);
  const ends = new Map<string, End | Far>();
  const near: End[] = [];
  for (const id of new Set(links.flatMap(({ from, to }) => [from, to]))) {
    const span = surface.span(id);
    const box = surface.boxesOf(id)?.[0];
    if (!span) continue;
    if (box) {
      const end = { box, block: surface.words.blockAt(span.start), line: 0 };
      near.push(end);
      ends.set(id, end);
    } else ends.set(id, { y: surface.heightsAt(span.start).top, below: false });
  }
  const lines = numberLines(near, surface.height);
  const last = lines.length + 1;
  const middle = near.length > 0 ? (near[0] as End).box.top : 0;
  for (const end of ends.values()) if (!isNear(end)) end.below = end.y > middle;

  const ties: Tie[] = [];
  const far = new Map<string, number>();
  const backwards = new Set<string>();
  for (const link of links) {
    let [a, b] = [ends.get(link.from), ends.get(link.to)];
    if (!a || !b || (!isNear(a) && !isNear(b))) continue;
    // A label stands where the arrow begins, as long as that is there.
    if (!isNear(a)) {
      [a, b] = [b, a];
      backwards.add(link.id);
    }
    if (!isNear(a)) continue;
    const from = { line: a.line, left: a.box.left - edge, right: a.box.right - edge };
    const to = isNear(b)
      ? { line: b.line, left: b.box.left - edge, right: b.box.right - edge }
      : { ...from, line: b.below ? last : 0 };
    if (!isNear(b)) far.set(link.id, b.y);
    ties.push({ id: link.id, from, to, width: link.width });
  }
  const plan = planArrows(ties, last + 1, width);
  const tops = [0, ...lines.map(({ top }) => top), 0];
  const placed = drawArrows(plan, tops, width, HEIGHTS, edge - 6).map(({ id, points, label }) => {
    const y = far.get(id);
    // Towards what is far away it goes along the margin.
    const way = y === undefined ? points : [...points.slice(0, 3), [points[2]?.[0] ?? 0, y]];
    return {
      id,
      points: way.map(([x, at]): [number, number] => [(x ?? 0) + edge, at ?? 0]),
      label: { ...label, left: label.left + edge },
      backwards: backwards.has(id),
    };
  });
  const rooms: Scene["rooms"] = new Map();
  for (const [at, { block, top }] of lines.entries()) {
    const gap = gapOf(plan, at + 1, HEIGHTS);
    const now = rooms.get(block) ?? { between: 0, above: 0 };
    const begins = surface.caretBox(surface.words.blocks[block]?.start ?? 0).top;
    if (Math.abs(begins - top) < surface.height / 2) now.above = Math.max(now.above, gap);
    else now.between = Math.max(now.between, gap);
    rooms.set(block, now);
  }
  // Half of what lies between lines lies above the first one too.
  for (const room of rooms.values()) room.above = Math.max(0, room.above - room.between / 2);
  return { placed, rooms };
}

function isNear(end: End | Far): end is End {
  return "box" in end;
}

interface Line {
  top: number;
  block: number;
}

/** Give the ends the numbers of their lines, from 1. */
function numberLines(ends: readonly End[], height: number): Line[] {
  const lines: Line[] = [];
  for (const end of [...ends].sort((a, b) => a.box.top - b.box.top)) {
    const { block, box } = end;
    const now = lines.at(-1);
    if (!now || now.block !== block || box.top - now.top > height / 2) {
      lines.push({ top: box.top, block });
    }
    end.line = lines.length;
  }
  return lines;
}
