import { describe, expect, it } from "vitest";
import { keptShares, movedBorder, placedQuestions, rowsOf } from "./layout";
import type { LayoutRow, Question, View } from "./types";

const view = (bindField: string, more: Partial<View> = {}): View => ({
  type: "Text",
  bindField,
  field: bindField,
  ...more,
});
const question = (questionId: string): Question => ({
  questionId,
  type: "RADIO",
  markTitle: questionId,
});

function names(views: View[], questions: Question[] = [], layout: LayoutRow[] = []) {
  return rowsOf({ views, questions, layout }).map(({ cells, height }) => [
    height,
    ...cells.map(({ width, blocks }) => [
      width,
      ...blocks.map((one) =>
        one.kind === "view" ? one.view.bindField : `?${one.question.questionId}`,
      ),
    ]),
  ]);
}

describe("a stage", () => {
  it("without a layout has the views side by side, three in a row", () => {
    expect(names([view("a")])).toEqual([[6, [12, "a"]]]);
    expect(names(["a", "b", "c", "d"].map((name) => view(name)))).toEqual([
      [6, [12, "a"], [12, "b"], [12, "c"]],
      [6, [12, "d"]],
    ]);
  });

  it("has what the layout says, then every view that it leaves out in a row of its own", () => {
    const layout = [
      {
        cells: [
          { width: 7, blocks: [{ view: "a" }] },
          { width: 5, blocks: [{ view: "b" }, { question: "1" }] },
        ],
      },
      { cells: [{ width: 12, blocks: [{ question: "2" }] }] },
    ];
    expect(
      names(
        ["a", "b", "c"].map((name) => view(name)),
        [question("1"), question("2")],
        layout,
      ),
    ).toEqual([
      [6, [7, "a"], [5, "b", "?1"]],
      [null, [12, "?2"]],
      [6, [12, "c"]],
    ]);
  });

  it("leaves out hidden views, questions that the job does not ask, and what is named again", () => {
    const layout = [
      {
        height: 4,
        cells: [
          { width: 6, blocks: [{ view: "a" }] },
          { width: 6, blocks: [{ view: "b" }, { view: "a" }] },
        ],
      },
      { cells: [{ width: 12, blocks: [{ question: "9" }, { view: "none" }] }] },
    ];
    expect(names([view("a"), view("b", { hide: true })], [], layout)).toEqual([[4, [6, "a"]]]);
    expect([...placedQuestions({ questions: [question("1")], layout })]).toEqual([]);
  });
});

describe("borders", () => {
  it("give one share what they take from the other", () => {
    expect(movedBorder([6, 6], 0, 0.25)).toEqual([9, 3]);
    expect(movedBorder([4, 4, 4], 1, -0.1).map((one) => Math.round(one * 10))).toEqual([
      40, 28, 52,
    ]);
  });

  it("leave a tenth to either side", () => {
    expect(movedBorder([6, 6], 0, 5)).toEqual([10.8, 1.2].map((one) => expect.closeTo(one, 6)));
    expect(movedBorder([6, 6], 0, -5)).toEqual([1.2, 10.8].map((one) => expect.closeTo(one, 6)));
  });

  it("are where they were left if the parts are the same", () => {
    expect(keptShares([2, 10], [6, 6])).toEqual([2, 10]);
    for (const kept of [undefined, [1, 2, 3], [0, 12], ["a", 1], [Number.NaN, 1], [-1, 13]]) {
      expect(keptShares(kept, [6, 6])).toEqual([6, 6]);
    }
    expect(keptShares([3, 0, 9], [6, 0, 6])).toEqual([3, 0, 9]);
  });
});
