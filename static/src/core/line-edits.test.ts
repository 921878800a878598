import { beforeEach, describe, expect, it } from "vitest";
import "../topic/choice";
import "../topic/input";
import "../topic/segments";
import { signal } from "@preact/signals";
import { marked } from "../content/punctuation";
import { laneAt, lanesOf, segmentOf } from "../content/segment-feed";
import { changeOnLine, createOnLine, moments, placeInTime, splitOnLine } from "./line-edits";
import { findRegion } from "./region-actions";
import { regionQuestions, stickyLabels } from "./regions";
import { Selection } from "./selection";
import type { Session } from "./session";
import { Sheet } from "./sheet";
import type { ItemPayload, Obj, Question } from "./types";

const QUESTION: Question = {
  questionId: "1",
  type: "VIDEO",
  markTitle: "Segments",
  kind: "audio",
  view: "source",
  field: "source",
  tracks: ["Agent", "Caller"],
  children: [
    { questionId: "1.1", type: "RADIO", markTitle: "Who", options: [{ key: "a", label: "A" }] },
    { questionId: "1.3", type: "INPUT", markTitle: "Said" },
  ],
};

function desk() {
  const payload = {
    position: 1,
    results: null,
    base: null,
    data: {},
    media: { source: { url: "/m", type: "audio", duration: 10.1234564 } },
  } as unknown as ItemPayload;
  const template = { views: [], questions: [QUESTION], abandon_reasons: [] };
  const sheet = new Sheet(payload, template, "labeling", []);
  const selected = new Selection();
  const session = {
    template,
    sheet: signal(sheet),
    frozen: signal(null),
    selected,
    selection: selected.all,
    payload: signal(payload),
    commit: (ops: never, group: string | null = null) => sheet.log.commit(ops, group),
  } as unknown as Session;
  const [target] = regionQuestions([QUESTION]);
  if (!target) throw new Error("no question");
  const all = () => sheet.document.objects("1").ids.map((id) => sheet.document.object("1", id));
  return { session, sheet, target, all };
}

beforeEach(() => {
  moments.clear();
  stickyLabels.value = {};
});

describe("segments", () => {
  it("are made with the labels used last, to the millionth, on a track that is said where it is not the first", () => {
    const { session, sheet, target, all } = desk();
    stickyLabels.value = { "1": { "1.1": "a" } };
    createOnLine(session, target, [{ start: 1.23456789, end: 2, track: 0 }]);
    createOnLine(session, target, [{ start: 3, end: 4, track: 1 }]);
    expect(all()).toMatchObject([
      { type: "time/segment", start: 1.234568, end: 2, labels: { "1.1": "a" } },
      { start: 3, end: 4, track: 1 },
    ]);
    expect(all()[0]).not.toHaveProperty("track");
    expect(sheet.document.toResults()[0]).toMatchObject({ type: "audio", duration: 10.123456 });
    sheet.log.undo();
    expect(all()).toHaveLength(1);
  });

  it("are changed together as one step, and not at all where nothing changes", () => {
    const { session, sheet, target, all } = desk();
    createOnLine(session, target, [
      { start: 1, end: 2 },
      { start: 3, end: 4, track: 1 },
    ]);
    const [a, b] = all() as [Obj, Obj];
    changeOnLine(session, [{ id: a.id, start: 1, end: 2 }]);
    expect(sheet.log.standing).toHaveLength(2);
    changeOnLine(session, [
      { id: a.id, start: 1.5, end: 2.5, track: 1 },
      { id: b.id, start: 3.5, end: 4 },
    ]);
    expect(all()).toMatchObject([
      { start: 1.5, end: 2.5, track: 1 },
      { start: 3.5, end: 4, track: 1 },
    ]);
    sheet.log.undo();
    expect(all()).toMatchObject([{ start: 1 }, { start: 3 }]);
  });

  it("lie where one types, in order and within the recording, at moments that there are", () => {
    const { session, target, all } = desk();
    createOnLine(session, target, [{ start: 1, end: 2 }]);
    placeInTime(session, { start: 5, end: 4.0000004 });
    expect(all()).toMatchObject([{ start: 4, end: 5 }]);
    placeInTime(session, { start: 4, end: 99 });
    expect(all()).toMatchObject([{ start: 4, end: 10.123456 }]);
    moments.set("source", (time) => Math.round(time * 25) / 25);
    placeInTime(session, { start: 4.013, end: 6.03 });
    expect(all()).toMatchObject([{ start: 4, end: 6.04 }]);
  });

  it("are cut in two: the labels of both, the text of the first", () => {
    const { session, sheet, target, all } = desk();
    createOnLine(session, target, [{ start: 1, end: 4, track: 1 }]);
    const id = (all()[0] as Obj).id;
    const region = findRegion(session, id);
    if (!region) throw new Error("no region");
    const labels = { "1.1": "a", "1.3": "hello" };
    splitOnLine(session, { ...region, object: { ...region.object, labels } }, 2.5);
    expect(all()).toMatchObject([
      { id, start: 1, end: 2.5, track: 1, labels },
      { start: 2.5, end: 4, track: 1, labels: { "1.1": "a" } },
    ]);
    sheet.log.undo();
    expect(all()).toMatchObject([{ start: 1, end: 4 }]);
  });

  it("of several questions lie below each other, each on tracks of its own", () => {
    const other: Question = { ...QUESTION, questionId: "2", markTitle: "Noise", tracks: [] };
    const lanes = lanesOf(regionQuestions([QUESTION, other]));
    expect(lanes.flatMap(({ names }) => names)).toEqual(["Agent", "Caller", "Noise"]);
    expect(laneAt(lanes, 2)).toMatchObject({ question: { question: other }, track: 0 });
    expect(laneAt(lanes, 3)).toBeNull();
    const object = { id: "x", type: "time/segment", start: 1, end: 2, track: 7, labels: {} };
    expect(lanes.map((lane) => segmentOf(lane, object)?.track)).toEqual([1, 2]);
  });
});

describe("punctuation", () => {
  it("follows the word, and takes the selection's place", () => {
    expect(marked("hello ", 6, 6, ", ")).toEqual({ from: 5, text: ", ", caret: 7 });
    expect(marked("你好", 2, 2, "，")).toEqual({ from: 2, text: "，", caret: 3 });
    expect(marked("a b c", 2, 3, ". ")).toEqual({ from: 1, text: ". ", caret: 3 });
  });

  it("of a pair goes around what is selected, else the caret goes between", () => {
    expect(marked("红楼梦", 0, 3, "《》")).toEqual({ from: 0, text: "《红楼梦》", caret: 5 });
    expect(marked("", 0, 0, "“”")).toEqual({ from: 0, text: "“”", caret: 1 });
  });
});
