import { beforeAll, describe, expect, it } from "vitest";
import { askedBeside, hiddenBeside, hiddenIn } from "./conditions";
import { Document } from "./document";
import { problemsOf } from "./problems";
import type { Element, Question } from "./types";

beforeAll(async () => {
  await import("../topic/choice");
  await import("../topic/picture");
  await import("../topic/rating");
  await import("../topic/input");
});

const options = ["a", "b", "c"].map((key) => ({ key, label: key.toUpperCase() }));
const choice = (questionId: string, more: Partial<Question> = {}): Question => ({
  questionId,
  type: "RADIO",
  markTitle: questionId,
  options,
  ...more,
});
const when = (questionId: string, ...is: string[]) => ({ showIf: { questionId, is } });
const answer = (questionId: string, data: unknown): Element => ({
  questionId,
  type: "survey/value",
  data,
});

function made(questions: Question[], ...results: Element[]): Document {
  const shell = ({ questionId, type }: Question) =>
    type === "PICTURE" ? { questionId, type: "image" } : null;
  return new Document(questions, shell, results);
}

const hidden = (questions: Question[], ...results: Element[]) => [
  ...hiddenIn(made(questions, ...results), questions),
];

describe("a question with a condition", () => {
  const questions = [choice("1"), choice("2", when("1", "a", "b")), choice("3", when("2", "c"))];

  it("is asked while one of the keys is chosen", () => {
    expect(hidden(questions)).toEqual(["2", "3"]);
    expect(hidden(questions, answer("1", "b"))).toEqual(["3"]);
    expect(hidden(questions, answer("1", "c"))).toEqual(["2", "3"]);
  });

  it("is hidden with the one it hangs on, whatever that one's draft says", () => {
    expect(hidden(questions, answer("1", "a"), answer("2", "c"))).toEqual([]);
    expect(hidden(questions, answer("1", "c"), answer("2", "c"))).toEqual(["2", "3"]);
  });

  it("may ask for one of several options, or for the value of a rating", () => {
    const several = choice("1", { type: "CHECKBOX" });
    const rating: Question = { questionId: "3", type: "RATING", markTitle: "3" };
    const all = [several, choice("2", when("1", "b")), rating, choice("4", when("3", "1", "2"))];
    expect(hidden(all, answer("1", ["a", "b"]), answer("3", "2"))).toEqual([]);
    expect(hidden(all, answer("1", ["a"]), answer("3", "5"))).toEqual(["2", "4"]);
  });

  it("in a circle with another hides both", () => {
    const circle = [choice("1", when("2", "a")), choice("2", when("1", "a"))];
    expect(hidden(circle, answer("1", "a"), answer("2", "a"))).toEqual(["1", "2"]);
  });

  it("misses nothing while it is hidden", () => {
    const all = [choice("1"), choice("2", { ...when("1", "a"), mustFill: true })];
    const of = (...results: Element[]) =>
      problemsOf(made(all, ...results), all).map(({ questionId }) => questionId);
    expect(of()).toEqual([]);
    expect(of(answer("1", "a"))).toEqual(["2"]);
  });
});

describe("a question asked of an object", () => {
  const children = [
    choice("2.1"),
    choice("2.2", { ...when("2.1", "a"), mustFill: true }),
    choice("2.3", { ...when("1", "b"), mustFill: true }),
  ];
  const questions = [
    choice("1"),
    { questionId: "2", type: "PICTURE", markTitle: "2", children } satisfies Question,
  ];

  it("hangs on the object's own labels, or on what is chosen for the item", () => {
    const ids = (labels: Record<string, unknown>, ...results: Element[]) =>
      askedBeside(children, labels, made(questions, ...results)).map((one) => one.questionId);
    expect(ids({})).toEqual(["2.1"]);
    expect(ids({ "2.1": "a" })).toEqual(["2.1", "2.2"]);
    expect(ids({ "2.1": "c" }, answer("1", "b"))).toEqual(["2.1", "2.3"]);
  });

  it("is taken as asked where what is chosen for the item is not known", () => {
    expect([...hiddenBeside(children, {})]).toEqual(["2.2"]);
  });

  it("misses nothing of an object that hides it", () => {
    const objects = [
      { id: "x", type: "image/polygon", labels: { "2.1": "a" } },
      { id: "y", type: "image/polygon", labels: { "2.1": "b" } },
    ];
    const document = made(questions, { questionId: "2", type: "image", data: objects });
    expect(problemsOf(document, questions).map(({ object }) => object)).toEqual(["x"]);
  });
});

describe("a text that breaks its rule", () => {
  it("keeps the answer from being complete, as long as it is asked", () => {
    const all: Question[] = [
      choice("1"),
      {
        questionId: "2",
        type: "INPUT",
        markTitle: "Code",
        rule: "[A-Z]{2}\\d+",
        ...when("1", "a"),
      },
    ];
    const of = (...results: Element[]) => problemsOf(made(all, ...results), all).length;
    expect(of(answer("1", "a"), answer("2", "x"))).toBe(1);
    expect(of(answer("1", "a"), answer("2", "XY12"))).toBe(0);
    expect(of(answer("1", "b"), answer("2", "x"))).toBe(0);
  });
});
