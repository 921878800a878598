/* How a table looks on the picture. */

import type { Ghost, LineRef } from "./layer";
import { type Cell, cellsIn, type Lattice, lattice, type Range, type Table } from "./model";
import { columnsOf, cornersOf } from "./place";

type Spot = [number, number];

export interface TableLook {
  toScreen(point: Spot): Spot;
  table: Table | null;
  lines: Lattice | null;
  range: Range;
  /** The line that is picked or under the pointer. */
  line: LineRef | null;
  handles: boolean;
  ghosts: readonly Ghost[];
  /** Two corners of an outline that is being drawn. */
  outline: [Spot, Spot] | null;
}

const INK = "#0f7670";
const LINE = "#e4572e";
const PAPER = "rgb(255 255 255 / 85%)";
const TYPED = "rgb(15 118 112 / 10%)";
const HEADER = "rgb(230 159 0 / 22%)";
const CHOSEN = "rgb(34 85 143 / 24%)";

export function paintTable(context: CanvasRenderingContext2D, look: TableLook): void {
  const { table, lines, toScreen } = look;
  context.lineJoin = "round";
  for (const ghost of look.ghosts) paintGhost(context, ghost, toScreen);
  if (table && lines) {
    fill(
      context,
      look,
      table.cells.filter((cell) => cell.text !== "" && !cell.header),
      TYPED,
    );
    fill(
      context,
      look,
      table.cells.filter((cell) => cell.header),
      HEADER,
    );
    const chosen = cellsIn(table, look.range);
    fill(context, look, chosen, CHOSEN);
    trace(context, toScreen, table.cells);
    stroke(context, PAPER, 3.5);
    stroke(context, INK, 1.5);
    trace(context, toScreen, chosen);
    stroke(context, "#22558f", 2.5);
    if (look.line) paintLine(context, look, look.line);
    if (look.handles) paintHandles(context, look);
  }
  if (look.outline) {
    const [[ax, ay], [bx, by]] = look.outline;
    const corners: Spot[] = [
      [ax, ay],
      [bx, ay],
      [bx, by],
      [ax, by],
    ];
    context.beginPath();
    ring(context, corners.map(toScreen));
    stroke(context, PAPER, 3.5);
    stroke(context, INK, 1.5);
  }
}

function fill(
  context: CanvasRenderingContext2D,
  { toScreen }: TableLook,
  cells: readonly Cell[],
  color: string,
): void {
  trace(context, toScreen, cells);
  context.fillStyle = color;
  context.fill();
}

function trace(
  context: CanvasRenderingContext2D,
  toScreen: TableLook["toScreen"],
  cells: readonly Cell[],
): void {
  context.beginPath();
  for (const cell of cells) if (cell.value) ring(context, cell.value.map(toScreen));
}

function ring(context: CanvasRenderingContext2D, points: readonly Spot[]): void {
  points.forEach(([x, y], at) => {
    if (at === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  context.closePath();
}

function stroke(context: CanvasRenderingContext2D, color: string, width: number): void {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
}

function paintLine(
  context: CanvasRenderingContext2D,
  { lines, toScreen }: TableLook,
  { axis, index }: LineRef,
): void {
  const line = axis === "row" ? lines?.[index] : lines && columnsOf(lines)[index];
  if (!line) return;
  context.beginPath();
  line.map(toScreen).forEach(([x, y], at) => {
    if (at === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  stroke(context, PAPER, 6);
  stroke(context, LINE, 3);
}

function paintHandles(context: CanvasRenderingContext2D, { lines, toScreen }: TableLook): void {
  if (!lines) return;
  for (const [x, y] of cornersOf(lines).map(toScreen)) {
    context.beginPath();
    context.rect(x - 4.5, y - 4.5, 9, 9);
    context.fillStyle = "#ffffff";
    context.fill();
    stroke(context, INK, 2);
  }
}

function paintGhost(
  context: CanvasRenderingContext2D,
  { table, color }: Ghost,
  toScreen: TableLook["toScreen"],
): void {
  if (!lattice(table)) return;
  context.save();
  context.setLineDash([6, 4]);
  trace(context, toScreen, table.cells);
  stroke(context, color, 2);
  context.restore();
}
