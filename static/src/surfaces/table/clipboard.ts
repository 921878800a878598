/* Cells as a spreadsheet copies and pastes them: text with tabs, and an HTML table. */

import { cut, mark, merge } from "./edit";
import {
  type Cell,
  cellId,
  cellsIn,
  emptyCell,
  filled,
  MOST_CELLS,
  MOST_LINES,
  places,
  type Range,
  type Table,
} from "./model";

/** What was copied: rows and columns of texts, and which of them span others. */
export interface Clip {
  rows: number;
  cols: number;
  cells: { row: number; col: number; rowspan: number; colspan: number; text: string }[];
}

/** Longer texts are cut: the server takes no more. */
const MOST_TEXT = 20_000;

/** What no stored text may hold; line breaks are one character. */
export function clean(text: string): string {
  return (
    text
      .replace(/\r\n?/g, "\n")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go.
      .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]|\p{Surrogate}/gu, "")
      .slice(0, MOST_TEXT)
      // No half of a pair at the cut.
      .replace(/\p{Surrogate}$/u, "")
  );
}

/** Rows of tab-separated texts; a text in quotes may hold tabs, line breaks and doubled quotes. */
export function fromTsv(given: string): Clip {
  const text = given.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const rows: string[][] = [[]];
  for (let at = 0; at <= text.length; ) {
    let value: string;
    if (text[at] === '"') {
      [value, at] = quoted(text, at);
    } else {
      const end = text.slice(at).search(/[\t\n]/);
      value = end < 0 ? text.slice(at) : text.slice(at, at + end);
      at += value.length;
    }
    rows.at(-1)?.push(clean(value));
    if (text[at] === "\n") rows.push([]);
    at++;
  }
  return clipOf(rows);
}

/** A text in quotes and where it ends; quotes that are never closed are ordinary signs. */
function quoted(text: string, start: number): [string, number] {
  const found = /^"((?:[^"]|"")*)"(?=[\t\n]|$)/.exec(text.slice(start));
  if (found) return [(found[1] as string).replaceAll('""', '"'), start + found[0].length];
  const plain = /^[^\t\n]*/.exec(text.slice(start))?.[0] ?? "";
  return [plain, start + plain.length];
}

function clipOf(rows: readonly (readonly string[])[]): Clip {
  const limited = rows.slice(0, MOST_LINES);
  const cols = Math.min(MOST_LINES, Math.max(1, ...limited.map((row) => row.length)));
  const kept = limited.slice(0, Math.max(1, Math.floor(MOST_CELLS / cols)));
  return {
    rows: kept.length,
    cols,
    cells: kept.flatMap((row, at) =>
      row.slice(0, cols).map((text, col) => ({ row: at, col, rowspan: 1, colspan: 1, text })),
    ),
  };
}

/** The first table of a piece of HTML, or null where there is none. The document made of it runs and loads nothing. */
export function fromHtml(html: string): Clip | null {
  const table = new DOMParser().parseFromString(html, "text/html").querySelector("table");
  if (!table) return null;
  const taken = new Set<string>();
  const cells: Clip["cells"] = [];
  let cols = 0;
  const rows = [...table.rows].slice(0, MOST_LINES);
  rows.forEach((line, row) => {
    let col = 0;
    for (const cell of line.cells) {
      while (taken.has(`${row}:${col}`)) col++;
      if (col >= MOST_LINES || taken.size >= MOST_CELLS) break;
      const room = Math.max(1, Math.floor((MOST_CELLS - taken.size) / Math.max(1, cell.rowSpan)));
      const rowspan = Math.max(1, Math.min(cell.rowSpan || rows.length, rows.length - row));
      const colspan = Math.max(1, Math.min(cell.colSpan, MOST_LINES - col, room));
      for (let i = row; i < row + rowspan; i++) {
        for (let j = col; j < col + colspan; j++) taken.add(`${i}:${j}`);
      }
      cells.push({ row, col, rowspan, colspan, text: textOf(cell) });
      col += colspan;
      cols = Math.max(cols, col);
    }
  });
  return cells.length > 0 ? { rows: rows.length, cols, cells } : null;
}

function textOf(cell: Element): string {
  for (const end of cell.querySelectorAll("br")) end.replaceWith("\n");
  const lines = (cell.textContent ?? "").split("\n").map((line) => line.trim());
  return clean(lines.join("\n").trim());
}

/** Put what was copied at a place; the table grows at its end where it is too small. */
export function pasted(table: Table, at: { row: number; col: number }, clip: Clip): Table {
  let next = filled(table);
  for (const axis of ["row", "col"] as const) {
    const needed = axis === "row" ? at.row + clip.rows : at.col + clip.cols;
    let have = axis === "row" ? next.rows : next.cols;
    for (; have < needed && have < MOST_LINES; have++) {
      // What is left of the last one is shared evenly by those that come.
      const share = 1 / (needed - have + 1);
      next = cut(axis, next, have - 1, { share, keep: "first" });
    }
  }
  const texts = new Map<string, string>();
  for (const one of clip.cells) {
    const row = at.row + one.row;
    const col = at.col + one.col;
    if (row >= next.rows || col >= next.cols) continue;
    texts.set(cellId({ row, col }), one.text);
    if (one.rowspan === 1 && one.colspan === 1) continue;
    const area = {
      top: row,
      left: col,
      bottom: Math.min(next.rows, row + one.rowspan) - 1,
      right: Math.min(next.cols, col + one.colspan) - 1,
    };
    next = merge(mark(next, area, { text: "" }), area);
  }
  // A place inside a merged cell has no text of its own.
  const cells = next.cells.map((cell) => {
    const text = texts.get(cellId(cell));
    return text === undefined ? cell : { ...cell, text };
  });
  return { ...next, cells };
}

/** A table made of what was copied. */
export function tableOf(clip: Clip): Table {
  const cells: Cell[] = clip.cells.map((one) => ({
    ...emptyCell(one.row, one.col),
    rowspan: one.rowspan,
    colspan: one.colspan,
    text: one.text,
  }));
  return filled({ rows: clip.rows, cols: clip.cols, cells });
}

export function toTsv(table: Table, range: Range): string {
  const found = places(table);
  const lines: string[] = [];
  for (let row = range.top; row <= range.bottom; row++) {
    const texts: string[] = [];
    for (let col = range.left; col <= range.right; col++) {
      const cell = found[row]?.[col];
      const first = cell?.row === row && cell.col === col;
      texts.push(first ? shielded(cell.text) : "");
    }
    lines.push(texts.join("\t"));
  }
  return lines.join("\n");
}

function shielded(text: string): string {
  return /[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The range as an HTML table, every text escaped. */
export function toHtml(table: Table, range: Range): string {
  const rows: string[] = [];
  for (let row = range.top; row <= range.bottom; row++) {
    const cells = cellsIn(table, range).filter((cell) => cell.row === row);
    rows.push(`<tr>${cells.map(cellHtml).join("")}</tr>`);
  }
  return `<table>${rows.join("")}</table>`;
}

function cellHtml(cell: Cell): string {
  const tag = cell.header ? "th" : "td";
  const spans =
    (cell.rowspan > 1 ? ` rowspan="${cell.rowspan}"` : "") +
    (cell.colspan > 1 ? ` colspan="${cell.colspan}"` : "");
  return `<${tag}${spans}>${escaped(cell.text).replaceAll("\n", "<br>")}</${tag}>`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
