import { describe, expect, it } from "vitest";
import { Document } from "./document";
import { OpLog } from "./oplog";
import { moved, placedBefore, reorderOps, rising } from "./region-order";
import type { Element } from "./types";

const QUESTION = { questionId: "1", type: "PICTURE", markTitle: "Q", options: [] };
const SHELL = { questionId: "1", type: "image" };
const LETTERS = ["a", "b", "c", "d", "e"];

function logOf(ids: readonly string[]) {
  const data = ids.map((id) => ({ id, type: "image/polygon", labels: {} }));
  const document = new Document([QUESTION as never], () => SHELL, [{ ...SHELL, data } as Element]);
  return new OpLog(document);
}

const idsOf = (log: OpLog) => log.document.objects("1").ids;

describe("the order of regions", () => {
  it("changes by as few operations as can be, and back", () => {
    const log = logOf(LETTERS);
    const ops = reorderOps(log.document, "1", ["a", "d", "b", "c", "e"]);
    expect(ops.map((op) => op.id)).toEqual(["d", "d"]);
    for (const order of [["e", "d", "c", "b", "a"], ["b", "a", "e", "c", "d"], LETTERS]) {
      const former = [...idsOf(log)];
      log.commit(reorderOps(log.document, "1", order));
      expect(idsOf(log)).toEqual(order);
      log.undo();
      expect(idsOf(log)).toEqual(former);
      log.redo();
      expect(idsOf(log)).toEqual(order);
    }
    expect(reorderOps(log.document, "1", LETTERS)).toEqual([]);
  });

  it("moves those that are chosen where others might move as well", () => {
    const log = logOf(LETTERS);
    for (const id of ["a", "b"]) {
      const ops = reorderOps(log.document, "1", ["b", "a", "c", "d", "e"], new Set([id]));
      expect(ops.map((op) => op.id)).toEqual([id, id]);
    }
    expect(reorderOps(log.document, "1", LETTERS, new Set(["a"]))).toEqual([]);
  });

  it("of very many is written as a whole", () => {
    const ids = Array.from({ length: 1200 }, (_, at) => `r${at}`);
    const log = logOf(ids);
    const order = [...ids].reverse();
    const ops = reorderOps(log.document, "1", order);
    expect(ops).toHaveLength(1);
    log.commit(ops);
    expect(idsOf(log)).toEqual(order);
    log.undo();
    expect(idsOf(log)).toEqual(ids);
  });

  it("moves what is chosen by one place or to an end, keeping it together", () => {
    const chosen = new Set(["b", "d"]);
    expect(moved(LETTERS, chosen, "later")).toEqual(["a", "c", "b", "e", "d"]);
    expect(moved(LETTERS, chosen, "earlier")).toEqual(["b", "a", "d", "c", "e"]);
    expect(moved(LETTERS, chosen, "first")).toEqual(["b", "d", "a", "c", "e"]);
    expect(moved(LETTERS, chosen, "last")).toEqual(["a", "c", "e", "b", "d"]);
    expect(moved(LETTERS, new Set(["a", "b"]), "earlier")).toEqual(LETTERS);
    expect(moved(LETTERS, new Set(["d", "e"]), "later")).toEqual(LETTERS);
    expect(moved(LETTERS, new Set(["a", "b"]), "later")).toEqual(["c", "a", "b", "d", "e"]);
  });

  it("takes what is dropped before another one, or at the end", () => {
    const chosen = new Set(["b", "c"]);
    expect(placedBefore(LETTERS, chosen, "a")).toEqual(["b", "c", "a", "d", "e"]);
    expect(placedBefore(LETTERS, chosen, null)).toEqual(["a", "d", "e", "b", "c"]);
    expect(placedBefore(LETTERS, chosen, "c")).toEqual(LETTERS);
    expect(placedBefore(LETTERS, new Set(["d", "e"]), "e")).toEqual(LETTERS);
  });

  it("keeps a longest rising run where it is", () => {
    expect(rising([0, 3, 1, 2, 4]).length).toBe(4);
    expect(rising([4, 3, 2, 1]).length).toBe(1);
    expect(rising([])).toEqual([]);
  });
});
