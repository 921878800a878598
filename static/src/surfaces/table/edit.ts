/* What people do with a table: lines in and out, cells merged and split. Each gives a new table. */

import {
  type Axis,
  along,
  type Cell,
  cellId,
  cellsIn,
  emptyCell,
  filled,
  inOrder,
  type Lattice,
  lattice,
  meets,
  mix,
  quadOf,
  type Range,
  rangeOf,
  type Table,
  union,
  whole,
} from "./model";

type Spot = [number, number];

/** An even table of empty cells between four corners; without corners it has no place on the picture. */
export function makeTable(rows: number, cols: number, corners: readonly Spot[] | null): Table {
  const cells = Array.from({ length: rows * cols }, (_, at) =>
    emptyCell(Math.floor(at / cols), at % cols),
  );
  const table = { rows, cols, cells };
  return corners ? laid(table, corners) : table;
}

/** The table with even lines between four corners. */
export function laid(table: Table, corners: readonly Spot[]): Table {
  const [a, b, c, d] = corners as [Spot, Spot, Spot, Spot];
  const lines = Array.from({ length: table.rows + 1 }, (_, i) =>
    Array.from({ length: table.cols + 1 }, (_, j) => {
      const share = i / table.rows;
      return mix(mix(a, d, share), mix(b, c, share), j / table.cols);
    }),
  );
  const cells = filled(table).cells;
  return {
    ...table,
    cells: cells.map((cell) => ({ ...cell, value: quadOf(lines, rangeOf(cell)) })),
  };
}

/** One cell set; a cell that says what it said leaves the table as it is. */
export function withCell(table: Table, cell: Cell): Table {
  const id = cellId(cell);
  const others = table.cells.filter((one) => cellId(one) !== id);
  return { ...table, cells: inOrder([...others, cell]) };
}

export interface Cut {
  /** Where the line goes, as a share of the row's height. */
  share: number;
  /** Which part keeps the texts. */
  keep: "first" | "second";
  /** The only cell that is cut; the others reach across the new line. */
  only?: Cell;
}

/** A new line through a row or column, which becomes two. */
export function cut(axis: Axis, table: Table, index: number, how: Cut): Table {
  const only = how.only && cellId(how.only);
  return along(axis, filled(table), (one) => {
    const id = axis === "col" && only ? only.split(":").reverse().join(":") : only;
    return cutRow(one, index, how, id ?? null);
  });
}

function cutRow(table: Table, row: number, how: Cut, only: string | null): Table {
  const lines = lattice(table);
  const line = lines?.[row]?.map((point, j) =>
    mix(point, (lines[row + 1] as Spot[])[j] as Spot, how.share),
  );
  const cells = table.cells.flatMap((cell): Cell[] => {
    if (cell.row > row) return [{ ...cell, row: cell.row + 1 }];
    if (cell.row + cell.rowspan <= row) return [cell];
    const across = only !== null && cellId(cell) !== only;
    if (cell.rowspan > 1 || across) return [{ ...cell, rowspan: cell.rowspan + 1 }];
    const [a, b, c, d] = (cell.value ?? []) as Spot[];
    const left = line?.[cell.col];
    const right = line?.[cell.col + cell.colspan];
    const marked = a && b && c && d && left && right;
    const upper = marked ? [a, b, right, left] : null;
    const lower = marked ? [left, right, c, d] : null;
    const first = how.keep === "first";
    return [
      { ...cell, text: first ? cell.text : "", value: upper },
      { ...cell, row: row + 1, text: first ? "" : cell.text, value: lower },
    ];
  });
  return { ...table, rows: table.rows + 1, cells: inOrder(cells) };
}

/** Take the line before row or column `index` away: what it parted becomes one, texts joined. */
export function joinLine(axis: Axis, table: Table, index: number): Table {
  return along(axis, filled(table), (one) => {
    if (index < 1 || index >= one.rows) return one;
    const lines = lattice(one)?.toSpliced(index, 1) ?? null;
    const cells = one.cells.map((cell) => {
      const end = cell.row + cell.rowspan;
      const top = cell.row >= index ? cell.row - 1 : cell.row;
      return { ...cell, row: top, rowspan: (end > index ? end - 1 : end) - top };
    });
    return { ...one, rows: one.rows - 1, cells: settled(inOrder(cells), lines) };
  });
}

/** Cells of which none shares a place with another: those that do become one. */
function settled(cells: Cell[], lines: Lattice | null): Cell[] {
  const rest = [...cells];
  const done: Cell[] = [];
  for (;;) {
    const cell = rest.shift();
    if (!cell) return inOrder(done);
    const at = [...done, ...rest].findIndex((other) => meets(rangeOf(cell), rangeOf(other)));
    if (at < 0) {
      done.push(cell);
      continue;
    }
    const [other] = at < done.length ? done.splice(at, 1) : rest.splice(at - done.length, 1);
    if (other) rest.unshift(joined([cell, other], union(rangeOf(cell), rangeOf(other)), lines));
  }
}

/** One cell in place of several. */
function joined(cells: readonly Cell[], range: Range, lines: Lattice | null): Cell {
  const sorted = inOrder(cells);
  const marked = lines !== null && cells.some((cell) => cell.value !== null);
  return {
    row: range.top,
    col: range.left,
    rowspan: range.bottom - range.top + 1,
    colspan: range.right - range.left + 1,
    header: sorted[0]?.header ?? false,
    text: sorted
      .map((cell) => cell.text)
      .filter((text) => text.trim() !== "")
      .join("\n"),
    value: marked ? quadOf(lines, range) : null,
  };
}

/** Remove a row or column with its texts; its place on the picture goes to the one before, at an end to nobody. */
export function dropLine(axis: Axis, table: Table, index: number): Table {
  return along(axis, filled(table), (one) => {
    if (one.rows <= 1 || index < 0 || index >= one.rows) return one;
    const lines = lattice(one);
    const last = index === one.rows - 1;
    // The line that goes, and the one that takes the corners on it.
    const gone = last && index > 0 ? one.rows : index;
    const heir = last && index > 0 ? index : index + 1;
    const cells = one.cells.flatMap((cell): Cell[] => {
      const end = cell.row + cell.rowspan;
      const moved = { ...cell, value: shifted(cell, lines, gone, heir) };
      if (end <= index) return [moved];
      if (cell.row > index) return [{ ...moved, row: cell.row - 1 }];
      return cell.rowspan > 1 ? [{ ...moved, rowspan: cell.rowspan - 1 }] : [];
    });
    return { ...one, rows: one.rows - 1, cells: inOrder(cells) };
  });
}

/** The cell's corners, those on one row line moved to another. */
function shifted(cell: Cell, lines: Lattice | null, from: number, to: number): Spot[] | null {
  if (!cell.value || !lines) return cell.value;
  const { row, col, rowspan, colspan } = cell;
  const at = [row, row, row + rowspan, row + rowspan];
  const ends = [col, col + colspan, col + colspan, col];
  return cell.value.map((point, corner) =>
    at[corner] === from ? ((lines[to] as Spot[])[ends[corner] as number] as Spot) : point,
  );
}

/** The cells of a range as one; cells that lie across its edge belong to it. */
export function merge(table: Table, range: Range): Table {
  const full = filled(table);
  const grown = whole(full, range);
  const cells = cellsIn(full, grown);
  if (cells.length < 2) return table;
  const rest = full.cells.filter((cell) => !cells.includes(cell));
  return { ...full, cells: inOrder([...rest, joined(cells, grown, lattice(full))]) };
}

/** A cell's rows (or columns) one by one; a cell of a single one is cut in halves, the others reach across. */
export function split(axis: Axis, table: Table, cell: Cell): Table {
  const span = axis === "row" ? cell.rowspan : cell.colspan;
  if (span === 1) {
    const index = axis === "row" ? cell.row : cell.col;
    return cut(axis, table, index, { share: 0.5, keep: "first", only: cell });
  }
  const lines = cell.value && lattice(table);
  const parts = Array.from({ length: span }, (_, at) => {
    const part =
      axis === "row"
        ? { ...cell, row: cell.row + at, rowspan: 1 }
        : { ...cell, col: cell.col + at, colspan: 1 };
    const text = at === 0 ? cell.text : "";
    return { ...part, text, value: lines && quadOf(lines, rangeOf(part)) };
  });
  const rest = table.cells.filter((one) => cellId(one) !== cellId(cell));
  return { ...table, cells: inOrder([...rest, ...parts]) };
}

/** Every cell of a range with one of its marks changed. */
export function mark(table: Table, range: Range, change: Partial<Cell>): Table {
  const full = filled(table);
  const chosen = new Set(cellsIn(full, range).map(cellId));
  const cells = full.cells.map((cell) =>
    chosen.has(cellId(cell)) ? { ...cell, ...change } : cell,
  );
  return { ...full, cells };
}
