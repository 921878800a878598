import { describe, expect, it } from "vitest";
import { Document } from "../core/document";
import { OpLog, setObject } from "../core/oplog";
import { reorderOps } from "../core/region-order";
import { regionQuestions } from "../core/regions";
import type { Element, Obj, Question } from "../core/types";
import { pointsOf } from "../surfaces/canvas/geometry";
import type { Shape } from "../surfaces/canvas/shapes";
import "../topic/input";
import "../topic/picture";
import { lockedIds } from "./compare";
import { feedShapes } from "./shape-feed";

const INPUT: Question = { questionId: "1.3", type: "INPUT", markTitle: "Text" };
const PICTURE: Question = { questionId: "1", type: "PICTURE", markTitle: "Q", children: [INPUT] };
const value = pointsOf({ minX: 0, minY: 0, maxX: 9, maxY: 9 });
const made = (id: string, text: string): Obj => ({
  id,
  type: "image/polygon",
  shape: "rectangle",
  value,
  labels: { "1.3": text },
});

/** A surface that only remembers. */
class Surface {
  shapes: Shape[] = [];
  loads = 0;
  load(shapes: readonly Shape[]) {
    this.shapes = [...shapes];
    this.loads++;
  }
  put(shape: Shape) {
    const at = this.shapes.findIndex(({ id }) => id === shape.id);
    if (at < 0) this.shapes.push(shape);
    else this.shapes[at] = shape;
  }
  remove(id: string) {
    this.shapes = this.shapes.filter((shape) => shape.id !== id);
  }
  get said() {
    return this.shapes.map(({ text }) => text);
  }
}

describe("shapes on a surface", () => {
  it("follow order, numbers, texts and locks", () => {
    const data = ["a", "b", "c"].map((id) => made(id, id));
    const shell = { questionId: "1", type: "image" };
    const results = [{ ...shell, data } as Element];
    const document = new Document([PICTURE], () => shell, results);
    const log = new OpLog(document);
    const surface = new Surface();
    const stop = feedShapes(surface, log, regionQuestions([PICTURE]));
    expect(surface.said).toEqual(["1 a", "2 b", "3 c"]);
    log.commit([setObject(document, "1", "b", made("b", "B"))]);
    log.commit([setObject(document, "1", "d", made("d", "d"))]);
    expect(surface.said).toEqual(["1 a", "2 B", "3 c", "4 d"]);
    expect(surface.loads).toBe(1);
    log.commit(reorderOps(document, "1", ["d", "a", "b", "c"]));
    expect(surface.said).toEqual(["1 d", "2 a", "3 B", "4 c"]);
    log.commit([setObject(document, "1", "d", null)]);
    expect(surface.said).toEqual(["1 a", "2 B", "3 c"]);
    log.undo();
    expect(surface.said).toEqual(["1 d", "2 a", "3 B", "4 c"]);
    lockedIds.value = new Set(["a"]);
    expect(surface.shapes.map(({ locked }) => locked === true)).toEqual([
      false,
      true,
      false,
      false,
    ]);
    lockedIds.value = new Set();
    expect(surface.shapes.every(({ locked }) => !locked)).toBe(true);
    stop();
    log.undo();
    expect(surface.said).toHaveLength(4);
  });
});
