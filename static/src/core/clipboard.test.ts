import { describe, expect, it } from "vitest";
import type { Point } from "../core/types";
import { pointsOf } from "../surfaces/canvas/geometry";
import "../topic/choice";
import "../topic/input";
import "../topic/picture";
import { Clipboard, copiedOf, fitted, labelsIn, regrouped, taker } from "./clipboard";
import { regionQuestions } from "./regions";
import type { Obj, Question } from "./types";

const OPTIONS = [
  { key: "k1", label: "car" },
  { key: "k2", label: "bus" },
];
const CHILD: Question = { questionId: "1.1", type: "CHECKBOX", markTitle: "L", options: OPTIONS };
const TEXT: Question = { questionId: "1.3", type: "INPUT", markTitle: "Text" };
const QUESTION: Question = {
  questionId: "1",
  type: "PICTURE",
  markTitle: "Boxes",
  children: [CHILD, TEXT],
};
const points = pointsOf({ minX: 10, minY: 20, maxX: 60, maxY: 50 });
const OBJECT: Obj = {
  id: "a",
  type: "image/polygon",
  shape: "rectangle",
  value: points,
  labels: { "1.1": ["k1", "k2"], "1.3": "hello" },
};

class Memory {
  readonly kept = new Map<string, string>();
  getItem(key: string) {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    this.kept.set(key, value);
  }
}

const [ASKED] = regionQuestions([QUESTION]);
const COPIED = ASKED && copiedOf(ASKED, OBJECT);

describe("copied regions", () => {
  it("outlast the page under the person who copied them", () => {
    const memory = new Memory();
    const mine = new Clipboard(1, () => memory);
    expect(COPIED && mine.put("item 1", [COPIED])).toBe(true);
    expect(new Clipboard(1, () => memory).get()?.copied).toEqual([COPIED]);
    expect(new Clipboard(2, () => memory).get()).toBeNull();
  });

  it("last as long as the page where the browser keeps nothing", () => {
    const clipboard = new Clipboard(1, () => {
      throw new DOMException("no");
    });
    expect(clipboard.get()).toBeNull();
    expect(COPIED && clipboard.put("item 1", [COPIED])).toBe(false);
    expect(clipboard.get()?.copied).toEqual([COPIED]);
  });

  it("of another form are left alone", () => {
    const memory = new Memory();
    const clipboard = new Clipboard(1, () => memory);
    const wrong = { ...COPIED, object: { ...OBJECT, value: [["x", 1]] } };
    for (const value of ["{", "[]", '{"copied":3}', JSON.stringify({ from: 1, copied: [] })]) {
      memory.kept.set("itag.regions.1", value);
      expect(clipboard.get()).toBeNull();
    }
    const clip = { stamp: "s", from: "item 1", copied: [wrong, null, COPIED] };
    memory.kept.set("itag.regions.1", JSON.stringify(clip));
    expect(clipboard.get()?.copied).toEqual([COPIED]);
  });

  it("lie further away each time that they are put in one place", () => {
    const clipboard = new Clipboard(1, () => new Memory());
    const clip = { stamp: "s", from: "item 1", copied: [] };
    expect([1, 2, 3].map(() => clipboard.again(clip, "item 1"))).toEqual([1, 2, 3]);
    expect([1, 2].map(() => clipboard.again(clip, "item 2"))).toEqual([0, 1]);
    expect(clipboard.again({ ...clip, stamp: "t" }, "item 1")).toBe(1);
  });

  it("answer the same question of another job, as far as it offers what was said", () => {
    const child = { ...CHILD, questionId: "7.2", options: OPTIONS.slice(1) };
    const other = { ...QUESTION, questionId: "7", children: [child] };
    const questions = regionQuestions([{ ...QUESTION, markTitle: "Else" }, other]);
    const found = COPIED && taker(COPIED, questions);
    expect(found?.question).toBe(other);
    expect(COPIED && labelsIn(other, COPIED)).toEqual({ "7.2": ["k2"] });
    expect(COPIED && labelsIn(QUESTION, COPIED)).toEqual(OBJECT.labels);
  });

  it("stay inside a smaller picture, made smaller where they must", () => {
    const geometry = { kind: "rectangle", points } as const;
    const box = (x: number, y: number, width: number, height: number) =>
      pointsOf({ minX: x, minY: y, maxX: x + width, maxY: y + height });
    const at = (width: number, height: number, shift = 0) =>
      fitted(geometry, { width, height }, shift)?.points;
    expect(at(100, 100)).toEqual(points);
    expect(at(100, 100, 10)).toEqual(box(20, 30, 50, 30));
    expect(at(65, 100, 10)).toEqual(box(0, 30, 50, 30));
    expect(at(55, 45)).toEqual(box(5, 15, 50, 30));
    expect(at(25, 30)).toEqual(box(0, 15, 25, 15));
    const holes = [points.map(([x, y]): Point => [x + 1, y + 1])];
    expect(fitted({ kind: "polygon", points, holes }, { width: 99, height: 99 }, 5)?.holes).toEqual(
      [points.map(([x, y]) => [x + 6, y + 6])],
    );
    const mask = { size: [40, 60], counts: "x" } as const;
    const masked = { kind: "mask", points, mask } as const;
    expect(fitted(masked, { width: 60, height: 40 }, 9)).toBe(masked);
    expect(fitted(masked, { width: 61, height: 40 }, 0)).toBeNull();
  });

  it("are groups of their own", () => {
    const made = regrouped([{ ...OBJECT, group: "g" }, OBJECT, { ...OBJECT, group: "g" }]);
    expect(made[0]?.group).toBe(made[2]?.group);
    expect(made[0]?.group).not.toBe("g");
    expect(made[1]?.group).toBeUndefined();
  });
});
