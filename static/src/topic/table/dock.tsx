/* The editor of a table beside its picture: commands, the grid, and how the table looks in the end. */

import { useLayoutEffect } from "preact/hooks";
import { compared, overlays } from "../../content/compare";
import { editorInUse, viewInUse } from "../../core/focus-view";
import { type Key, t } from "../../core/i18n";
import { type Binding, pushScope } from "../../core/keys";
import { takesMasks } from "../../core/masks";
import { regionQuestions } from "../../core/regions";
import type { Session } from "../../core/session";
import type { Question } from "../../core/types";
import { cellsIn, type Table } from "../../surfaces/table/model";
import { Button } from "../../ui/button";
import { useSession } from "../../ui/context";
import { deskOf, everything, type TableDesk } from "./desk";
import { Grid, paste } from "./grid";

export function TableDock({ question }: { question: Question }) {
  const session = useSession();
  const desk = deskOf(session, question);
  const sheet = session.sheet.value;
  const { position } = session;
  useLayoutEffect(() => {
    const stop = pushScope(
      "topic",
      "keys.scope.table",
      () => bindings(desk),
      () => hasKeys(session, question),
    );
    const onPaste = (event: ClipboardEvent) => pasteOutside(desk, event);
    document.addEventListener("paste", onPaste);
    return () => {
      stop();
      document.removeEventListener("paste", onPaste);
    };
  }, [desk, session, question]);
  // Another item begins at its first cell.
  useLayoutEffect(() => desk.reset(), [desk, position.value]);
  if (!sheet) return null;
  const { table } = desk;
  const frozen = session.frozen.value !== null;
  return (
    <section class="dock" aria-label={question.markTitle} data-dock={question.questionId}>
      {(table || !frozen) && <Commands desk={desk} table={table} frozen={frozen} />}
      {!table && (frozen ? <p class="dock-none muted">{t("table.none")}</p> : <New desk={desk} />)}
      {table && desk.preview.value && <Preview table={table} />}
      {table && !desk.preview.value && (
        <Grid desk={desk} table={table} frozen={frozen} other={comparedTable(question)} />
      )}
    </section>
  );
}

/** Whether keys mean the table: beside a picture with masks, which have some of them too, only in the editor. */
function hasKeys(session: Session, question: Question): boolean {
  const { views, questions } = session.template;
  const used = views.find(({ bindField }) => bindField === viewInUse.peek());
  if (question.view !== undefined && question.view !== used?.bindField) return false;
  return editorInUse.peek() || !takesMasks(regionQuestions(questions, used));
}

/** The table of the answer to compare with, else of the one that was last laid over the picture. */
function comparedTable({ questionId }: Question): Table | null {
  const other = compared.value ?? [...overlays.value.values()].at(-1);
  const element = other?.results.find((one) => one.questionId === questionId);
  return element?.type === "table" ? (element.data as Table) : null;
}

const SIDES = [
  ["rows", "table.rows"],
  ["cols", "table.cols"],
] as const;

/** What is done to the cells that are chosen, each with its key. */
export function CellCommands({ desk, table }: { desk: TableDesk; table: Table }) {
  const act = (text: Key, keys: string, run: () => void, pressed?: boolean) => (
    <Button
      text={text}
      keys={keys}
      class="btn-s"
      {...(pressed === undefined ? {} : { pressed })}
      onPress={run}
    />
  );
  void [desk.cursor.value, desk.anchor.value];
  const cells = cellsIn(table, desk.range);
  const headers = cells.length > 0 && cells.every((cell) => cell.header);
  return (
    <div class="table-commands" role="toolbar" aria-label={t("table.commands")}>
      {act("table.merge", "alt+m", () => desk.merge())}
      {act("table.header", "alt+h", () => desk.toggleHeader(), headers)}
      {act("table.splitRows", "alt+s", () => desk.split("row"))}
      {act("table.splitCols", "shift+alt+s", () => desk.split("col"))}
      {act("table.rowAbove", "alt+ArrowUp", () => desk.insert("row", "before"))}
      {act("table.rowBelow", "alt+ArrowDown", () => desk.insert("row", "after"))}
      {act("table.colLeft", "alt+ArrowLeft", () => desk.insert("col", "before"))}
      {act("table.colRight", "alt+ArrowRight", () => desk.insert("col", "after"))}
      {act("table.dropRow", "alt+Delete", () => desk.drop("row"))}
      {act("table.dropCol", "shift+alt+Delete", () => desk.drop("col"))}
    </div>
  );
}

/** Nothing is there yet: how many rows and columns the table that is drawn will have. */
function New({ desk }: { desk: TableDesk }) {
  const size = desk.size.value;
  return (
    <div class="dock-none">
      <p>{t("table.begin")}</p>
      <div class="row">
        {SIDES.map(([side, text]) => (
          <label key={side} class="row">
            <span>{t(text)}</span>
            <input
              type="number"
              min={1}
              max={100}
              value={size[side]}
              onChange={(event) => {
                const value = Math.round(event.currentTarget.valueAsNumber);
                if (value >= 1 && value <= 100) desk.size.value = { ...size, [side]: value };
                else event.currentTarget.value = String(size[side]);
              }}
            />
          </label>
        ))}
        <Button text="table.whole" keys="alt+w" onPress={() => desk.layWhole()} />
      </div>
      <p class="small muted">{t("table.beginPaste")}</p>
    </div>
  );
}

function Commands({
  desk,
  table,
  frozen,
}: {
  desk: TableDesk;
  table: Table | null;
  frozen: boolean;
}) {
  const mode = desk.mode.value;
  const tool = (text: Key, keys: string, name: "draw" | "row" | "col") => (
    <Button
      text={text}
      keys={keys}
      class="btn-s"
      disabled={frozen || (name !== "draw" && !table)}
      pressed={mode === name || (name === "draw" && !table && !frozen)}
      onPress={() => toggleMode(desk, name)}
    />
  );
  return (
    <div class="dock-tools" role="toolbar" aria-label={t("table.tools")}>
      {tool("table.draw", "alt+b", "draw")}
      {tool("table.rowLine", "alt+r", "row")}
      {tool("table.colLine", "alt+c", "col")}
      <Button
        text="table.preview"
        keys="alt+p"
        class="btn-s"
        disabled={!table}
        pressed={desk.preview.value}
        onPress={() => togglePreview(desk)}
      />
    </div>
  );
}

function toggleMode(desk: TableDesk, mode: "draw" | "row" | "col"): void {
  desk.mode.value = desk.mode.peek() === mode ? "point" : mode;
}

function togglePreview(desk: TableDesk): void {
  desk.endDraft(true);
  desk.preview.value = !desk.preview.peek();
}

/** The table as its HTML shows it. Texts are texts here: nothing of them is read as markup. */
function Preview({ table }: { table: Table }) {
  const cells = cellsIn(table, everything(table));
  const rows = Array.from({ length: table.rows }, (_, row) =>
    cells.filter((cell) => cell.row === row),
  );
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={t("table.preview")}>
      <table class="table-preview">
        <tbody>
          {rows.map((line, row) => (
            <tr key={row}>
              {line.map((cell) => {
                const Tag = cell.header ? "th" : "td";
                return (
                  <Tag key={cell.col} rowSpan={cell.rowspan} colSpan={cell.colspan}>
                    {cell.text}
                  </Tag>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Ctrl+V while no text field has the focus: the cells go where the cursor is. */
function pasteOutside(desk: TableDesk, event: ClipboardEvent): void {
  const target = event.target as HTMLElement | null;
  if (target?.closest("input, textarea, select, dialog")) return;
  paste(desk, event);
}

function bindings(desk: TableDesk): Binding[] {
  const editable = () => !desk.frozen && desk.session.sheet.peek() !== null;
  const ready = () => editable() && desk.peek() !== null;
  const typing = () => desk.draft.peek() !== null;
  const inGrid = () => document.activeElement?.classList.contains("table-field") === true;
  const act = (keys: string[], text: Key | null, run: () => void, repeat = false): Binding => ({
    keys,
    text,
    editable: true,
    repeat,
    when: ready,
    run: () => {
      desk.endDraft(true);
      run();
    },
  });
  const line = () => desk.line.peek();
  /** The line that was clicked goes with the bare arrows, the one after the cell with Ctrl. */
  const nudge = (name: string, axis: "row" | "col", way: 1 | -1): Binding[] => {
    const own = (keys: string, by: number): Binding => ({
      keys: [keys],
      text: null,
      repeat: true,
      when: () => ready() && line()?.axis === axis,
      run: () => {
        const picked = line();
        if (picked) desk.nudge(picked, by);
      },
    });
    const first = name === "ArrowDown" ? "table.moveLine" : null;
    const far = name === "ArrowDown" ? "table.moveLineFar" : null;
    return [
      own(name, way),
      own(`shift+${name}`, 10 * way),
      act([`mod+${name}`], first, () => desk.nudge(desk.lineAfter(axis), way), true),
      act([`mod+shift+${name}`], far, () => desk.nudge(desk.lineAfter(axis), 10 * way), true),
    ];
  };
  const history = (keys: string[], run: () => void): Binding => ({
    keys,
    text: null,
    editable: true,
    repeat: true,
    when: () => inGrid() && !typing(),
    run,
  });
  return [
    {
      keys: ["F2"],
      text: "table.toGrid",
      when: () => desk.peek() !== null,
      run: () => desk.focus.peek()(),
    },
    {
      keys: ["alt+b"],
      text: "table.draw",
      editable: true,
      when: editable,
      run: () => toggleMode(desk, "draw"),
    },
    {
      keys: ["alt+w"],
      text: "table.whole",
      editable: true,
      when: editable,
      run: () => desk.layWhole(),
    },
    act(["alt+r"], "table.rowLine", () => toggleMode(desk, "row")),
    act(["alt+c"], "table.colLine", () => toggleMode(desk, "col")),
    act(["alt+m"], "table.merge", () => desk.merge()),
    act(["alt+s"], "table.splitRows", () => desk.split("row")),
    act(["shift+alt+s"], "table.splitCols", () => desk.split("col")),
    act(["alt+h"], "table.header", () => desk.toggleHeader()),
    act(["alt+ArrowUp"], "table.rowAbove", () => desk.insert("row", "before")),
    act(["alt+ArrowDown"], "table.rowBelow", () => desk.insert("row", "after")),
    act(["alt+ArrowLeft"], "table.colLeft", () => desk.insert("col", "before")),
    act(["alt+ArrowRight"], "table.colRight", () => desk.insert("col", "after")),
    act(["alt+Delete", "alt+Backspace"], "table.dropRow", () => desk.drop("row")),
    act(["shift+alt+Delete", "shift+alt+Backspace"], "table.dropCol", () => desk.drop("col")),
    {
      keys: ["alt+p"],
      text: "table.preview",
      editable: true,
      when: () => desk.peek() !== null,
      run: () => togglePreview(desk),
    },
    {
      keys: ["Delete", "Backspace"],
      text: "table.dropLine",
      when: () => ready() && line() !== null,
      run: () => {
        const picked = line();
        if (picked) desk.removeLine(picked);
      },
    },
    {
      keys: ["Escape"],
      text: null,
      when: () => line() !== null || desk.mode.peek() !== "point",
      run: () => {
        desk.line.value = null;
        desk.mode.value = "point";
      },
    },
    ...nudge("ArrowUp", "row", -1),
    ...nudge("ArrowDown", "row", 1),
    ...nudge("ArrowLeft", "col", -1),
    ...nudge("ArrowRight", "col", 1),
    history(["mod+z"], () => desk.session.undo()),
    history(["mod+shift+z", "mod+y"], () => desk.session.redo()),
  ];
}
