/* The cells of a table as a spreadsheet shows them. One text field lies over the cell under the cursor and keeps the
   focus, so that whatever is typed, by an input method too, replaces its text. */

import { effect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../../core/i18n";
import { fromHtml, fromTsv, toHtml, toTsv } from "../../surfaces/table/clipboard";
import { type Cell, cellId, meets, places, rangeOf, type Table } from "../../surfaces/table/model";
import { columnName, everything, placeName, type TableDesk } from "./desk";

interface Props {
  desk: TableDesk;
  table: Table;
  frozen: boolean;
  /** Another answer that it is compared with. */
  other: Table | null;
}

export function Grid({ desk, table, frozen, other }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const dragging = useRef(false);

  useLayoutEffect(() => {
    desk.focus.value = () => field.current?.focus({ preventScroll: true });
    return () => {
      desk.focus.value = () => undefined;
    };
  }, [desk]);
  // The cursor moves without the table being built anew, however large it is.
  useLayoutEffect(
    () => effect(() => follow(desk, root.current, field.current)),
    // The cells are other elements after each change of the table.
    [desk, table, frozen],
  );

  const placeOf = (event: Event) => {
    const cell = (event.target as Element).closest<HTMLElement>("[data-cell]");
    const [row, col] = (cell?.dataset.cell ?? "").split(":").map(Number);
    return cell ? { row: row as number, col: col as number } : null;
  };
  return (
    <div
      ref={root}
      class="table-scroll"
      onPointerDown={(event) => {
        if (event.button !== 0 || event.target === field.current) return;
        event.preventDefault();
        const place = placeOf(event);
        desk.endDraft(true);
        if (place) {
          desk.go(place, event.shiftKey);
          dragging.current = true;
        } else pickHead(desk, table, event.target as Element);
        desk.focus.peek()();
      }}
      onPointerOver={(event) => {
        const place = dragging.current && event.buttons === 1 ? placeOf(event) : null;
        if (place) desk.go(place, true);
      }}
      onPointerUp={() => {
        dragging.current = false;
      }}
      onDblClick={(event) => {
        if (placeOf(event) || event.target === field.current) edit(desk, field.current);
      }}
    >
      <table
        class="table-grid"
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: ARIA's pattern for spreadsheets.
        role="grid"
        aria-label={t("table.grid")}
        aria-multiselectable="true"
        aria-readonly={frozen}
      >
        <thead>
          <tr>
            <td class="table-head" />
            {Array.from({ length: table.cols }, (_, col) => (
              <th key={col} class="table-head" scope="col" data-col={col}>
                {columnName(col)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rowsOf(table).map((cells, row) => (
            <tr key={row}>
              <th class="table-head" scope="row" data-row={row}>
                {row + 1}
              </th>
              {cells.map((cell) => (
                <td
                  key={cell.col}
                  id={domId(desk, cell)}
                  data-cell={cellId(cell)}
                  data-header={cell.header || undefined}
                  {...differences(cell, other)}
                  rowSpan={cell.rowspan}
                  colSpan={cell.colspan}
                >
                  {cell.text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <textarea
        ref={field}
        class="table-field"
        rows={1}
        spellcheck={false}
        autocomplete="off"
        readOnly={frozen}
        onInput={(event) => {
          const text = event.currentTarget.value;
          const draft = desk.draft.peek();
          if (draft) desk.draft.value = { ...draft, text };
          else desk.begin(text, false);
        }}
        onKeyDown={(event) => press(desk, event)}
        onBlur={() => desk.endDraft(true)}
        onCopy={(event) => copy(desk, event, false)}
        onCut={(event) => copy(desk, event, !frozen)}
        onPaste={(event) => {
          if (!desk.draft.peek()) paste(desk, event);
        }}
      />
      <Spoken desk={desk} table={table} />
    </div>
  );
}

/** What the cursor is on, for those who do not see it. */
function Spoken({ desk, table }: { desk: TableDesk; table: Table }) {
  const at = desk.cursor.value;
  const cell = table.cells.find((one) => meets(rangeOf(one), rangeOfPlace(at)));
  return (
    <p class="visually-hidden" role="status">
      {t(cell?.header ? "table.spokenHeader" : "table.spoken", {
        name: placeName(cell ?? at),
        text: cell?.text || t("table.empty"),
      })}
    </p>
  );
}

function rangeOfPlace({ row, col }: { row: number; col: number }) {
  return { top: row, left: col, bottom: row, right: col };
}

/** The cells that begin in each row; a place that no cell takes shows as an empty one. */
function rowsOf(table: Table): Cell[][] {
  return places(table).map((line, row) =>
    line.flatMap((cell, col) => {
      if (cell === null) {
        return [{ row, col, rowspan: 1, colspan: 1, header: false, text: "", value: null }];
      }
      return cell.row === row && cell.col === col ? [cell] : [];
    }),
  );
}

/** How a cell shows that the other answer says something else in its place. */
function differences(cell: Cell, other: Table | null) {
  if (!other) return {};
  const { row, col, rowspan, colspan, header, text } = cell;
  const theirs = other.cells.find((one) => meets(rangeOf(one), rangeOfPlace(cell)));
  const same =
    theirs?.row === row &&
    theirs.col === col &&
    theirs.rowspan === rowspan &&
    theirs.colspan === colspan &&
    theirs.header === header &&
    theirs.text === text;
  if (same) return {};
  return {
    "data-differs": true,
    title: t("table.other", { text: theirs?.text || t("table.empty") }),
  };
}

function domId(desk: TableDesk, cell: Cell): string {
  return `cell-${desk.question.questionId}-${cell.row}-${cell.col}`;
}

/** Show what is chosen, and lay the field over the cell under the cursor. */
function follow(desk: TableDesk, root: HTMLElement | null, field: HTMLTextAreaElement | null) {
  const { range } = desk;
  const draft = desk.draft.value;
  void desk.cursor.value;
  if (!root || !field) return;
  const active = cellId(desk.active());
  for (const cell of root.querySelectorAll<HTMLElement>("[data-cell]")) {
    const [row, col] = (cell.dataset.cell as string).split(":").map(Number) as [number, number];
    const inside =
      row >= range.top && row <= range.bottom && col >= range.left && col <= range.right;
    cell.setAttribute("aria-selected", String(inside));
    cell.classList.toggle("active", cell.dataset.cell === active);
  }
  const cell = root.querySelector<HTMLElement>(".active");
  if (!cell) return;
  field.setAttribute("aria-label", t("table.cell", { name: placeName(desk.active()) }));
  field.classList.toggle("typing", draft !== null);
  if (draft === null && field.value !== "") field.value = "";
  field.style.left = `${cell.offsetLeft}px`;
  field.style.top = `${cell.offsetTop}px`;
  field.style.width = `${cell.offsetWidth}px`;
  field.style.height = `${cell.offsetHeight}px`;
  if (draft) {
    field.style.height = `${Math.max(cell.offsetHeight, field.scrollHeight + 2)}px`;
  }
  scrollTo(root, cell);
}

/** Bring a cell into view beside the heads, without moving anything else. */
function scrollTo(root: HTMLElement, cell: HTMLElement): void {
  const head = root.querySelector<HTMLElement>(".table-head");
  const [width, height] = [head?.offsetWidth ?? 0, head?.offsetHeight ?? 0];
  const right = cell.offsetLeft + cell.offsetWidth;
  const bottom = cell.offsetTop + cell.offsetHeight;
  if (right > root.scrollLeft + root.clientWidth) root.scrollLeft = right - root.clientWidth;
  if (bottom > root.scrollTop + root.clientHeight) root.scrollTop = bottom - root.clientHeight;
  if (cell.offsetLeft - width < root.scrollLeft) root.scrollLeft = cell.offsetLeft - width;
  if (cell.offsetTop - height < root.scrollTop) root.scrollTop = cell.offsetTop - height;
}

/** A press on a head chooses the whole row or column, on the corner everything. */
function pickHead(desk: TableDesk, table: Table, target: Element): void {
  const head = target.closest<HTMLElement>(".table-head");
  const all = everything(table);
  if (!head) return;
  if (head.dataset.col !== undefined) {
    const col = Number(head.dataset.col);
    desk.choose({ ...all, left: col, right: col });
  } else if (head.dataset.row !== undefined) {
    const row = Number(head.dataset.row);
    desk.choose({ ...all, top: row, bottom: row });
  } else desk.choose(all);
}

/** Type in the text that is there. */
function edit(desk: TableDesk, field: HTMLTextAreaElement | null): void {
  if (!field || desk.frozen) return;
  const { text } = desk.active();
  field.value = text;
  desk.begin(text, true);
  field.focus({ preventScroll: true });
  field.setSelectionRange(text.length, text.length);
}

const ARROWS: Record<string, ["row" | "col", 1 | -1]> = {
  ArrowUp: ["row", -1],
  ArrowDown: ["row", 1],
  ArrowLeft: ["col", -1],
  ArrowRight: ["col", 1],
};

/** What a spreadsheet does with a key; those with Alt, and with Ctrl but a few, go on to the page. */
function press(desk: TableDesk, event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }) {
  if (event.isComposing || event.keyCode === 229) return;
  const { key, shiftKey, altKey } = event;
  const mod = event.ctrlKey || event.metaKey;
  const draft = desk.draft.peek();
  const field = event.currentTarget;
  if (altKey && key === "Enter" && draft) {
    field.setRangeText("\n", field.selectionStart, field.selectionEnd, "end");
    desk.draft.value = { ...draft, text: field.value };
    taken(event);
    return;
  }
  if (altKey || (mod && !["Home", "End", "a"].includes(key)) || (mod && draft)) return;
  const arrow = ARROWS[key];
  if (draft) {
    if (key === "Escape") desk.endDraft(false);
    else if (key === "Enter") finish(desk, () => desk.enter(shiftKey ? -1 : 1));
    else if (key === "Tab") finish(desk, () => desk.tab(shiftKey ? -1 : 1));
    else if (arrow && !draft.caret) finish(desk, () => desk.step(...arrow));
    else return;
    taken(event);
    return;
  }
  const table = desk.peek();
  if (!table) return;
  const at = desk.cursor.peek();
  const [last, end] = [table.rows - 1, table.cols - 1];
  if (arrow) desk.step(arrow[0], arrow[1], shiftKey);
  else if (key === "Enter") desk.enter(shiftKey ? -1 : 1);
  else if (key === "Tab") {
    // Behind the last cell, and before the first, the focus goes on.
    if (!desk.tab(shiftKey ? -1 : 1)) return;
  } else if (key === "Home") desk.go({ row: mod ? 0 : at.row, col: 0 }, shiftKey);
  else if (key === "End") desk.go({ row: mod ? last : at.row, col: end }, shiftKey);
  else if (key === "PageUp") desk.go({ row: at.row - 10, col: at.col }, shiftKey);
  else if (key === "PageDown") desk.go({ row: at.row + 10, col: at.col }, shiftKey);
  else if (mod && key === "a") desk.choose(everything(table));
  else if (key === "F2") edit(desk, field);
  else if (key === "Delete" || key === "Backspace") desk.clear();
  else if (key === "Escape") leave();
  else return;
  taken(event);
}

function taken(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}

function finish(desk: TableDesk, move: () => void): void {
  desk.endDraft(true);
  move();
}

/** Back to the picture, where the page's single keys work. */
function leave(): void {
  document.querySelector<HTMLElement>("[data-surface]")?.focus({ preventScroll: true });
}

function copy(desk: TableDesk, event: ClipboardEvent, cut: boolean): void {
  const table = desk.peek();
  if (!table || desk.draft.peek() || !event.clipboardData) return;
  event.preventDefault();
  event.clipboardData.setData("text/plain", toTsv(table, desk.range));
  event.clipboardData.setData("text/html", toHtml(table, desk.range));
  if (cut) desk.clear();
}

/** Put what a spreadsheet, or another page, copied into the table; without a table it becomes one. */
export function paste(desk: TableDesk, event: ClipboardEvent): void {
  const data = event.clipboardData;
  if (!data || desk.frozen) return;
  const html = data.getData("text/html");
  const text = data.getData("text/plain");
  const clip = (html && fromHtml(html)) || (text && fromTsv(text));
  if (!clip) return;
  event.preventDefault();
  desk.paste(clip);
}
