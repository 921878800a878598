import { describe, expect, it } from "vitest";
import { Document } from "../core/document";
import { assignKeys, hotkeysOf } from "../core/hotkeys";
import { problemsOf } from "../core/problems";
import { regionQuestions, describe as say, shapesOf, withLabel } from "../core/regions";
import { elementOf, topic } from "../core/registry";
import { shellsFor } from "../core/sheet";
import type { ItemPayload, Question } from "../core/types";
import type { PictureElement, RadioElement } from "../generated/schemas";
import "./choice";
import "./input";
import "./picture";

const OPTIONS = [
  { key: "k1", label: "car", color: "#d5281b", shortcut: "" },
  { key: "k2", label: "bus", color: "#1f5fbf", shortcut: "b" },
  { key: "k3", label: "bike", color: "#e6a817", shortcut: "1" },
];
const RADIO: Question = {
  questionId: "1",
  type: "RADIO",
  markTitle: "single-choice",
  mustFill: true,
  options: OPTIONS,
};
const CHECKBOX: Question = { ...RADIO, questionId: "2", type: "CHECKBOX" };
const PICTURE: Question = {
  questionId: "1",
  type: "PICTURE",
  markTitle: "boxes",
  mustFill: false,
  view: "source",
  field: "picture",
  shapes: ["rectangle"],
  children: [{ ...RADIO, questionId: "1.1", markTitle: "Label" }],
};
const PAYLOAD = { media: { picture: { url: "x", type: "image", width: 640, height: 480 } } };
const SHELLS = shellsFor(PAYLOAD as unknown as ItemPayload);

function press(question: Question, value: unknown, key: string): unknown {
  const hotkey = topic(question.type)
    ?.value?.hotkeys(question, new Set())
    .find((one) => one.key === key);
  return hotkey?.apply(value);
}

describe("hot keys of options", () => {
  it("are the template's own, then digits that are left", () => {
    expect([...assignKeys(OPTIONS, new Set())]).toEqual([
      ["k2", "b"],
      ["k3", "1"],
      ["k1", "2"],
    ]);
  });

  it("mean one thing each among questions side by side", () => {
    const keys = [...hotkeysOf([RADIO, CHECKBOX]).values()].flat().map((one) => one.key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(6);
  });
});

describe("choices", () => {
  it("one: a string; chosen again it stays where an answer is required, else it goes", () => {
    expect(press(RADIO, null, "b")).toBe("k2");
    expect(press(RADIO, "k2", "b")).toBe("k2");
    expect(press({ ...RADIO, mustFill: false }, "k2", "b")).toBeNull();
    const element = elementOf(RADIO, topic("RADIO")?.value as never, "k2");
    expect(element).toEqual({
      questionId: "1",
      type: "survey/value",
      data: "k2",
    } satisfies RadioElement);
  });

  it("several: a list in the order of the clicks, nothing when the last is taken away", () => {
    const two = press(CHECKBOX, press(CHECKBOX, null, "1"), "b");
    expect(two).toEqual(["k3", "k2"]);
    expect(press(CHECKBOX, two, "1")).toEqual(["k2"]);
    expect(press(CHECKBOX, ["k2"], "b")).toBeNull();
    expect(elementOf(CHECKBOX, topic("CHECKBOX")?.value as never, null)).toBeNull();
  });

  it("say their labels, and a key that is gone as it is", () => {
    const spec = topic("CHECKBOX")?.value;
    expect(spec?.describe(CHECKBOX, ["k3", "k1"])).toEqual({ text: "bike, car", color: "#e6a817" });
    expect(spec?.describe(CHECKBOX, ["gone"]).text).toBe("gone");
  });
});

describe("regions", () => {
  const spec = topic("PICTURE")?.regions;
  const points = [
    [1, 2],
    [3, 2],
    [3, 4],
    [1, 4],
  ] as const;

  it("are written in the canonical shape and read back", () => {
    const object = spec?.plane?.create("id", { kind: "rectangle", points }, { "1.1": "k2" });
    const document = new Document([PICTURE], SHELLS, []);
    document.apply({ q: "1", id: "id", prev: null, next: object, before: null });
    const results = document.toResults();
    expect(results).toEqual([
      {
        questionId: "1",
        type: "image",
        rotation: 0,
        width: 640,
        height: 480,
        data: [
          {
            id: "id",
            type: "image/polygon",
            shape: "rectangle",
            value: points.map((point) => [...point]) as [number, number][],
            labels: { "1.1": "k2" },
          },
        ],
      } satisfies PictureElement,
    ]);
    expect(new Document([PICTURE], SHELLS, results).toResults()).toEqual(results);
    expect(shapesOf(document, regionQuestions([PICTURE]))).toEqual([
      { id: "id", kind: "rectangle", points, text: "bus", color: "#1f5fbf" },
    ]);
  });

  it("sit only on the view that their question names", () => {
    const view = { type: "Image", bindField: "source", field: "picture" };
    expect(regionQuestions([PICTURE, CHECKBOX], view)).toHaveLength(1);
    expect(regionQuestions([PICTURE], { ...view, bindField: "other" })).toHaveLength(0);
    expect(regionQuestions([PICTURE], { ...view, type: "Text" })).toHaveLength(0);
  });

  it("lose a label that is taken away, and look unlabeled", () => {
    expect(withLabel({ "1.1": "k1" }, "1.1", null)).toEqual({});
    expect(withLabel({}, "1.2", [])).toEqual({});
    expect(say(PICTURE, { id: "", type: "", labels: {} })).toEqual({
      text: "",
      typed: "",
      color: "#aab4b0",
    });
  });

  it("that say a text are numbered in reading order, and the next one begins without it", () => {
    const input = { questionId: "1.3", type: "INPUT", markTitle: "Text", mustFill: true };
    const question = { ...PICTURE, children: [...(PICTURE.children ?? []), input] };
    const document = new Document([question], SHELLS, []);
    const long = "the quick brown fox jumps over";
    for (const [id, text] of [
      ["a", "  two\nlines "],
      ["b", long],
    ] as const) {
      const labels = { "1.1": "k2", "1.3": text };
      const next = spec?.plane?.create(id, { kind: "rectangle", points }, labels);
      document.apply({ q: "1", id, prev: null, next, before: null });
    }
    expect(shapesOf(document, regionQuestions([question])).map(({ text }) => text)).toEqual([
      "1 bus · two lines",
      "2 bus · the quick brown fox jum…",
    ]);
    expect(topic("INPUT")?.value?.typed).toBe(true);
    expect(topic("INPUT")?.value?.isEmpty(" \n")).toBe(true);
  });

  it("are incomplete without a required label; a question without regions may stay empty", () => {
    const document = new Document([PICTURE], SHELLS, []);
    expect(problemsOf(document, [PICTURE])).toEqual([]);
    expect(problemsOf(document, [{ ...PICTURE, mustFill: true }])).toHaveLength(1);
    document.apply({
      q: "1",
      id: "a",
      prev: null,
      next: spec?.plane?.create("a", { kind: "rectangle", points }, {}),
      before: null,
    });
    expect(problemsOf(document, [PICTURE])).toMatchObject([{ questionId: "1", object: "a" }]);
  });
});
