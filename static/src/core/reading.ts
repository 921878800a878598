/* The order in which regions are read, from where they lie. */

import type { Box } from "../surfaces/canvas/geometry";

export type Direction = "lines" | "columns";

interface Placed {
  id: string;
  box: Box;
}

/**
 * Ids in reading order: lines from top to bottom, each from left to right; or columns from right to left, each from
 * top to bottom, as Chinese is written upright. What overlaps a line by half of the lesser height is in it.
 */
export function readingOrder(regions: readonly Placed[], direction: Direction): string[] {
  const turned = regions.map(({ id, box }) => ({
    id,
    box: direction === "lines" ? box : acrossToDown(box),
  }));
  turned.sort((a, b) => middle(a.box) - middle(b.box) || a.box.minX - b.box.minX);
  const lines: { placed: Placed[]; top: number; bottom: number }[] = [];
  for (const one of turned) {
    const line = lines.at(-1);
    if (line && shares(line, one.box)) {
      line.placed.push(one);
      // The middle of a line follows what is in it, so that one on a slope stays one line.
      const count = line.placed.length;
      line.top += (one.box.minY - line.top) / count;
      line.bottom += (one.box.maxY - line.bottom) / count;
    } else lines.push({ placed: [one], top: one.box.minY, bottom: one.box.maxY });
  }
  return lines.flatMap(({ placed }) =>
    placed.sort((a, b) => a.box.minX - b.box.minX || a.box.minY - b.box.minY).map(({ id }) => id),
  );
}

/** Columns from right to left are lines from top to bottom once the page lies on its side. */
function acrossToDown(box: Box): Box {
  return { minX: box.minY, maxX: box.maxY, minY: -box.maxX, maxY: -box.minX };
}

function middle(box: Box): number {
  return (box.minY + box.maxY) / 2;
}

function shares(line: { top: number; bottom: number }, box: Box): boolean {
  const overlap = Math.min(line.bottom, box.maxY) - Math.max(line.top, box.minY);
  const lesser = Math.min(line.bottom - line.top, box.maxY - box.minY);
  return lesser > 0 ? overlap >= lesser / 2 : overlap >= 0;
}
