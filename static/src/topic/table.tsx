/* TABLE: one table on a picture. Its grid lies beside the views, its lines over the picture it was read from. */

import { compared, overlays } from "../content/compare";
import { t } from "../core/i18n";
import { pushScope } from "../core/keys";
import { type FieldProps, type LayerMount, register } from "../core/registry";
import type { Element, Question } from "../core/types";
import type { TableCell, TableData } from "../generated/schemas";
import { withCell } from "../surfaces/table/edit";
import { type Ghost, TableLayer } from "../surfaces/table/layer";
import { cellId, lattice } from "../surfaces/table/model";
import { bounds, placeTable } from "../surfaces/table/place";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { PlaceNumbers } from "../ui/place-numbers";
import { deskOf, type TableDesk } from "./table/desk";
import { CellCommands, TableDock } from "./table/dock";

const COMPARED = "#7a4fd0";

function tableOf(element: Element): TableData {
  return element.data as TableData;
}

/** The size, and what stands in the first cells. */
function describe(_question: Question, value: unknown) {
  const table = value as TableData | null;
  if (!table) return { text: "", color: null };
  const size = t("table.size", { rows: table.rows, cols: table.cols });
  const texts = table.cells.map((cell) => cell.text.trim()).filter(Boolean);
  const first = texts.slice(0, 4).join(", ");
  return { text: first ? `${size}: ${first}${texts.length > 4 ? " …" : ""}` : size, color: null };
}

/** Where the table lies, in numbers: the way to place it without dragging. */
function TableField({ question, value, frozen }: FieldProps) {
  const session = useSession();
  const desk = deskOf(session, question);
  const table = value as TableData | null;
  if (!table) return <p class="small muted">{t("table.none")}</p>;
  return (
    <div class="stack-s">
      <p class="small">{t("table.size", { rows: table.rows, cols: table.cols })}</p>
      <Numbers desk={desk} table={table} frozen={frozen} />
      {!frozen && (
        <>
          <CellCommands desk={desk} table={table} />
          <Button text="table.remove" kind="quiet" class="btn-s" onPress={() => desk.remove()} />
        </>
      )}
    </div>
  );
}

function Numbers({ desk, table, frozen }: { desk: TableDesk; table: TableData; frozen: boolean }) {
  const lines = lattice(table);
  const size = desk.picture();
  if (!lines || !size) return <p class="small muted">{t("table.unplaced")}</p>;
  const { minX, minY, maxX, maxY } = bounds(lines);
  const box = { x: minX, y: minY, width: maxX - minX, height: maxY - minY };
  return (
    <PlaceNumbers
      legend="table.place"
      place={box}
      frozen={frozen}
      onPlace={({ x, y, width, height }) => {
        const moved = { minX: x, minY: y, maxX: x + width, maxY: y + height };
        desk.set(placeTable(table, moved, size));
      }}
    />
  );
}

/** Other answers to the question that are laid over the picture. */
function ghostsOf(question: Question): Ghost[] {
  const of = (results: readonly Element[], color: string): Ghost[] =>
    results
      .filter((element) => element.questionId === question.questionId && element.type === "table")
      .map((element) => ({ table: tableOf(element), color }));
  const other = compared.value;
  return [
    ...(other ? of(other.results, COMPARED) : []),
    ...[...overlays.value.values()].flatMap(({ results, color }) => of(results, color)),
  ];
}

function mountLayer({ host, camera, question, session }: LayerMount): () => void {
  const desk = deskOf(session, question);
  const layer = new TableLayer(host, camera, {
    table: () => desk.table,
    range: () => desk.range,
    mode: () => desk.mode.value,
    line: () => desk.line.value,
    ghosts: () => ghostsOf(question),
    frozen: () => session.frozen.value !== null || session.sheet.value === null,
    size: () => desk.picture(),
    change: (table) => desk.set(table),
    lay: (corners) => {
      desk.lay(corners);
      // The cells are there after the next frame; what is typed then fills the first of them.
      requestAnimationFrame(() => desk.focus.peek()());
    },
    go: (row, col, extend) => {
      desk.endDraft(true);
      desk.go({ row, col }, extend);
    },
    pick: (line) => {
      desk.line.value = line;
    },
  });
  const stop = pushScope("tool", "keys.scope.drawing", () => [
    { keys: ["Escape"], text: null, when: () => layer.busy.peek(), run: () => layer.cancel() },
  ]);
  return () => {
    stop();
    layer.close();
  };
}

register({
  kind: "topic",
  type: "TABLE",
  accepts: ["Image"],
  value: {
    elementType: "table",
    isEmpty: (value) => value === null || value === undefined,
    Field: TableField,
    hotkeys: () => [],
    describe,
    parts: {
      get: (element, id) => tableOf(element).cells.find((cell) => cellId(cell) === id) ?? null,
      put: (element, id, part) => {
        const table = tableOf(element);
        const cells = table.cells.filter((cell) => cellId(cell) !== id);
        const next = { ...table, cells };
        return { ...element, data: part ? withCell(next, part as TableCell) : next };
      },
    },
  },
  layer: mountLayer,
  Dock: TableDock,
});
