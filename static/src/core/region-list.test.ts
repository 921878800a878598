import { describe, expect, it } from "vitest";
import { pointsOf } from "../surfaces/canvas/geometry";
import "../topic/choice";
import "../topic/input";
import "../topic/picture";
import { agreed } from "./region-actions";
import { between, EVERYTHING, facetOf, matcher, rowsOf, type Wish } from "./region-list";
import { regionQuestions } from "./regions";
import type { Obj, Question } from "./types";

const QUESTION: Question = {
  questionId: "1",
  type: "PICTURE",
  markTitle: "Boxes",
  children: [
    {
      questionId: "1.1",
      type: "CHECKBOX",
      markTitle: "L",
      options: [
        { key: "k1", label: "Car" },
        { key: "k2", label: "Bus" },
      ],
    },
    { questionId: "1.3", type: "INPUT", markTitle: "Text", mustFill: true },
  ],
};
const [ASKED] = regionQuestions([QUESTION]);
const STANDING = {
  kindName: (kind: string) => (kind === "polygon" ? "Polygon" : "Rectangle"),
  hidden: (id: string) => id === "b",
  locked: (id: string) => id === "c",
};

function made(id: string, labels: Obj["labels"], extra: Partial<Obj> = {}): Obj {
  const value = pointsOf({ minX: 0, minY: 0, maxX: 9, maxY: 9 });
  return { id, type: "image/polygon", shape: "rectangle", value, labels, ...extra };
}

const OBJECTS = [
  made("a", { "1.1": ["k1"], "1.3": "Hello world" }),
  made("b", { "1.1": ["k1", "k2"] }, { group: "g" }),
  made("c", { "1.3": "大门" }, { shape: "polygon" }),
  made("d", { "1.1": ["k2"], "1.3": "x" }, { group: "g" }),
];
const LIST = {
  shell: { questionId: "1", type: "image" },
  answered: true,
  ids: OBJECTS.map(({ id }) => id),
  places: null,
  byId: new Map(OBJECTS.map((object) => [object.id, object])),
  parts: new Map(),
  layout: null,
};

function found(wish: Partial<Wish>): string {
  if (!ASKED) return "";
  return OBJECTS.filter(matcher(ASKED, { ...EVERYTHING, ...wish }, STANDING))
    .map(({ id }) => id)
    .join("");
}

describe("the list of regions", () => {
  it("finds by words in labels, text and kind", () => {
    expect(found({})).toBe("abcd");
    expect(found({ words: " car " })).toBe("ab");
    expect(found({ words: "hello car" })).toBe("a");
    expect(found({ words: "大" })).toBe("c");
    expect(found({ words: "poly" })).toBe("c");
    expect(found({ words: "nothing" })).toBe("");
  });

  it("finds by label, shape and state", () => {
    expect(found({ facet: facetOf("label", "1.1", "k2") })).toBe("bd");
    expect(found({ facet: facetOf("kind", "polygon") })).toBe("c");
    expect(found({ facet: "hidden" })).toBe("b");
    expect(found({ facet: "locked" })).toBe("c");
    expect(found({ facet: "lacking" })).toBe("b");
    expect(found({ facet: facetOf("label", "1.1", "k1"), words: "bus" })).toBe("b");
  });

  it("puts the members of a group below its heading, with their places in the order", () => {
    const rows = rowsOf(LIST, () => true);
    expect(rows.map((row) => (row.kind === "group" ? `[${row.ids.join("")}]` : row.id))).toEqual([
      "a",
      "[bd]",
      "b",
      "d",
      "c",
    ]);
    expect(rows.flatMap((row) => (row.kind === "region" ? [row.index] : []))).toEqual([0, 1, 3, 2]);
    expect(between(rows, "c", "b")).toEqual(["b", "d", "c"]);
    expect(between(rows, "gone", "b")).toEqual(["b"]);
  });
});

describe("one label for several regions", () => {
  const toggle = (value: unknown) => {
    const now = (value ?? []) as string[];
    const next = now.includes("k") ? now.filter((one) => one !== "k") : [...now, "k"];
    return next.length > 0 ? next : null;
  };
  const all = (former: unknown[], change: (value: unknown) => unknown) =>
    agreed(former, former.map(change));

  it("goes to those that do not have it, and is taken away once all have it", () => {
    expect(all([["k"], null, ["m"]], toggle)).toEqual([["k"], ["k"], ["m", "k"]]);
    expect(all([["k"], ["m", "k"]], toggle)).toEqual([null, ["m"]]);
    const one = (value: unknown) => (value === "k" ? null : "k");
    expect(all(["k", "m", null], one)).toEqual(["k", "k", "k"]);
    expect(all(["k", "k"], one)).toEqual([null, null]);
  });
});
