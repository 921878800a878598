import { beforeAll, describe, expect, it } from "vitest";
import { childKeys, wholeKeys } from "./answer-keys";
import type { Session } from "./session";
import type { Question } from "./types";

beforeAll(async () => {
  await import("../topic/choice");
  await import("../topic/input");
  await import("../topic/open-ended");
  await import("../topic/ranking");
  await import("../topic/rating");
});

const options = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ key: `${n}`, label: `${n}` }));
const rating = (questionId: string): Question => ({
  questionId,
  type: "RATING",
  markTitle: questionId,
  least: 1,
  most: 5,
  step: 1,
});
const session = (questions: Question[], inspecting = false) =>
  ({ template: { questions, views: [] }, inspecting }) as unknown as Session;

const keys = (found: Map<string, { key: string }[]>) =>
  Object.fromEntries([...found].map(([id, all]) => [id, all.map(({ key }) => key)]));

const mixed: Question[] = [
  { questionId: "1", type: "RADIO", markTitle: "1", options: options(3) },
  rating("2"),
  rating("3"),
  { questionId: "4", type: "RANKING", markTitle: "4", options: options(2) },
  { questionId: "5", type: "INPUT", markTitle: "5", preOptions: ["x", "y"] },
  { questionId: "6", type: "OPEN_ENDED", markTitle: "6", preOptions: ["z"] },
];

describe("keys of many questions", () => {
  it("have one meaning each; a rating whose digits are taken has them with Shift, or none", () => {
    expect(keys(wholeKeys(session(mixed)))).toEqual({
      "1": ["1", "2", "3"],
      "2": ["shift+1", "shift+2", "shift+3", "shift+4", "shift+5"],
      "3": [],
      "4": ["4", "5"],
      "5": ["alt+1", "alt+2"],
      "6": [],
    });
  });

  it("leave to inspectors what shows and adopts votes", () => {
    const found = keys(wholeKeys(session(mixed, true)));
    expect([found["2"], found["5"]]).toEqual([[], []]);
  });

  it("of objects are none of the item's", () => {
    const children = [{ questionId: "7.1", type: "RADIO", markTitle: "7.1", options: options(2) }];
    expect(keys(childKeys(session(mixed), children))["7.1"]).toEqual(["6", "7"]);
  });

  it("leave the answers of pages theirs", () => {
    const page = { questionId: "9.1", type: "RADIO", markTitle: "9.1", options: options(2) };
    const pdf: Question = { questionId: "9", type: "PDF", markTitle: "9", pageChildren: [page] };
    expect(keys(wholeKeys(session([mixed[4] as Question, pdf])))["5"]).toEqual([]);
  });
});
