import { effect } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { Document, type Op } from "./document";
import { inverse, OpLog, setElement, setObject } from "./oplog";
import type { Element, Obj, Question } from "./types";

const QUESTIONS: Question[] = [
  { questionId: "1", type: "REGIONS", markTitle: "regions" },
  { questionId: "2", type: "VALUE", markTitle: "value" },
];

function make(results: Element[] = []) {
  const document = new Document(
    QUESTIONS,
    (question) =>
      question.type === "REGIONS" ? { questionId: "1", type: "image", width: 9 } : null,
    results,
  );
  let time = 0;
  const log = new OpLog(document, () => time);
  return { document, log, wait: (ms: number) => (time += ms) };
}

const object = (id: string, value: unknown): Obj => ({ id, type: "box", labels: {}, value });
const value = (data: unknown): Element => ({ questionId: "2", type: "survey/value", data });

/** The order and values of all objects, and the value: what a person sees. */
function seen(document: Document) {
  const list = document.objects("1");
  return JSON.stringify([list.ids.map((id) => list.byId.get(id)), document.value("2")]);
}

/** Random edits of every kind; the seed makes a failure repeatable. */
function edits(document: Document, log: OpLog, seed: number, count: number): void {
  let state = seed;
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return state % below;
  };
  for (let step = 0; step < count; step++) {
    const { ids } = document.objects("1");
    const some = ids[random(Math.max(1, ids.length))];
    switch (random(5)) {
      case 0:
      case 1: {
        const id = `o${step}`;
        log.commit([setObject(document, "1", id, object(id, step))]);
        break;
      }
      case 2:
        if (some)
          log.commit([setObject(document, "1", some, object(some, -step))], `nudge/${some}`);
        break;
      case 3:
        if (some) log.commit([setObject(document, "1", some, null)]);
        break;
      default:
        log.commit([setElement(document, "2", step % 3 ? value(step) : null)]);
    }
  }
}

describe("operation log", () => {
  it("takes back what it did: undo after do is the identity, step by step", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { document, log } = make([
        { questionId: "1", type: "image", width: 9, data: [object("a", 1), object("b", 2)] },
      ]);
      const states = [seen(document)];
      log.subscribe(() => undefined);
      for (let part = 0; part < 6; part++) edits(document, log, seed * 7 + part, 5);
      const end = seen(document);
      while (log.canUndo.value) log.undo();
      expect(seen(document)).toBe(states[0]);
      while (log.canRedo.value) log.redo();
      expect(seen(document)).toBe(end);
    }
  });

  it("tells listeners every operation: replayed on the start they give the end", () => {
    const start: Element[] = [
      { questionId: "1", type: "image", width: 9, data: [object("a", 1)] },
      value("k"),
    ];
    const { document, log } = make(start);
    const heard: Op[] = [];
    log.subscribe((ops) => heard.push(...ops));
    edits(document, log, 42, 40);
    for (let n = 0; n < 10; n++) log.undo();
    for (let n = 0; n < 4; n++) log.redo();
    const copy = make(start).document;
    for (const op of heard) copy.apply(op);
    expect(copy.toResults()).toEqual(document.toResults());
  });

  it("puts a deleted object back where it was", () => {
    const { document, log } = make();
    for (const id of ["a", "b", "c"]) log.commit([setObject(document, "1", id, object(id, 0))]);
    log.commit([setObject(document, "1", "b", null)]);
    log.undo();
    expect(document.objects("1").ids).toEqual(["a", "b", "c"]);
  });

  it("adds new objects at the end", () => {
    const { document, log } = make([
      { questionId: "1", type: "image", width: 9, data: [object("a", 1)] },
    ]);
    log.commit([setObject(document, "1", "b", object("b", 2))]);
    expect(document.objects("1").ids).toEqual(["a", "b"]);
  });

  it("makes one step of commits of one group in quick succession, and forgets what was undone", () => {
    const { document, log, wait } = make([
      { questionId: "1", type: "image", width: 9, data: [object("a", 0)] },
    ]);
    for (let n = 1; n <= 5; n++) {
      log.commit([setObject(document, "1", "a", object("a", n))], "nudge/a");
      wait(100);
    }
    wait(2000);
    log.commit([setObject(document, "1", "a", object("a", 9))], "nudge/a");
    log.undo();
    expect(document.object("1", "a")?.value).toBe(5);
    log.undo();
    expect(document.object("1", "a")?.value).toBe(0);
    expect(log.canUndo.value).toBe(false);
    log.commit([setObject(document, "1", "a", object("a", 7))]);
    expect(log.canRedo.value).toBe(false);
  });

  it("drops operations that change nothing", () => {
    const { document, log } = make();
    log.commit([setElement(document, "2", null)]);
    expect(log.canUndo.value).toBe(false);
  });

  it("has an inverse of its inverse", () => {
    const op: Op = { q: "1", id: "a", prev: null, next: object("a", 1), before: null };
    expect(inverse(inverse(op))).toEqual(op);
  });
});

describe("many operations in one step", () => {
  it("are read once by those that follow the document, and undone to the same order", () => {
    const all = Array.from({ length: 200 }, (_, at) => object(`o${at}`, at));
    const { document, log } = make([{ questionId: "1", type: "image", data: all }]);
    const before = seen(document);
    let reads = 0;
    const stop = effect(() => {
      void document.changed.value;
      reads++;
    });
    const some = all.filter((_, at) => at % 3 !== 1);
    log.commit(some.map(({ id }) => setObject(document, "1", id, null)));
    expect([reads, document.objects("1").ids.length]).toEqual([2, 67]);
    expect(document.follower("1", "o1")).toBe("o4");
    log.undo();
    stop();
    expect([reads, seen(document)]).toEqual([3, before]);
    expect(document.follower("1", "o1")).toBe("o2");
  });
});

describe("document", () => {
  it("gives results in question order, an answered list without objects included", () => {
    const { document, log } = make([value("x")]);
    expect(document.toResults()).toEqual([value("x")]);
    log.commit([setObject(document, "1", "a", object("a", 1))]);
    log.commit([setObject(document, "1", "a", null)]);
    expect(document.toResults()).toEqual([
      { questionId: "1", type: "image", width: 9, data: [] },
      value("x"),
    ]);
  });

  it("keeps what it read as it was", () => {
    const results: Element[] = [
      { questionId: "1", type: "image", width: 9, rotation: 0, data: [object("a", [1, 2])] },
      value(["k1", "k2"]),
    ];
    expect(make(results).document.toResults()).toEqual(results);
  });

  it("says which object belongs to which question, and raises only the signals concerned", () => {
    const { document, log } = make([
      { questionId: "1", type: "image", width: 9, data: [object("a", 1), object("b", 1)] },
    ]);
    expect(document.ownerOf("a")).toBe("1");
    expect(document.ownerOf("z")).toBeNull();
    const a = document.objectVersion("a");
    const b = document.objectVersion("b");
    log.commit([setObject(document, "1", "a", object("a", 2))]);
    expect([a.value, b.value]).toEqual([1, 0]);
  });
});
