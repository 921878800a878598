/* A table as plain data: cells by row and column, their spans, and where they lie on the picture (upright original
   pixels; corners clockwise from the top left). Nothing here changes what it is given. */

import type { TableCell, TableData } from "../../generated/schemas";
import { round } from "../canvas/geometry";

export type Cell = TableCell;
export type Table = TableData;
type Spot = [number, number];
/** Where the lines cross: rows + 1 lists of cols + 1 points. */
export type Lattice = Spot[][];
export type Axis = "row" | "col";

export interface Range {
  top: number;
  left: number;
  /** The last row and column, included. */
  bottom: number;
  right: number;
}

/** The most rows, and columns, and the most cells; the server's limits. */
export const MOST_LINES = 1000;
export const MOST_CELLS = 20_000;

/** How operations name a cell. */
export function cellId(cell: { row: number; col: number }): string {
  return `${cell.row}:${cell.col}`;
}

export function emptyCell(row: number, col: number, value: Spot[] | null = null): Cell {
  return { row, col, rowspan: 1, colspan: 1, header: false, text: "", value };
}

export function inOrder(cells: readonly Cell[]): Cell[] {
  return [...cells].sort((a, b) => a.row - b.row || a.col - b.col);
}

export function rangeOf(cell: Cell): Range {
  const { row, col, rowspan, colspan } = cell;
  return { top: row, left: col, bottom: row + rowspan - 1, right: col + colspan - 1 };
}

export function meets(a: Range, b: Range): boolean {
  return a.top <= b.bottom && b.top <= a.bottom && a.left <= b.right && b.left <= a.right;
}

export function union(a: Range, b: Range): Range {
  return {
    top: Math.min(a.top, b.top),
    left: Math.min(a.left, b.left),
    bottom: Math.max(a.bottom, b.bottom),
    right: Math.max(a.right, b.right),
  };
}

/** Which cell takes each place; null where none does. */
export function places(table: Table): (Cell | null)[][] {
  const found = Array.from({ length: table.rows }, () =>
    new Array<Cell | null>(table.cols).fill(null),
  );
  for (const cell of table.cells) {
    const { top, left, bottom, right } = rangeOf(cell);
    for (let row = top; row <= bottom; row++) found[row]?.fill(cell, left, right + 1);
  }
  return found;
}

export function cellAt(table: Table, row: number, col: number): Cell | null {
  const at = { top: row, left: col, bottom: row, right: col };
  return table.cells.find((cell) => meets(rangeOf(cell), at)) ?? null;
}

/** The range, grown until no cell lies across its edge. */
export function whole(table: Table, range: Range): Range {
  for (;;) {
    const grown = table.cells
      .map(rangeOf)
      .filter((one) => meets(one, range))
      .reduce(union, range);
    if (sameRange(grown, range)) return range;
    range = grown;
  }
}

export function sameRange(a: Range, b: Range): boolean {
  return a.top === b.top && a.left === b.left && a.bottom === b.bottom && a.right === b.right;
}

/** The cells that begin in the range, row by row. */
export function cellsIn(table: Table, range: Range): Cell[] {
  return inOrder(table.cells.filter((cell) => meets(rangeOf(cell), range)));
}

/** Rows for columns and columns for rows. */
export function transposed(table: Table): Table {
  const cells = table.cells.map((cell) => ({
    ...cell,
    row: cell.col,
    col: cell.row,
    rowspan: cell.colspan,
    colspan: cell.rowspan,
    value: cell.value && flipped(cell.value),
  }));
  return { rows: table.cols, cols: table.rows, cells: inOrder(cells) };
}

/** Do to the columns what `change` does to rows. */
export function along(axis: Axis, table: Table, change: (table: Table) => Table): Table {
  return axis === "row" ? change(table) : transposed(change(transposed(table)));
}

function flipped(corners: readonly Spot[]): Spot[] {
  const [a, b, c, d] = corners as [Spot, Spot, Spot, Spot];
  return [a, d, c, b];
}

// --- where the lines cross -------------------------------------------------------------------------------------------

/** The crossings of the lines, the mean of the corners that meet there; null for a table that is not on the picture. */
export function lattice(table: Table): Lattice | null {
  const known = sums(table);
  if (!known.some((line) => line.some((point) => point !== null))) return null;
  // Inside merged cells and beside unmarked ones there are no corners: points between their neighbours.
  const lines = known.map(between);
  const columns = turn(turn(lines).map(between));
  return rest(columns.map(between));
}

function sums(table: Table): (Spot | null)[][] {
  const all = Array.from({ length: table.rows + 1 }, () =>
    Array.from({ length: table.cols + 1 }, () => ({ x: 0, y: 0, n: 0 })),
  );
  for (const cell of table.cells) {
    if (!cell.value) continue;
    const { row, col, rowspan, colspan } = cell;
    const ends = [
      [row, col],
      [row, col + colspan],
      [row + rowspan, col + colspan],
      [row + rowspan, col],
    ] as const;
    ends.forEach(([i, j], corner) => {
      const sum = all[i]?.[j];
      const point = cell.value?.[corner];
      if (!sum || !point) return;
      sum.x += point[0];
      sum.y += point[1];
      sum.n++;
    });
  }
  return all.map((line) =>
    line.map(({ x, y, n }) => (n === 0 ? null : [round(x / n), round(y / n)])),
  );
}

function turn<T>(lines: readonly (readonly T[])[]): T[][] {
  return (lines[0] ?? []).map((_, j) => lines.map((line) => line[j] as T));
}

/** The line with its gaps filled in between known points. */
function between(line: readonly (Spot | null)[]): (Spot | null)[] {
  const filled = [...line];
  let last = -1;
  for (let at = 0; at < line.length; at++) {
    const point = line[at];
    if (!point) continue;
    const from = line[last];
    if (from) {
      for (let i = last + 1; i < at; i++) filled[i] = mix(from, point, (i - last) / (at - last));
    }
    last = at;
  }
  return filled;
}

/** What is still unknown lies straight below and beside what is known. */
function rest(lines: readonly (readonly (Spot | null)[])[]): Lattice {
  const ys = spread(lines.map((line) => mean(line, 1)));
  const xs = spread(turn(lines).map((line) => mean(line, 0)));
  return lines.map((line, i) =>
    line.map((point, j) => point ?? [round(xs[j] as number), round(ys[i] as number)]),
  );
}

function mean(points: readonly (Spot | null)[], part: 0 | 1): number | null {
  const known = points.flatMap((point) => (point ? [point[part]] : []));
  return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0) / known.length;
}

/** Numbers in between for those that are missing; beyond the ends, the last step goes on. */
function spread(values: readonly (number | null)[]): number[] {
  const known = values.flatMap((value, at) => (value === null ? [] : [{ at, value }]));
  return values.map((value, at) => {
    if (value !== null) return value;
    const before = known.findLast((one) => one.at < at);
    const after = known.find((one) => one.at > at);
    if (before && after) {
      const share = (at - before.at) / (after.at - before.at);
      return before.value + (after.value - before.value) * share;
    }
    const near = (before ?? after) as { at: number; value: number };
    const other = known[before ? known.indexOf(near) - 1 : 1];
    const step = other ? (near.value - other.value) / (near.at - other.at) : 0;
    return near.value + step * (at - near.at);
  });
}

export function mix(a: Spot, b: Spot, share: number): Spot {
  return [round(a[0] + (b[0] - a[0]) * share), round(a[1] + (b[1] - a[1]) * share)];
}

/** The outline of a range between the crossings. */
export function quadOf(lines: Lattice, range: Range): Spot[] {
  const { top, left, bottom, right } = range;
  return [
    [top, left],
    [top, right + 1],
    [bottom + 1, right + 1],
    [bottom + 1, left],
  ].map(([i, j]) => (lines[i as number] as Spot[])[j as number] as Spot);
}

/** The table with an empty cell in every place that no cell takes. */
export function filled(table: Table): Table {
  const taken = places(table);
  const holes: Cell[] = [];
  const lines = taken.some((line) => line.includes(null)) ? lattice(table) : null;
  taken.forEach((line, row) => {
    line.forEach((cell, col) => {
      if (cell) return;
      const empty = emptyCell(row, col);
      holes.push({ ...empty, value: lines && quadOf(lines, rangeOf(empty)) });
    });
  });
  return holes.length === 0 ? table : { ...table, cells: inOrder([...table.cells, ...holes]) };
}

/** Whether every marked cell encloses something, as the server demands. */
export function isSound(table: Table): boolean {
  return (
    table.rows <= MOST_LINES &&
    table.cols <= MOST_LINES &&
    table.rows * table.cols <= MOST_CELLS &&
    table.cells.every((cell) => !cell.value || signedArea(cell.value) > 0)
  );
}

function signedArea(corners: readonly Spot[]): number {
  return corners.reduce((sum, [x, y], at) => {
    const [nx, ny] = corners[(at + 1) % corners.length] as Spot;
    return sum + x * ny - nx * y;
  }, 0);
}
