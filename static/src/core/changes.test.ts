import { describe, expect, it } from "vitest";
import "../topic/choice";
import "../topic/picture";
import { changesBetween, changeText, referenceOf } from "./changes";
import { Document } from "./document";
import { remarksOf } from "./remarks";
import type { ItemPayload, Obj, Question } from "./types";

const options = ["car", "bus"].map((key) => ({ key, label: key, color: "#aa0000" }));
const questions = [
  {
    questionId: "1",
    type: "PICTURE",
    markTitle: "boxes",
    mustFill: false,
    shapes: ["rectangle"],
    children: [{ questionId: "1.1", type: "RADIO", markTitle: "label", mustFill: true, options }],
  },
  { questionId: "2", type: "RADIO", markTitle: "verdict", mustFill: false, options },
] as unknown as Question[];

function box(id: string, x: number, label: string | null, more = {}): Obj {
  const value = [
    [x, 0],
    [x + 10, 0],
    [x + 10, 10],
    [x, 10],
  ];
  const labels = label === null ? {} : { "1.1": label };
  return {
    id,
    type: "image/polygon",
    shape: "rectangle",
    value,
    labels,
    ...more,
  } as unknown as Obj;
}
function document(objects: Obj[], choice: string | null = null): Document {
  const shell = { questionId: "1", type: "image" };
  const results = [
    { ...shell, data: objects },
    ...(choice ? [{ questionId: "2", type: "survey/value", data: choice }] : []),
  ];
  return new Document(
    questions,
    (one) => (one.type === "PICTURE" ? shell : null),
    results as never,
  );
}

describe("changes", () => {
  it("names what was added, removed, moved, relabelled, and other answers", () => {
    const same = box("same", 0, "car");
    const before = document(
      [same, box("gone", 20, "bus"), box("moved", 40, "car"), box("named", 60, null)],
      "car",
    );
    const after = document(
      [
        { ...same, labels: { "1.1": "car" }, group: "g" },
        box("both", 99, "bus"),
        box("moved", 41, "car"),
        box("named", 60, "bus"),
      ],
      "bus",
    );
    const found = changesBetween(before, after);
    expect(found.map(({ kind, id }) => [kind, id])).toEqual([
      ["added", "both"],
      ["moved", "moved"],
      ["relabelled", "named"],
      ["removed", "gone"],
      ["answer", null],
    ]);
    const words = found.map((change) => changeText(change, before, after));
    expect(words).toEqual(["bus", "car", "No label → bus", "bus", "car → bus"]);
    expect(changesBetween(before, before)).toEqual([]);
    const both = document([box("moved", 50, "bus")]);
    expect(changesBetween(document([box("moved", 40, "car")]), both)[0]?.kind).toBe("changed");
  });

  it("compare with an earlier round, else with what the person began from", () => {
    const base = { results: [], abandoned: false, author: null, stage: "labeling", version: 1 };
    const since = { results: [], abandoned: false, round: 1, stage: "check" };
    const payload = (more: object) => ({ base, verdict: "", ...more }) as unknown as ItemPayload;
    expect(referenceOf(payload({ since }), "check", 2)?.results).toBe(since.results);
    expect(referenceOf(payload({}), "check", 1)).toBeNull();
    expect(referenceOf(payload({ verdict: "modified" }), "check", 1)?.results).toBe(base.results);
    expect(referenceOf(payload({}), "labeling", 1)).toBeNull();
    expect(referenceOf(payload({}), "labeling", 2)?.results).toBe(base.results);
    expect(referenceOf(payload({}), "read", 2)).toBeNull();
  });
});

describe("remarks", () => {
  it("belong to regions, the latest round last, without saying the same twice", () => {
    const said = (object: string | null, feedback: string) => ({ object, feedback });
    const payload = {
      previous_feedback: [said("a", "too wide"), said(null, "bad"), said("a", "still too wide")],
      feedback_object: "a",
      feedback: "still too wide",
    } as unknown as ItemPayload;
    expect([...remarksOf(payload)]).toEqual([["a", "too wide / still too wide"]]);
  });
});
