import { describe, expect, it } from "vitest";
import { type Filter, matches, nextMatch } from "./filters";
import type { Flag, ItemState, ItemSummary } from "./types";

const item = (
  position: number,
  state: ItemState,
  more: Partial<ItemSummary> = {},
): ItemSummary => ({
  position,
  state,
  version: 0,
  ...more,
});

const list = [
  item(1, "answered"),
  item(2, "open", { feedback: true }),
  item(3, "rejected", { feedback: true }),
  item(4, "open", { disputed: true }),
  item(5, "passed"),
];
const flags = new Map<number, Flag>([[5, { thread: 7, state: "open" }]]);
const found = (filter: Filter) =>
  list.filter((one) => matches(one, filter, flags)).map((one) => one.position);
const next = (position: number, filter: Filter) =>
  nextMatch(list, position, filter, flags)?.position ?? null;

describe("the list of items", () => {
  it("is filtered", () => {
    expect(found("all")).toEqual([1, 2, 3, 4, 5]);
    expect(found("open")).toEqual([2, 4]);
    expect(found("flagged")).toEqual([5]);
    expect(found("feedback")).toEqual([2, 3]);
    expect(found("rejected")).toEqual([3]);
    expect(found("disputed")).toEqual([4]);
  });

  it("is walked round", () => {
    expect(next(1, "open")).toBe(2);
    expect(next(2, "open")).toBe(4);
    expect(next(4, "open")).toBe(2);
    expect(next(3, "feedback")).toBe(2);
    expect(next(1, "flagged")).toBe(5);
  });

  it("ends where only the present item matches", () => {
    expect(next(5, "flagged")).toBe(null);
    expect(next(3, "rejected")).toBe(null);
  });
});
