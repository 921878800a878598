import { describe, expect, it } from "vitest";
import { fromTsv, pasted, tableOf, toHtml, toTsv } from "./clipboard";
import { cut, dropLine, joinLine, laid, makeTable, mark, merge, split, withCell } from "./edit";
import {
  type Axis,
  cellAt,
  cellId,
  cellsIn,
  filled,
  inOrder,
  isSound,
  lattice,
  places,
  quadOf,
  type Range,
  rangeOf,
  type Table,
  transposed,
} from "./model";
import {
  cornersOf,
  hitTable,
  moveCorner,
  moveCrossing,
  moveLine,
  moveTable,
  placeTable,
  shareAt,
} from "./place";

const SIZE = { width: 640, height: 480 };
const CORNERS: [number, number][] = [
  [100, 50],
  [400, 50],
  [400, 250],
  [100, 250],
];

/** A table whose cells say where they were at first. */
function numbered(rows: number, cols: number, corners: [number, number][] | null = CORNERS): Table {
  const table = makeTable(rows, cols, corners);
  return { ...table, cells: table.cells.map((cell) => ({ ...cell, text: cellId(cell) })) };
}

function range(top: number, left: number, bottom: number, right: number): Range {
  return { top, left, bottom, right };
}

function texts(table: Table): (string | null)[][] {
  return places(table).map((line) => line.map((cell) => cell?.text ?? null));
}

function words(table: Table): string[] {
  return table.cells.flatMap((cell) => cell.text.split("\n").filter(Boolean)).sort();
}

/** What is true of every table that is made here. */
function check(table: Table): void {
  expect(isSound(table)).toBe(true);
  expect(inOrder(table.cells)).toEqual(table.cells);
  const area = table.cells.reduce((sum, cell) => sum + cell.rowspan * cell.colspan, 0);
  expect(area).toBe(table.rows * table.cols);
  expect(places(table).flat()).not.toContain(null);
  const lines = lattice(table);
  for (const cell of table.cells) {
    for (const [x, y] of cell.value ?? []) {
      expect(x).toBe(Math.round(x * 100) / 100);
      expect(x >= 0 && x <= SIZE.width && y >= 0 && y <= SIZE.height).toBe(true);
    }
    // No corner is torn from the lines that it lies on.
    if (cell.value && lines) expect(quadOf(lines, rangeOf(cell))).toEqual(cell.value);
  }
  expect(transposed(transposed(table))).toEqual(table);
}

describe("the model", () => {
  it("makes even tables, and lays them on a picture later", () => {
    const table = makeTable(2, 3, CORNERS);
    expect(table.cells[4]?.value).toEqual([
      [200, 150],
      [300, 150],
      [300, 250],
      [200, 250],
    ]);
    expect(laid(makeTable(2, 3, null), CORNERS)).toEqual(table);
    expect(lattice(makeTable(2, 3, null))).toBeNull();
    check(table);
  });

  it("finds crossings inside merged cells, and fills holes", () => {
    const table = merge(makeTable(3, 3, CORNERS), range(0, 0, 2, 1));
    expect(lattice(table)?.[1]?.[1]).toEqual([200, 116.67]);
    const holed = { ...table, cells: table.cells.filter((cell) => cell.row !== 1) };
    expect(places(holed)[1]?.[2]).toBeNull();
    expect(filled(holed)).toEqual(table);
  });

  it("extends lines beyond what is marked", () => {
    const table = makeTable(1, 3, CORNERS);
    const unmarked = table.cells.map((cell) => (cell.col === 0 ? cell : { ...cell, value: null }));
    expect(lattice({ ...table, cells: unmarked })?.[0]).toEqual(lattice(table)?.[0]);
  });
});

describe("editing", () => {
  it("cuts rows and columns: merged cells reach across, one part keeps the texts", () => {
    const table = merge(numbered(2, 2), range(0, 0, 1, 0));
    const more = cut("row", table, 0, { share: 0.25, keep: "second" });
    expect(texts(more)).toEqual([
      ["0:0\n1:0", ""],
      ["0:0\n1:0", "0:1"],
      ["0:0\n1:0", "1:1"],
    ]);
    expect(cellAt(more, 0, 1)?.value?.[2]).toEqual([400, 75]);
    check(more);
    const wide = cut("col", table, 1, { share: 0.5, keep: "first" });
    expect(texts(wide)[0]).toEqual(["0:0\n1:0", "0:1", ""]);
    check(wide);
  });

  it("takes lines away: texts come together, spans shrink", () => {
    const table = joinLine("row", numbered(3, 2), 1);
    expect(texts(table)).toEqual([
      ["0:0\n1:0", "0:1\n1:1"],
      ["2:0", "2:1"],
    ]);
    check(table);
    const crooked = joinLine("row", merge(numbered(3, 2), range(0, 0, 1, 0)), 2);
    expect(texts(crooked)).toEqual([
      ["0:0\n1:0\n2:0", "0:1"],
      ["0:0\n1:0\n2:0", "1:1\n2:1"],
    ]);
    check(crooked);
    expect(joinLine("row", table, 0)).toEqual(table);
  });

  it("drops rows: their place goes to the one before, at the ends to nobody", () => {
    const table = numbered(4, 1);
    const middle = dropLine("row", table, 1);
    expect(middle.cells.map((cell) => cell.value?.[2]?.[1])).toEqual([150, 200, 250]);
    expect(words(middle)).toEqual(["0:0", "2:0", "3:0"]);
    expect(dropLine("row", table, 0).cells[0]?.value?.[0]).toEqual([100, 100]);
    expect(dropLine("row", table, 3).cells.at(-1)?.value?.[2]).toEqual([400, 200]);
    const only = numbered(1, 2);
    expect(dropLine("row", only, 0)).toEqual(only);
    const tall = dropLine("row", merge(numbered(3, 2), range(1, 0, 2, 0)), 1);
    expect(texts(tall)).toEqual([
      ["0:0", "0:1"],
      ["1:0\n2:0", "2:1"],
    ]);
    check(tall);
  });

  it("merges with what lies across the edge, and splits again", () => {
    const first = merge(numbered(3, 3), range(0, 0, 1, 0));
    const second = merge(first, range(1, 0, 1, 1));
    expect(second.cells[0]).toMatchObject({ rowspan: 2, colspan: 2, text: "0:0\n1:0\n0:1\n1:1" });
    expect(second.cells[0]?.value).toEqual([
      [100, 50],
      [300, 50],
      [300, 183.33],
      [100, 183.33],
    ]);
    const rows = split("row", second, second.cells[0] as never);
    expect(rows.cells.slice(0, 1)).toMatchObject([{ rowspan: 1, colspan: 2 }]);
    check(rows);
    const cols = split("col", rows, rows.cells[0] as never);
    expect(cols.cells[0]).toMatchObject({ rowspan: 1, colspan: 1 });
    check(cols);
    const alone = numbered(2, 2);
    const halves = split("row", alone, alone.cells[1] as never);
    expect(texts(halves)).toEqual([
      ["0:0", "0:1"],
      ["0:0", ""],
      ["1:0", "1:1"],
    ]);
    check(halves);
    check(split("col", alone, alone.cells[2] as never));
    expect(merge(alone, range(0, 0, 0, 0))).toBe(alone);
  });

  it("marks cells as headers, all places of a range", () => {
    const table = mark(numbered(2, 2), range(0, 0, 0, 1), { header: true });
    expect(table.cells.map((cell) => cell.header)).toEqual([true, true, false, false]);
  });
});

describe("on the picture", () => {
  const table = merge(numbered(2, 2), range(0, 0, 0, 1));

  it("lines move between their neighbours, with every cell on them", () => {
    const moved = moveLine("row", table, 1, 20, SIZE);
    expect(moved.cells.map((cell) => cell.value?.[0]?.[1])).toEqual([50, 170, 170]);
    check(moved);
    expect(moveLine("row", table, 1, 1000, SIZE).cells[1]?.value?.[0]?.[1]).toBe(249);
    expect(moveLine("col", table, 0, -1000, SIZE).cells[0]?.value?.[0]).toEqual([0, 50]);
    expect(moveLine("col", table, 2, 1000, SIZE).cells[0]?.value?.[1]).toEqual([640, 50]);
  });

  it("corners stretch the whole, crossings move alone", () => {
    const moved = moveCorner(table, 2, [500, 350], SIZE);
    expect(cornersOf(lattice(moved) as never)).toEqual([
      [100, 50],
      [400, 50],
      [500, 350],
      [100, 250],
    ]);
    expect(cellAt(moved, 1, 0)?.value?.[2]).toEqual([300, 300]);
    check(moved);
    expect(cellAt(moveCrossing(table, 2, 1, [260, 260], SIZE), 1, 1)?.value?.[3]).toEqual([
      260, 260,
    ]);
  });

  it("the whole moves and is placed by numbers, inside the picture", () => {
    check(moveTable(table, 1000, 1000, SIZE));
    expect(moveTable(table, 1000, 1000, SIZE).cells.at(-1)?.value?.[2]).toEqual([640, 480]);
    const box = { minX: 0, minY: 0, maxX: 600, maxY: 400 };
    expect(placeTable(table, box, SIZE).cells[1]?.value).toEqual([
      [0, 200],
      [300, 200],
      [300, 400],
      [0, 400],
    ]);
  });

  it("is hit at corners, lines and places", () => {
    const lines = lattice(table) as never;
    expect(hitTable(lines, [101, 51], 4)).toEqual({ kind: "corner", corner: 0 });
    expect(hitTable(lines, [300, 152], 4)).toEqual({ kind: "line", axis: "row", index: 1 });
    expect(hitTable(lines, [251, 200], 4)).toEqual({ kind: "line", axis: "col", index: 1 });
    expect(hitTable(lines, [251, 151], 4, true)).toEqual({ kind: "crossing", i: 1, j: 1 });
    expect(hitTable(lines, [300, 100], 4)).toEqual({ kind: "inside", row: 0, col: 1 });
    expect(hitTable(lines, [500, 100], 4)).toBeNull();
    expect(shareAt("row", lines, 0, [300, 75])).toBe(0.25);
    expect(shareAt("col", lines, 1, [325, 75])).toBe(0.5);
  });
});

describe("the clipboard", () => {
  it("reads what spreadsheets write", () => {
    const clip = fromTsv('a\t"b\nb ""q"""\r\n\t"x\r\n');
    expect(clip).toMatchObject({ rows: 2, cols: 2 });
    expect(clip.cells.map((cell) => cell.text)).toEqual(["a", 'b\nb "q"', "", '"x']);
    expect(fromTsv("one").cells).toHaveLength(1);
    expect(fromTsv("a\u0000b\ud800").cells[0]?.text).toBe("ab");
  });

  it("writes it in the same way, texts escaped in HTML", () => {
    const table = mark(tableOf(fromTsv('a<b>&\t"x\ny"\n1\t2')), range(0, 0, 0, 0), {
      header: true,
    });
    const all = range(0, 0, 1, 1);
    expect(toTsv(table, all)).toBe('a<b>&\t"x\ny"\n1\t2');
    expect(toHtml(table, all)).toBe(
      "<table><tr><th>a&lt;b&gt;&amp;</th><td>x<br>y</td></tr><tr><td>1</td><td>2</td></tr></table>",
    );
    const merged = merge(table, range(0, 0, 1, 0));
    expect(toHtml(merged, all)).toContain('<th rowspan="2">a&lt;b&gt;&amp;<br>1</th>');
    expect(toTsv(merged, all)).toBe('"a<b>&\n1"\t"x\ny"\n\t2');
  });

  it("is pasted over what is there; the table grows at its end", () => {
    const table = pasted(numbered(2, 2), { row: 1, col: 1 }, fromTsv("x\ty\nz\tw"));
    expect(texts(table)).toEqual([
      ["0:0", "0:1", ""],
      ["1:0", "x", "y"],
      ["", "z", "w"],
    ]);
    check(table);
    const clip = {
      rows: 1,
      cols: 2,
      cells: [{ row: 0, col: 0, rowspan: 1, colspan: 2, text: "wide" }],
    };
    const wide = pasted(numbered(2, 2), { row: 0, col: 0 }, clip);
    expect(wide.cells[0]).toMatchObject({ colspan: 2, text: "wide" });
    check(wide);
  });
});

/** Numbers that are the same in every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return Math.floor((state / 4294967296) * below);
  };
}

describe("any sequence of edits", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("keeps the table whole (%i)", (seed) => {
    const random = seeded(seed * 7919);
    let table = numbered(1 + random(4), 1 + random(4), seed % 2 === 0 ? null : CORNERS);
    for (let step = 0; step < 120; step++) {
      const axis: Axis = random(2) === 0 ? "row" : "col";
      const count = axis === "row" ? table.rows : table.cols;
      const before = words(table);
      const cell = table.cells[random(table.cells.length)] as Table["cells"][number];
      const [top, left] = [random(table.rows), random(table.cols)];
      const area = range(
        top,
        left,
        Math.min(table.rows - 1, top + random(3)),
        Math.min(table.cols - 1, left + random(3)),
      );
      const keep = random(2) === 0 ? "first" : "second";
      const edits: (() => Table)[] = [
        () => cut(axis, table, random(count), { share: 0.2 + random(6) / 10, keep }),
        () => joinLine(axis, table, random(count)),
        () => merge(table, area),
        () => split(axis, table, cell),
        () => moveLine(axis, table, random(count + 1), random(80) - 40, SIZE),
        () => moveTable(table, random(80) - 40, random(80) - 40, SIZE),
        () => dropLine(axis, table, random(count)),
        () => mark(table, area, { header: random(2) === 0 }),
        () => pasted(table, { row: top, col: left }, fromTsv("p")),
        () => withCell(table, { ...cell, header: !cell.header }),
      ];
      const kind = random(edits.length);
      const next = (edits[kind] as () => Table)();
      // A page refuses what became too thin, and what grew beyond reason.
      if (!isSound(next) || next.rows > 12 || next.cols > 12) continue;
      check(next);
      if (kind < 6) expect(words(next)).toEqual(before);
      expect(cellsIn(next, range(0, 0, next.rows - 1, next.cols - 1))).toEqual(next.cells);
      table = next;
    }
  });
});
