import { beforeEach, describe, expect, it } from "vitest";
import "../topic/choice";
import "../topic/slot";
import { signal } from "@preact/signals";
import { lockedIds } from "../content/compare";
import { namesFor } from "../topic/relation-keys";
import { isAllowed, labelsBetween } from "./pairs";
import { setLabel } from "./region-actions";
import { EVERYTHING, matcher } from "./region-list";
import { labelsFor, regionQuestions, relationKey, stickyLabels } from "./regions";
import { begin, endWords, relate, relating, reverse, stepRelation } from "./relations";
import { Selection } from "./selection";
import type { Session } from "./session";
import { Sheet } from "./sheet";
import type { ItemPayload, Obj, Question } from "./types";

const option = (key: string) => ({ key, label: key, color: "#d5281b" });
const SPAN_KIND: Question = {
  questionId: "1.1",
  type: "RADIO",
  markTitle: "Kind",
  mustFill: true,
  options: ["per", "org", "loc"].map(option),
};
const RELATION_KIND: Question = {
  ...SPAN_KIND,
  questionId: "1.3",
  markTitle: "Relation",
  options: ["works", "owns", "in"].map(option),
};
const QUESTION: Question = {
  questionId: "1",
  type: "SLOT",
  markTitle: "Entities",
  mustFill: true,
  view: "source",
  field: "source",
  children: [SPAN_KIND],
  relationChildren: [RELATION_KIND],
  pairs: [
    { from: ["per"], to: ["org"], relation: ["works", "owns"] },
    { from: ["per", "org"], to: ["loc"], relation: ["in"] },
  ],
};
const span = (id: string, kind?: string): Obj => ({
  id,
  type: "text/span",
  start: 0,
  end: 2,
  text: id,
  labels: kind === undefined ? {} : { "1.1": kind },
});
const SPANS = [span("ann", "per"), span("acme", "org"), span("oslo", "loc"), span("new")];

function desk(question = QUESTION) {
  const payload = {
    position: 1,
    results: [{ questionId: "1", type: "text", data: SPANS }],
    base: null,
    data: {},
    media: {},
  } as unknown as ItemPayload;
  const template = { views: [], questions: [question], abandon_reasons: [] };
  const sheet = new Sheet(payload, template, "labeling", []);
  const selected = new Selection();
  const frozen = signal<string | null>(null);
  const toast = signal<{ text: string } | null>(null);
  const session = {
    template,
    sheet: signal(sheet),
    frozen,
    selected,
    selection: selected.all,
    payload: signal(payload),
    toast,
    commit: (ops: never, group: string | null = null) => sheet.log.commit(ops, group),
  } as unknown as Session;
  const links = () =>
    [...sheet.document.objects("1").byId.values()].filter(({ type }) => type === "text/relation");
  return { session, sheet, selected, frozen, toast, links };
}

beforeEach(() => {
  stickyLabels.value = {};
  relating.value = null;
  lockedIds.value = new Set();
});

describe("pairs", () => {
  it("let join what some pair lists; what has not been chosen yet fits any", () => {
    const [ann, acme, oslo, fresh] = SPANS as [Obj, Obj, Obj, Obj];
    expect(isAllowed(QUESTION, ann, acme, { "1.3": "works" })).toBe(true);
    expect(isAllowed(QUESTION, ann, acme, { "1.3": "in" })).toBe(false);
    expect(isAllowed(QUESTION, acme, ann, {})).toBe(false);
    expect(isAllowed(QUESTION, fresh, oslo, {})).toBe(true);
    expect(isAllowed({ ...QUESTION, pairs: [] }, acme, ann, { "1.3": "in" })).toBe(true);
  });

  it("say with which label a relation begins", () => {
    const [ann, acme, oslo] = SPANS as [Obj, Obj, Obj];
    expect(labelsBetween(QUESTION, ann, acme, { "1.3": "owns" })).toEqual({ "1.3": "owns" });
    expect(labelsBetween(QUESTION, ann, acme, { "1.3": "in" })).toEqual({});
    expect(labelsBetween(QUESTION, ann, oslo, { "1.3": "owns" })).toEqual({ "1.3": "in" });
  });
});

describe("relations", () => {
  it("join two objects, once; the label used last stays apart from those of spans", () => {
    const { session, links, selected } = desk();
    expect(relate(session, "ann", "acme")).toBe(true);
    expect(links()).toMatchObject([{ from: "ann", to: "acme", labels: {} }]);
    expect(selected.peek()).toBe(links()[0]?.id);
    setLabel(session, RELATION_KIND, () => "works");
    expect(labelsFor("1")).toEqual({});
    expect(labelsFor(relationKey("1"))).toEqual({ "1.3": "works" });
    expect(relate(session, "ann", "acme")).toBe(true);
    expect(links()).toHaveLength(1);
  });

  it("are refused with the reason", () => {
    const { session, links, toast, selected, frozen } = desk();
    expect(relate(session, "oslo", "ann")).toBe(false);
    expect(toast.value?.text).toBe("No relation may go from loc to per.");
    expect(relate(session, "ann", "ann")).toBe(false);
    relate(session, "ann", "acme");
    setLabel(session, RELATION_KIND, () => "in");
    expect(toast.value?.text).toBe("in may not go from per to org.");
    expect(links()[0]?.labels).toEqual({});
    reverse(session);
    expect(links()[0]).toMatchObject({ from: "ann", to: "acme" });
    // Nor may what is joined become something that may not be.
    selected.value = "acme";
    setLabel(session, SPAN_KIND, () => "per");
    expect(toast.value?.text).toBe("No relation may go from per to per.");
    frozen.value = "read";
    expect(relate(session, "ann", "oslo")).toBe(false);
    expect(links()).toHaveLength(1);
  });

  it("are turned round, unless they are locked, and taken back", () => {
    const { session, links, sheet } = desk({ ...QUESTION, pairs: [] });
    relate(session, "ann", "acme");
    reverse(session);
    expect(links()[0]).toMatchObject({ from: "acme", to: "ann" });
    lockedIds.value = new Set([links()[0]?.id as string]);
    reverse(session);
    expect(links()[0]).toMatchObject({ from: "acme", to: "ann" });
    sheet.log.undo();
    expect(links()[0]).toMatchObject({ from: "ann", to: "acme" });
    sheet.log.undo();
    expect(links()).toEqual([]);
  });

  it("are walked through from an object, and begin at one only", () => {
    const { session, links, selected } = desk({ ...QUESTION, pairs: [] });
    for (const [a, b] of ["ann acme", "acme oslo", "new ann"].map((one) => one.split(" ")))
      relate(session, a as string, b as string);
    const [first, , third] = links().map(({ id }) => id);
    selected.value = "ann";
    stepRelation(session);
    expect(selected.peek()).toBe(first);
    stepRelation(session);
    expect(selected.peek()).toBe(third);
    stepRelation(session);
    expect(selected.peek()).toBe(first);
    begin(session);
    expect(relating.value).toBeNull();
    selected.value = "ann";
    begin(session);
    expect(relating.value).toEqual({ from: "ann", to: null });
  });

  it("are found in lists by the words of their ends", () => {
    const { session, links, sheet } = desk();
    relate(session, "ann", "acme");
    const [question] = regionQuestions([QUESTION]);
    if (!question) throw new Error("no question");
    const find = (id: string) => sheet.document.object("1", id);
    const [link] = links() as [Obj];
    expect(endWords({ question, object: link }, find)).toEqual({ from: "ann", to: "acme" });
    const standing = { kindName: () => "", hidden: () => false, locked: () => false };
    const finds = (words: string) =>
      matcher(question, { ...EVERYTHING, words }, standing, find)(link);
    expect(finds("acme")).toBe(true);
    expect(finds("oslo")).toBe(false);
  });
});

describe("names of targets", () => {
  it("are one letter, or two where there are many; none begins another", () => {
    expect(namesFor(3)).toEqual(["a", "s", "d"]);
    const many = namesFor(200);
    expect(new Set(many).size).toBe(200);
    expect(many.every((name) => name.length === 2)).toBe(true);
    expect(namesFor(200).join("")).not.toMatch(/[jkez]/);
  });
});
