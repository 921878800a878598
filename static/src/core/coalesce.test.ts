import { describe, expect, it } from "vitest";
import { coalesce, type QueuedOp } from "./coalesce";
import { Document, type Op } from "./document";
import { OpLog, setElement, setObject } from "./oplog";
import { reorderOps } from "./region-order";
import { queued } from "./sheet";
import type { Element, Obj } from "./types";

const QUESTION = { questionId: "1", type: "PICTURE", markTitle: "Q", options: [] };
const SHELL = { questionId: "1", type: "image" };

const made = (id: string): Obj => ({ id, type: "image/polygon", labels: {} });

function documentOf(ids: readonly string[]): Document {
  const results = [{ ...SHELL, data: ids.map(made) }] as Element[];
  return new Document([QUESTION as never], () => SHELL, results);
}

/** What the server makes of it: as `Objects` in templates_app/questions/picture.py. */
function onServer(ids: readonly string[], ops: readonly QueuedOp[]): string[] {
  let list = [...ids];
  for (const op of ops) {
    if (op.id === null) {
      list = ((op.value as { data: Obj[] } | null)?.data ?? []).map((object) => object.id);
      continue;
    }
    const id = op.id;
    const had = list.includes(id);
    if (op.value === null) list = list.filter((one) => one !== id);
    else if (op.before != null && op.before !== id && list.includes(op.before)) {
      list = list.filter((one) => one !== id);
      list.splice(list.indexOf(op.before), 0, id);
    } else if (!had) list.push(id);
  }
  return list;
}

/** Numbers that look random and are the same every time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return Math.floor((state / 0x7fffffff) * below);
  };
}

describe("what is sent", () => {
  it("leads to the same order as on the page, whatever is done, undone and put together", () => {
    for (let seed = 1; seed <= 150; seed++) {
      const roll = numbers(seed);
      const start = ["a", "b", "c", "d", "e", "f"].slice(0, 2 + roll(5));
      const document = documentOf(start);
      const log = new OpLog(document);
      let sent: QueuedOp[] = [];
      const server: QueuedOp[] = [];
      log.subscribe((ops: readonly Op[]) => {
        sent = coalesce([...sent, ...ops.map(queued)]);
      });
      let fresh = 0;
      for (let step = 0; step < 12; step++) {
        const { ids } = document.objects("1");
        const any = ids[roll(ids.length)];
        const what = roll(7);
        if (what === 0) log.undo();
        else if (what === 1) log.redo();
        else if (what === 2) {
          const id = `n${fresh++}`;
          log.commit([setObject(document, "1", id, made(id))]);
        } else if (what === 3 && any) log.commit([setObject(document, "1", any, null)]);
        else if (what === 4 && any) {
          const labels = { x: String(step) };
          log.commit([setObject(document, "1", any, { ...made(any), labels })]);
        } else if (what === 5 && any) {
          const order = ids.filter((id) => id !== any);
          order.splice(roll(order.length + 1), 0, any);
          log.commit(reorderOps(document, "1", order));
        } else if (what === 6 && ids.length > 1) {
          const data = [...ids].reverse().map((id) => document.object("1", id));
          log.commit([setElement(document, "1", { ...SHELL, data })]);
        }
        if (roll(4) === 0) {
          server.push(...sent);
          sent = [];
        }
      }
      server.push(...sent);
      expect(onServer(start, server), `seed ${seed}`).toEqual(document.objects("1").ids);
    }
  });

  it("moves an object to the end by taking it out first", () => {
    const document = documentOf(["a", "b"]);
    const sent = coalesce(reorderOps(document, "1", ["b", "a"]).map(queued));
    expect(onServer(["a", "b"], sent)).toEqual(["b", "a"]);
  });
});
