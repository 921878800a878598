import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import "../topic/picture";
import type { Geometry } from "../surfaces/canvas/shapes";
import { Document } from "./document";
import { OpLog } from "./oplog";
import { editRegions } from "./region-edits";
import type { Session } from "./session";
import type { Element, Obj, Question } from "./types";

const SHELL = { questionId: "1", type: "image" };
const square = (at: number): Geometry => ({
  kind: "rectangle",
  points: [
    [at, at],
    [at + 10, at],
    [at + 10, at + 10],
    [at, at + 10],
  ],
});
const triangle: Geometry = { kind: "polygon", points: square(0).points.slice(1) };

/** A session with three rectangles, for questions that take these shapes. */
function open(shapes: readonly string[]) {
  const question = { questionId: "1", type: "PICTURE", markTitle: "Q", options: [], shapes };
  const data = ["a", "b", "c"].map((id, at) => ({
    id,
    type: "image/polygon",
    shape: "rectangle",
    value: square(at * 20).points,
    labels: { "1.1": id },
  }));
  const document = new Document([question as unknown as Question], () => SHELL, [
    { ...SHELL, data } as Element,
  ]);
  const log = new OpLog(document);
  const chosen: string[][] = [];
  const toast = signal<unknown>(null);
  const session = {
    sheet: signal({ document }),
    frozen: signal(null),
    toast,
    template: { questions: [question] },
    commit: log.commit.bind(log),
    selection: signal(new Set(["a", "b"])),
    selected: { many: (ids: string[]) => chosen.push(ids) },
  };
  return { session: session as unknown as Session, document, log, chosen, toast };
}

describe("several changes at once", () => {
  it("are one step, and what is new lies beside what it is like", () => {
    const { session, document, log, chosen } = open(["rectangle", "polygon"]);
    editRegions(session, {
      kind: "edit",
      change: [{ id: "a", geometry: triangle }],
      create: [{ geometry: square(50), like: "a" }],
      remove: ["b"],
    });
    const [first, made, last] = document.objects("1").ids;
    expect([first, last]).toEqual(["a", "c"]);
    const object = document.object("1", made as string) as Obj;
    expect(object.labels).toEqual({ "1.1": "a" });
    expect(document.object("1", "a")).toMatchObject({ shape: "polygon", value: triangle.points });
    expect(chosen).toEqual([["a", made]]);
    log.undo();
    expect(document.objects("1").ids).toEqual(["a", "b", "c"]);
    expect(log.canUndo.value).toBe(false);
  });

  it("are refused as a whole where the question does not take a shape", () => {
    const { session, document, log, toast } = open(["rectangle"]);
    editRegions(session, {
      kind: "edit",
      change: [{ id: "a", geometry: triangle }],
      remove: ["b"],
    });
    expect(document.objects("1").ids).toEqual(["a", "b", "c"]);
    expect(log.canUndo.value).toBe(false);
    expect(toast.value).toMatchObject({ kind: "warn" });
  });
});
