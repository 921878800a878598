/* One table question being worked on: where the cursor is, what is typed, which tool is up, and every change. */

import { batch, type Signal, signal } from "@preact/signals";
import { say } from "../../core/flow";
import { t } from "../../core/i18n";
import { setElement, setPart } from "../../core/oplog";
import type { Session } from "../../core/session";
import type { Sheet } from "../../core/sheet";
import type { Question } from "../../core/types";
import type { TableElement } from "../../generated/schemas";
import { round, type Size } from "../../surfaces/canvas/geometry";
import { type Clip, clean, pasted, tableOf } from "../../surfaces/table/clipboard";
import {
  cut,
  dropLine,
  joinLine,
  laid,
  makeTable,
  mark,
  merge,
  split,
} from "../../surfaces/table/edit";
import type { LineRef, Mode } from "../../surfaces/table/layer";
import {
  type Axis,
  type Cell,
  cellAt,
  cellId,
  cellsIn,
  emptyCell,
  isSound,
  lattice,
  type Range,
  rangeOf,
  type Table,
  whole,
} from "../../surfaces/table/model";
import { moveLine } from "../../surfaces/table/place";

interface Place {
  row: number;
  col: number;
}

/** A text that is being typed: it goes into its cell at the end, as one operation. */
export interface Draft {
  sheet: Sheet;
  row: number;
  col: number;
  text: string;
  /** Arrow keys move in the text (F2), not to the next cell. */
  caret: boolean;
}

export class TableDesk {
  readonly cursor = signal<Place>({ row: 0, col: 0 });
  /** The other end of what is chosen. */
  readonly anchor = signal<Place>({ row: 0, col: 0 });
  readonly draft = signal<Draft | null>(null);
  readonly mode = signal<Mode>("point");
  /** The line that was clicked on the picture. */
  readonly line = signal<LineRef | null>(null);
  readonly preview = signal(false);
  /** Rows and columns of a table that is drawn next. */
  readonly size = signal<{ rows: number; cols: number }>({ rows: 4, cols: 3 });
  /** Where typing goes; set by the grid while it is there. */
  readonly focus: Signal<() => void> = signal(() => undefined);
  /** The column in which a run of Tab began: Enter goes back there, a row on. */
  private runFrom: number | null = null;

  constructor(
    readonly session: Session,
    readonly question: Question,
  ) {}

  /** The table of the open item; readers follow its changes. */
  get table(): Table | null {
    const document = this.session.sheet.value?.document;
    if (!document) return null;
    void document.questionVersion(this.question.questionId).value;
    return this.peek();
  }

  peek(): Table | null {
    const element = this.session.sheet.peek()?.document.value(this.question.questionId);
    return (element?.data as Table | undefined) ?? null;
  }

  get frozen(): boolean {
    return this.session.frozen.peek() !== null;
  }

  /** The picture's size, or null where it is not known and nothing can be marked. */
  picture(): Size | null {
    const media = this.session.payload.peek()?.media[this.question.field ?? ""];
    return media?.width && media.height ? { width: media.width, height: media.height } : null;
  }

  /** What is chosen, whole cells. */
  get range(): Range {
    const [a, b] = [this.cursor.value, this.anchor.value];
    const table = this.peek();
    const both = {
      top: Math.min(a.row, b.row),
      left: Math.min(a.col, b.col),
      bottom: Math.max(a.row, b.row),
      right: Math.max(a.col, b.col),
    };
    return table ? whole(table, both) : both;
  }

  /** The cell under the cursor, an empty one where none is. */
  active(): Cell {
    const { row, col } = this.cursor.peek();
    const table = this.peek();
    return (table && cellAt(table, row, col)) ?? emptyCell(row, col);
  }

  /** Begin anew with another item. */
  reset(): void {
    batch(() => {
      this.endDraft(true);
      this.cursor.value = { row: 0, col: 0 };
      this.anchor.value = { row: 0, col: 0 };
      this.mode.value = "point";
      this.line.value = null;
    });
  }

  // --- where ------------------------------------------------------------------------------------------------------

  /** Put the cursor on a place of the table; `extend` keeps the other end of what is chosen. */
  go(place: Place, extend = false): void {
    const to = this.inside(place);
    this.runFrom = null;
    batch(() => {
      this.cursor.value = to;
      if (!extend) this.anchor.value = to;
      this.line.value = null;
    });
  }

  private inside({ row, col }: Place): Place {
    const table = this.peek();
    return {
      row: Math.max(0, Math.min(row, (table?.rows ?? 1) - 1)),
      col: Math.max(0, Math.min(col, (table?.cols ?? 1) - 1)),
    };
  }

  /** On from the cursor's cell; false at the table's edge. */
  step(axis: Axis, by: 1 | -1, extend = false): boolean {
    const table = this.peek();
    if (!table) return false;
    const at = this.cursor.peek();
    const cell = rangeOf(this.active());
    const to =
      axis === "row"
        ? { row: by > 0 ? cell.bottom + 1 : cell.top - 1, col: at.col }
        : { row: at.row, col: by > 0 ? cell.right + 1 : cell.left - 1 };
    const inside = to.row >= 0 && to.col >= 0 && to.row < table.rows && to.col < table.cols;
    if (inside) this.go(to, extend);
    else if (!extend) this.go(at);
    return inside;
  }

  /** The next cell as Tab goes through them, row by row; false behind the last one. */
  tab(by: 1 | -1): boolean {
    const table = this.peek();
    if (!table) return false;
    const all = cellsIn(table, everything(table));
    const at = all.findIndex((cell) => cellId(cell) === cellId(this.active()));
    const next = all[at + by];
    const from = this.runFrom ?? this.cursor.peek().col;
    if (next) this.go(next);
    this.runFrom = from;
    return next !== undefined;
  }

  /** A row on, or back, as Enter goes. */
  enter(by: 1 | -1): void {
    const col = this.runFrom;
    this.step("row", by);
    if (col !== null) this.go({ row: this.cursor.peek().row, col });
  }

  choose(range: Range): void {
    batch(() => {
      this.go({ row: range.bottom, col: range.right });
      this.cursor.value = { row: range.top, col: range.left };
    });
  }

  // --- changes ----------------------------------------------------------------------------------------------------

  /** Make this the table, in one step; what is too small or too large to be stored is refused. */
  set(next: Table | null, group: string | null = null): boolean {
    const document = this.session.sheet.peek()?.document;
    const before = this.peek();
    if (!document || this.frozen) return false;
    if (next && JSON.stringify(next) === JSON.stringify(before)) return true;
    if (next && !isSound(next)) {
      say(this.session, t("table.refused"), "warn");
      return false;
    }
    const { questionId } = this.question;
    const element: TableElement | null = next && { questionId, type: "table", data: next };
    this.session.commit([setElement(document, questionId, element)], group);
    batch(() => {
      this.cursor.value = this.inside(this.cursor.peek());
      this.anchor.value = this.inside(this.anchor.peek());
    });
    return true;
  }

  private change(change: (table: Table) => Table, group: string | null = null): boolean {
    const table = this.peek();
    return table !== null && this.set(change(table), group);
  }

  begin(text: string, caret: boolean): void {
    const sheet = this.session.sheet.peek();
    if (!sheet || this.frozen || !this.peek()) return;
    const { row, col } = this.active();
    this.draft.value = { sheet, row, col, text, caret };
  }

  /** What is typed goes into its cell, or is dropped. */
  endDraft(keep: boolean): void {
    const draft = this.draft.peek();
    if (!draft) return;
    this.draft.value = null;
    if (!keep) return;
    // The item may be another one by now, or the same one built anew.
    const open = this.session.sheet.peek();
    const sheet = open?.position === draft.sheet.position ? open : draft.sheet;
    if (this.session.whyFrozen(sheet.payload.peek()) !== null) return;
    const { document, log } = sheet;
    const { questionId } = this.question;
    const table = document.value(questionId)?.data as Table | undefined;
    if (!table || draft.row >= table.rows || draft.col >= table.cols) return;
    const cell = cellAt(table, draft.row, draft.col) ?? emptyCell(draft.row, draft.col);
    const text = clean(draft.text);
    if (text === cell.text) return;
    log.commit([setPart(document, questionId, cellId(cell), { ...cell, text })]);
  }

  /** Empty the texts of what is chosen. */
  clear(): void {
    this.change((table) => mark(table, this.range, { text: "" }));
  }

  toggleHeader(): void {
    const table = this.peek();
    if (!table) return;
    const cells = cellsIn(table, this.range);
    const header = !(cells.length > 0 && cells.every((cell) => cell.header));
    this.change((one) => mark(one, this.range, { header }));
  }

  merge(): void {
    this.change((table) => merge(table, this.range));
  }

  split(axis: Axis): void {
    this.change((table) => {
      const { row, col } = this.cursor.peek();
      const cell = cellAt(table, row, col);
      return cell ? split(axis, table, cell) : table;
    });
  }

  /** A new row above or below the cursor's cell, or a column beside it. */
  insert(axis: Axis, side: "before" | "after"): void {
    const cell = rangeOf(this.active());
    const [first, last] = axis === "row" ? [cell.top, cell.bottom] : [cell.left, cell.right];
    const index = side === "before" ? first : last;
    const keep = side === "before" ? ("second" as const) : ("first" as const);
    const done = this.change((table) => cut(axis, table, index, { share: 0.5, keep }));
    const to = side === "before" ? index : index + 1;
    const at = this.cursor.peek();
    if (done) this.go(axis === "row" ? { ...at, row: to } : { ...at, col: to });
  }

  /** Remove the rows or columns of what is chosen; the last of them cannot go. */
  drop(axis: Axis): void {
    const { top, left, bottom, right } = this.range;
    const [first, last] = axis === "row" ? [top, bottom] : [left, right];
    this.change((table) => {
      let next = table;
      for (let index = last; index >= first; index--) next = dropLine(axis, next, index);
      return next;
    });
    this.go({ row: top, col: left });
  }

  removeLine({ axis, index }: LineRef): void {
    const table = this.peek();
    const last = axis === "row" ? table?.rows : table?.cols;
    if (index === 0 || index === last) this.say("table.edgeStays");
    else this.change((one) => joinLine(axis, one, index));
    this.line.value = null;
  }

  /** Move a line by pixels; steps in quick succession are one step of undo. */
  nudge({ axis, index }: LineRef, by: number): void {
    const size = this.picture();
    const table = this.peek();
    if (!size || !table) return;
    if (!lattice(table)) this.say("table.unplaced");
    else this.set(moveLine(axis, table, index, by, size), `table/${axis}/${index}`);
  }

  /** The line below the cursor's cell, or right of it. */
  lineAfter(axis: Axis): LineRef {
    const { bottom, right } = rangeOf(this.active());
    return { axis, index: (axis === "row" ? bottom : right) + 1 };
  }

  /** Lay the table over a box of the picture: the one that is there, or a new one. */
  lay(corners: readonly (readonly [number, number])[]): void {
    const points = corners.map(([x, y]): [number, number] => [round(x), round(y)]);
    const { rows, cols } = this.size.peek();
    const table = this.peek();
    if (this.set(table ? laid(table, points) : makeTable(rows, cols, points))) {
      this.mode.value = "point";
      if (!table) this.go({ row: 0, col: 0 });
    }
  }

  layWhole(): void {
    const size = this.picture();
    if (!size) return;
    const { width, height } = size;
    this.lay([
      [0, 0],
      [width, 0],
      [width, height],
      [0, height],
    ]);
  }

  paste(clip: Clip): void {
    const table = this.peek();
    const { top, left } = this.range;
    if (!table) {
      this.set(tableOf(clip));
      return;
    }
    if (!this.set(pasted(table, { row: top, col: left }, clip))) return;
    this.choose({ top, left, bottom: top + clip.rows - 1, right: left + clip.cols - 1 });
  }

  remove(): void {
    this.set(null);
  }

  private say(key: "table.edgeStays" | "table.unplaced"): void {
    say(this.session, t(key), "warn");
  }
}

export function everything(table: Table): Range {
  return { top: 0, left: 0, bottom: table.rows - 1, right: table.cols - 1 };
}

/** The name of a place as spreadsheets say it: B3. */
export function placeName({ row, col }: Place): string {
  return `${columnName(col)}${row + 1}`;
}

export function columnName(col: number): string {
  const letter = String.fromCharCode(65 + (col % 26));
  return col < 26 ? letter : columnName(Math.floor(col / 26) - 1) + letter;
}

const desks = new WeakMap<Session, Map<string, TableDesk>>();

/** The desk of a question: the same for the grid, the picture and the side panel. */
export function deskOf(session: Session, question: Question): TableDesk {
  const known = desks.get(session) ?? new Map<string, TableDesk>();
  desks.set(session, known);
  const found = known.get(question.questionId) ?? new TableDesk(session, question);
  known.set(question.questionId, found);
  return found;
}
