import { expect, test } from "vitest";
import { configure, duplicate, place, remove, step, tie, widen } from "./edits";
import { advance, back, begin, forth } from "./history";
import { atSide, cellOf, type Draft, partOf, readDraft, uid, walk, writeDraft } from "./model";
import { complete, flat, parseOptions } from "./paste";
import { faultsOf } from "./paths";

const CONTENT = {
  name: "Mixed",
  description: "",
  abandon_reasons: ["Other"],
  views: [
    { type: "Image", bindField: "picture" },
    { type: "Text", bindField: "words", title: "Words" },
  ],
  questions: [
    {
      questionId: "1",
      type: "PICTURE",
      markTitle: "Boxes",
      view: "picture",
      shapes: ["rectangle"],
      children: [
        { questionId: "1.1", type: "RADIO", markTitle: "Label", options: [] },
        { questionId: "1.4", type: "INPUT", markTitle: "Text" },
      ],
    },
    { questionId: "2", type: "RADIO", markTitle: "Fine?", options: [] },
    { questionId: "3", type: "INPUT", markTitle: "Why", showIf: { questionId: "2", is: ["k1"] } },
    {
      questionId: "4",
      type: "RANKING",
      markTitle: "Order",
      options: [],
      contents: { k1: "words" },
    },
  ],
  layout: [
    {
      cells: [
        { width: 8, blocks: [{ view: "picture" }] },
        { width: 4, blocks: [{ view: "words" }, { question: "2" }] },
      ],
      height: 6,
    },
  ],
};

const named = (draft: Draft, title: string) => {
  const found = [...walk(draft.questions)].find((one) => one.config.markTitle === title);
  if (!found) throw new Error(`no question ${title}`);
  return found;
};
const ids = (draft: Draft) =>
  Object.fromEntries(
    [...walk(readDraft(writeDraft(draft)).questions)].map((one) => [one.config.markTitle, one.id]),
  );

test("what is read is written again", () => {
  expect(writeDraft(readDraft(CONTENT))).toEqual(CONTENT);
  expect(writeDraft(readDraft({ ...CONTENT, layout: [] })).layout).toEqual([]);
});

test("a view in no cell gets a row, and keeps it", () => {
  const [row] = CONTENT.layout;
  const layout = [{ cells: [{ width: 12, blocks: row?.cells[1]?.blocks }] }];
  const draft = readDraft({ ...CONTENT, layout });
  expect(draft.rows.length).toBe(2);
  expect((writeDraft(draft).layout as unknown[]).length).toBe(2);
});

test("ids stay where they fit, and conditions follow what moves", () => {
  let draft = readDraft(CONTENT);
  const fine = named(draft, "Fine?");
  const boxes = named(draft, "Boxes");
  draft = place(draft, fine, { at: "nest", parent: boxes.uid, nest: "children", before: null });
  expect(ids(draft)).toEqual({
    Boxes: "1", Label: "1.1", Text: "1.4", "Fine?": "1.2", Why: "3", Order: "4",
  }); // biome-ignore format: one line
  expect((writeDraft(draft).questions as { showIf?: unknown }[])[1]?.showIf).toEqual({
    questionId: "1.2",
    is: ["k1"],
  });
  const out = place(draft, named(draft, "Text"), { at: "side", before: boxes.uid });
  expect(ids(out).Text).toBe("2");
  expect(out.questions[0]?.config.markTitle).toBe("Text");
});

test("a question cannot be put inside itself", () => {
  const draft = readDraft(CONTENT);
  const boxes = named(draft, "Boxes");
  expect(
    place(draft, boxes, { at: "nest", parent: boxes.uid, nest: "children", before: null }),
  ).toBe(draft);
});

test("questions stand in cells or at the side", () => {
  let draft = readDraft(CONTENT);
  expect(atSide(draft).map((one) => one.config.markTitle)).toEqual(["Boxes", "Why", "Order"]);
  const why = named(draft, "Why");
  draft = place(draft, why, { at: "new-cell", row: draft.rows[0]?.uid ?? "", cell: 0 });
  expect(draft.rows[0]?.cells.map(({ width }) => width)).toEqual([4, 4, 4]);
  expect(ids(draft).Why).toBe("3");
  draft = place(draft, why, { at: "row", before: null });
  expect(cellOf(draft, why.uid)).toEqual({ row: 1, cell: 0 });
  expect(draft.rows[0]?.cells.length).toBe(2);
  draft = step(draft, why.uid, -1);
  expect(cellOf(draft, why.uid)).toEqual({ row: 0, cell: 0 });
  draft = place(draft, why, { at: "side", before: null });
  expect(draft.rows.length).toBe(1);
});

test("a part that is alone stays where it is put on itself", () => {
  const draft = readDraft({ ...CONTENT, layout: [] });
  const [first] = draft.views;
  const row = draft.rows[0]?.uid ?? "";
  if (!first) throw new Error("no view");
  expect(place(draft, first, { at: "new-cell", row, cell: 1 })).toBe(draft);
  expect(place(draft, first, { at: "cell", row, cell: 0, before: null })).toBe(draft);
  expect(place(draft, first, { at: "row", before: row })).toBe(draft);
});

test("what is removed is spoken of no more", () => {
  let draft = readDraft(CONTENT);
  draft = remove(draft, draft.views[1]?.uid ?? "");
  expect(named(draft, "Order").contents).toEqual({});
  draft = remove(draft, named(draft, "Fine?").uid);
  expect(named(draft, "Why").showIf).toBeNull();
  draft = remove(draft, draft.views[0]?.uid ?? "");
  expect(named(draft, "Boxes").view).toBeNull();
  expect(draft.rows).toEqual([]);
});

test("copies have names, titles and fields of their own", () => {
  const draft = readDraft(CONTENT);
  const twice = duplicate(draft, named(draft, "Boxes").uid);
  const copy = partOf(twice.draft, twice.copy);
  expect(copy?.config.markTitle).toBe("Boxes 2");
  expect(new Set([...walk(twice.draft.questions)].map((one) => one.uid)).size).toBe(9);
  const view = duplicate(draft, draft.views[0]?.uid ?? "");
  expect(partOf(view.draft, view.copy)?.config.bindField).toBe("picture2");
});

test("steps stay among what is seen", () => {
  let draft = readDraft(CONTENT);
  draft = step(draft, named(draft, "Why").uid, -1);
  expect(atSide(draft).map((one) => one.config.markTitle)).toEqual(["Why", "Boxes", "Order"]);
  expect(step(draft, named(draft, "Why").uid, -1)).toBe(draft);
  draft = step(draft, named(draft, "Label").uid, 1);
  expect(named(draft, "Boxes").nests.children.map((one) => one.id)).toEqual(["1.4", "1.1"]);
});

test("cells share twelve columns", () => {
  const draft = readDraft(CONTENT);
  expect(widen(draft, 0, 0, 3).rows[0]?.cells.map(({ width }) => width)).toEqual([3, 9]);
  expect(widen(draft, 0, 1, 40).rows[0]?.cells.map(({ width }) => width)).toEqual([1, 11]);
});

test("faults are found at their parts", () => {
  const draft = readDraft(CONTENT);
  const faults = faultsOf(draft, [
    { field: "questions[0].children[1].markTitle", message: "a" },
    { field: "views[1].bindField", message: "b" },
    { field: "questions[1].options[2].label", message: "c" },
    { field: "name", message: "d" },
    { field: "layout[0].cells[0]", message: "e" },
  ]);
  expect(faults.map((one) => [one.uid, one.member])).toEqual([
    [named(draft, "Text").uid, "markTitle"],
    [draft.views[1]?.uid, "bindField"],
    [named(draft, "Fine?").uid, "options[2].label"],
    [null, "name"],
    [null, "layout[0].cells[0]"],
  ]);
});

test("changes are taken back one by one; typing is one of them", () => {
  const first = readDraft(CONTENT);
  const why = named(first, "Why").uid;
  let history = begin(first);
  for (const [at, title] of ["W", "Wh", "Who"].entries()) {
    const next = configure(history.now, why, { markTitle: title });
    history = advance(history, next, `${why}.markTitle`, at * 100);
  }
  history = advance(history, tie(history.now, why, { showIf: null }), null, 400);
  expect(history.past.length).toBe(2);
  history = back(back(history));
  expect(history.now).toBe(first);
  history = forth(history);
  expect(partOf(history.now, why)?.config.markTitle).toBe("Who");
  expect(configure(first, why, { markTitle: undefined }).questions[2]?.config).toEqual({});
  expect(uid()).not.toBe(uid());
});

const labels = (text: string) => {
  const shape = (one: { label: string; children: never[] }): unknown =>
    one.children.length > 0 ? [one.label, one.children.map(shape)] : one.label;
  return parseOptions(text).map((one) => shape(one as never));
};

test("options are read from lists", () => {
  expect(labels("cat\r\ndog\n\n  bird ")).toEqual(["cat", ["dog", ["bird"]]]);
  expect(labels("Animal\n\tcat\n\t\tblack\n\tdog\nPlant")).toEqual([
    ["Animal", [["cat", ["black"]], "dog"]],
    "Plant",
  ]);
  expect(labels("- a\n  - b\n- c")).toEqual([["a", ["b"]], "c"]);
  expect(labels("城市\n　　北京\n人名")).toEqual([["城市", ["北京"]], "人名"]);
  expect(labels("  \n")).toEqual([]);
});

test("options are read from tables", () => {
  expect(labels("Animal,cat\nAnimal,dog\nPlant,")).toEqual([["Animal", ["cat", "dog"]], "Plant"]);
  expect(labels("Animal,cat,black\n,,white\n,dog")).toEqual([
    ["Animal", [["cat", ["black", "white"]], "dog"]],
  ]);
  const [first, second] = parseOptions('"a, b",#FF0000,1\nc,00ff00,2');
  expect(first).toEqual({ label: "a, b", color: "#ff0000", shortcut: "1", children: [] });
  expect(second?.color).toBe("#00ff00");
  expect(labels("label\tparent\nx\t\ny\tx\nz\ty")).toEqual([["x", [["y", ["z"]]]]]);
  // Each the other's parent: neither is lost.
  expect(flat(parseOptions("label,parent\na,b\nb,a")).length).toBe(2);
  expect(labels("标签;颜色\n猫;#ff0000")).toEqual(["猫"]);
});

test("options get keys, colours and shortcuts that are free", () => {
  const choices = { palette: ["#000001", "#000002", "#000003"], shortcuts: ["1", "2", "3"] };
  const present = [{ key: "k1", label: "old", color: "#000001", shortcut: "1" }];
  const made = complete(parseOptions("a\n  b\nc"), present, choices);
  expect(flat(made).map((one) => [one.key, one.color, one.shortcut])).toEqual([
    ["k2", "#000002", "2"],
    ["k3", "#000003", "3"],
    ["k4", "#000002", ""],
  ]);
});
