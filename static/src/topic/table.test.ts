import { computed, signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { Document } from "../core/document";
import { OpLog, setElement, setPart } from "../core/oplog";
import type { Session } from "../core/session";
import type { Sheet } from "../core/sheet";
import type { Element, Question } from "../core/types";
import { makeTable } from "../surfaces/table/edit";
import { TableDesk } from "./table/desk";
import "./table";

const TABLE: Question = { questionId: "1", type: "TABLE", markTitle: "t", mustFill: true };

describe("a table's document", () => {
  it("takes one cell at a time, and takes it back", () => {
    const document = new Document([TABLE], () => null, []);
    const log = new OpLog(document);
    const data = makeTable(1, 2, null);
    const element: Element = { questionId: "1", type: "table", data };
    log.commit([setElement(document, "1", element)]);
    const cell = { ...data.cells[1], text: "x" };
    log.commit([setPart(document, "1", "0:1", cell)]);
    expect(log.last).toMatchObject({ q: "1", id: "0:1", prev: data.cells[1], next: cell });
    expect(document.value("1")?.data).toEqual({ ...data, cells: [data.cells[0], cell] });
    expect(element.data).toBe(data);
    log.commit([setPart(document, "1", "0:0", null)]);
    expect(document.part("1", "0:0")).toBeNull();
    log.undo();
    log.undo();
    expect(document.value("1")?.data).toEqual(data);
    expect(log.next?.next).toEqual(cell);
    log.undo();
    expect(document.toResults()).toEqual([]);
  });
});

function sheetAt(position: number, locked = false): Sheet {
  const element: Element = { questionId: "1", type: "table", data: makeTable(1, 2, null) };
  const document = new Document([TABLE], () => null, [element]);
  return {
    position,
    payload: signal({ position, locked }),
    document,
    log: new OpLog(document),
  } as unknown as Sheet;
}

function said(sheet: Sheet): string {
  const table = sheet.document.value("1")?.data as ReturnType<typeof makeTable>;
  return table.cells.map(({ text }) => text).join("|");
}

describe("a text that is being typed", () => {
  it("goes into its own item, whichever is open at its end, and into that item as it is then", () => {
    const first = sheetAt(1);
    const open = signal<Sheet | null>(first);
    const whyFrozen = (payload: { locked: boolean }) => (payload.locked ? "locked" : null);
    const session = {
      sheet: open,
      frozen: computed(() => open.value && whyFrozen(open.value.payload.value)),
      whyFrozen,
    } as unknown as Session;
    const desk = new TableDesk(session, TABLE);
    desk.begin("one", false);
    open.value = sheetAt(2, true);
    desk.reset();
    expect([said(first), said(open.value)]).toEqual(["one|", "|"]);

    open.value = first;
    desk.begin("two", false);
    open.value = sheetAt(1);
    desk.endDraft(true);
    expect([said(first), said(open.value)]).toEqual(["one|", "two|"]);
  });
});
