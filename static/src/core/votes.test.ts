import { describe, expect, it } from "vitest";
import type { Element, Vote } from "./types";
import { disagreeing, isAdopted } from "./votes";

const vote = (voter: number, results: Element[], abandoned = false): Vote => ({
  voter,
  author: null,
  results,
  abandoned,
  adopted: false,
});
const choice = (questionId: string, data: unknown): Element => ({
  questionId,
  type: "survey/value",
  data,
});
const split = (...votes: Vote[]) => [...disagreeing(votes)];

describe("votes", () => {
  it("agree whatever the order of choices and the ids of objects", () => {
    expect(split(vote(1, [choice("1", ["a", "b"])]), vote(2, [choice("1", ["b", "a"])]))).toEqual(
      [],
    );
    const box = (id: string) => ({ id, type: "image/polygon", labels: { c: "car" } });
    expect(split(vote(1, [choice("1", [box("x")])]), vote(2, [choice("1", [box("y")])]))).toEqual(
      [],
    );
  });

  it("differ question by question, also where one says nothing", () => {
    expect(
      split(
        vote(1, [choice("1", "a"), choice("2", "x"), choice("3", "z")]),
        vote(2, [choice("1", "b"), choice("2", "x")]),
      ),
    ).toEqual(["1", "3"]);
  });

  it("are adopted as the answer stands now", () => {
    const one = { ...vote(1, [choice("1", "a")]), adopted: true };
    expect(isAdopted(one, null)).toBe(true);
    expect(isAdopted(one, [choice("1", "b")])).toBe(false);
    expect(isAdopted(one, [choice("1", "a"), choice("2", "x")])).toBe(true);
  });

  it("of people who abandoned the item are no answers", () => {
    expect(split(vote(1, [choice("1", "a")]), vote(2, [], true))).toEqual([]);
  });
});
