/* Where a table's lines lie on the picture: moved, stretched, and found under the pointer. */

import { type Box, boxOf, clamp, round, type Size } from "../canvas/geometry";
import { type Axis, along, type Cell, type Lattice, lattice, type Table } from "./model";

type Spot = [number, number];

/** Lines come no nearer to each other than this, in pixels. */
const LEAST = 1;

/** The table with every marked corner moved; `i`, `j`: the lines that cross there. */
function mapped(table: Table, move: (point: Spot, i: number, j: number) => Spot): Table {
  const cells = table.cells.map((cell): Cell => {
    if (!cell.value) return cell;
    const { row, col, rowspan, colspan } = cell;
    const at = [row, row, row + rowspan, row + rowspan];
    const ends = [col, col + colspan, col + colspan, col];
    const value = cell.value.map((point, corner) =>
      move(point, at[corner] as number, ends[corner] as number),
    );
    return { ...cell, value };
  });
  return { ...table, cells };
}

/** Move a line by pixels across its way, as far as its neighbours and the picture allow. */
export function moveLine(axis: Axis, table: Table, index: number, by: number, size: Size): Table {
  const most = axis === "row" ? size.height : size.width;
  const part = axis === "row" ? 1 : 0;
  return along(axis, table, (one) => {
    const lines = lattice(one);
    const line = lines?.[index];
    if (!lines || !line) return one;
    let least = -Infinity;
    let largest = Infinity;
    line.forEach((point, j) => {
      const before = lines[index - 1]?.[j];
      const after = lines[index + 1]?.[j];
      least = Math.max(least, (before ? before[part] + LEAST : 0) - point[part]);
      largest = Math.min(largest, (after ? after[part] - LEAST : most) - point[part]);
    });
    if (least > largest) return one;
    const way = clamp(by, Math.min(least, 0), Math.max(largest, 0));
    return mapped(one, (point, i) => {
      if (i !== index) return point;
      const moved: Spot = [...point];
      moved[part] = clamp(round(point[part] + way), 0, most);
      return moved;
    });
  });
}

/** Move one crossing of lines to a point. */
export function moveCrossing(table: Table, i: number, j: number, to: Spot, size: Size): Table {
  const inside = within(to, size);
  return mapped(table, (point, a, b) => (a === i && b === j ? inside : point));
}

/** Drag an outer corner of the table (0-3, clockwise from the top left); everything follows in proportion. */
export function moveCorner(table: Table, corner: number, to: Spot, size: Size): Table {
  const lines = lattice(table);
  if (!lines) return table;
  const box = bounds(lines);
  const from = cornersOf(lines)[corner] as Spot;
  const [x, y] = within(to, size);
  const [dx, dy] = [x - from[0], y - from[1]];
  return mapped(table, (point) => {
    const u = (point[0] - box.minX) / Math.max(box.maxX - box.minX, LEAST);
    const v = (point[1] - box.minY) / Math.max(box.maxY - box.minY, LEAST);
    const share = (corner % 3 === 0 ? 1 - u : u) * (corner < 2 ? 1 - v : v);
    return within([point[0] + dx * share, point[1] + dy * share], size);
  });
}

/** Move the whole table, as far as it stays inside the picture. */
export function moveTable(table: Table, dx: number, dy: number, size: Size): Table {
  const lines = lattice(table);
  if (!lines) return table;
  const box = bounds(lines);
  const x = clamp(dx, -box.minX, size.width - box.maxX);
  const y = clamp(dy, -box.minY, size.height - box.maxY);
  return mapped(table, (point) => within([point[0] + x, point[1] + y], size));
}

/** Put the table into a box, as far as the picture allows; its lines keep their proportions. */
export function placeTable(table: Table, box: Box, size: Size): Table {
  const lines = lattice(table);
  if (!lines) return table;
  const old = bounds(lines);
  const sx = (box.maxX - box.minX) / Math.max(old.maxX - old.minX, LEAST);
  const sy = (box.maxY - box.minY) / Math.max(old.maxY - old.minY, LEAST);
  return mapped(table, ([x, y]) =>
    within([box.minX + (x - old.minX) * sx, box.minY + (y - old.minY) * sy], size),
  );
}

function within([x, y]: Spot, size: Size): Spot {
  return [clamp(round(x), 0, size.width), clamp(round(y), 0, size.height)];
}

export function bounds(lines: Lattice): Box {
  return boxOf(lines.flat());
}

/** The outer corners, clockwise from the top left. */
export function cornersOf(lines: Lattice): Spot[] {
  const first = lines[0] as Spot[];
  const last = lines.at(-1) as Spot[];
  return [first[0], first.at(-1), last.at(-1), last[0]] as Spot[];
}

export type Hit =
  | { kind: "corner"; corner: number }
  | { kind: "crossing"; i: number; j: number }
  | { kind: "line"; axis: Axis; index: number }
  | { kind: "inside"; row: number; col: number };

/** What lies at a point of the picture: a corner, a line within reach, or a place of the grid. */
export function hitTable(lines: Lattice, at: Spot, reach: number, crossings = false): Hit | null {
  const corner = cornersOf(lines).findIndex((point) => distance(point, at) <= 1.5 * reach);
  if (corner >= 0) return { kind: "corner", corner };
  if (crossings) {
    for (const [i, line] of lines.entries()) {
      const j = line.findIndex((point) => distance(point, at) <= 1.5 * reach);
      if (j >= 0) return { kind: "crossing", i, j };
    }
  }
  let best: Hit | null = null;
  let nearest = reach;
  const consider = (axis: Axis, index: number, line: readonly Spot[]) => {
    for (let k = 1; k < line.length; k++) {
      const far = toSegment(line[k - 1] as Spot, line[k] as Spot, at);
      if (far >= nearest) continue;
      nearest = far;
      best = { kind: "line", axis, index };
    }
  };
  lines.forEach((line, index) => {
    consider("row", index, line);
  });
  columnsOf(lines).forEach((line, index) => {
    consider("col", index, line);
  });
  return best ?? inside(lines, at);
}

export function columnsOf(lines: Lattice): Spot[][] {
  return (lines[0] ?? []).map((_, j) => lines.map((line) => line[j] as Spot));
}

function inside(lines: Lattice, at: Spot): Hit | null {
  for (let row = 0; row + 1 < lines.length; row++) {
    const upper = lines[row] as Spot[];
    const lower = lines[row + 1] as Spot[];
    for (let col = 0; col + 1 < upper.length; col++) {
      const quad = [upper[col], upper[col + 1], lower[col + 1], lower[col]] as Spot[];
      if (encloses(quad, at)) return { kind: "inside", row, col };
    }
  }
  return null;
}

/** Whether a clockwise quadrilateral without dents has the point inside or on its edge. */
function encloses(quad: readonly Spot[], [x, y]: Spot): boolean {
  return quad.every(([ax, ay], at) => {
    const [bx, by] = quad[(at + 1) % 4] as Spot;
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0;
  });
}

/** Where between the lines around a row or column the point lies, as a share. */
export function shareAt(axis: Axis, lines: Lattice, index: number, at: Spot): number {
  const all = axis === "row" ? lines : columnsOf(lines);
  const before = all[index] as Spot[];
  const after = all[index + 1] as Spot[];
  const part = axis === "row" ? 1 : 0;
  const across = 1 - part;
  // The two points of each line between which the point lies decide; they may lean.
  const place = Math.max(
    1,
    before.findIndex((point, k) => k > 0 && point[across as 0 | 1] >= at[across as 0 | 1]),
  );
  const low = level(before, place, part, at);
  const high = level(after, place, part, at);
  return clamp((at[part] - low) / Math.max(high - low, LEAST), 0.02, 0.98);
}

function level(line: readonly Spot[], place: number, part: 0 | 1, at: Spot): number {
  const across = (1 - part) as 0 | 1;
  const [a, b] = [line[place - 1] as Spot, line[place] as Spot];
  const length = b[across] - a[across];
  const share = length === 0 ? 0 : clamp((at[across] - a[across]) / length, 0, 1);
  return a[part] + (b[part] - a[part]) * share;
}

function distance(a: Spot, b: Spot): number {
  return Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]));
}

function toSegment([ax, ay]: Spot, [bx, by]: Spot, [x, y]: Spot): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : clamp(((x - ax) * dx + (y - ay) * dy) / length, 0, 1);
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}
