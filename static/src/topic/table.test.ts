import { describe, expect, it } from "vitest";
import { Document } from "../core/document";
import { OpLog, setElement, setPart } from "../core/oplog";
import type { Element, Question } from "../core/types";
import { makeTable } from "../surfaces/table/edit";
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
