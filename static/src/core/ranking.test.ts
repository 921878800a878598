import { describe, expect, it } from "vitest";
import { begunOrder, movedTo, orderOf, pick, withKey } from "./ranking";
import type { Question } from "./types";

const all = ["a", "b", "c", "d"];
const question: Question = {
  questionId: "1",
  type: "RANKING",
  markTitle: "Order",
  options: all.map((key) => ({ key, label: key })),
};

describe("an order", () => {
  it("is whole once one place is left, which follows of itself", () => {
    expect(withKey([], "c", all)).toEqual({ keys: ["c"], whole: false });
    expect(withKey(["c", "a"], "d", all)).toEqual({ keys: ["c", "a", "d", "b"], whole: true });
    expect(withKey([], "b", ["a", "b"])).toEqual({ keys: ["b", "a"], whole: true });
  });

  it("loses a key that is pressed again", () => {
    expect(withKey(["c", "a"], "c", all)).toEqual({ keys: ["a"], whole: false });
  });

  it("is not begun anew by the key that came last of itself", () => {
    const two = { ...question, options: all.slice(0, 2).map((key) => ({ key, label: key })) };
    const owner = {};
    expect(pick(owner, two, "a")).toEqual(["a", "b"]);
    expect(pick(owner, two, "b")).toBeNull();
    expect(begunOrder(owner, two)).toBeNull();
    // Pressed once more it is meant.
    expect(pick(owner, two, "b")).toEqual(["b", "a"]);
    expect(pick(owner, two, "b")).toEqual(["b", "a"]);
  });

  it("takes a key to any place, and not beyond its ends", () => {
    expect(movedTo(all, "d", 0)).toEqual(["d", "a", "b", "c"]);
    expect(movedTo(all, "a", 2)).toEqual(["b", "c", "a", "d"]);
    expect(movedTo(all, "b", 9)).toEqual(["a", "c", "d", "b"]);
    expect(movedTo(all, "b", -3)).toEqual(["b", "a", "c", "d"]);
  });

  it("is an answer only with all options", () => {
    expect(orderOf(question, ["d", "c", "b", "a"])).toEqual(["d", "c", "b", "a"]);
    for (const value of [null, [], ["a"], ["a", "b", "c", "x"]]) {
      expect(orderOf(question, value)).toBeNull();
    }
  });
});
