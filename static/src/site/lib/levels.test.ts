import { describe, expect, it } from "vitest";
import { branchLength, canShift, depthOf, level, nested } from "./levels";

function rows(...depths: number[]) {
  return depths.map((depth, at) => ({ depth, name: "abcdefgh"[at] as string }));
}

describe("levels of labels", () => {
  it("never jump", () => {
    const found = rows(2, 5, 5, 0, 1, 9);
    level(found);
    expect(found.map((row) => row.depth)).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it("make a tree and its branches", () => {
    const tree = nested(rows(0, 1, 2, 1, 0), (row, children: string[]) =>
      children.length > 0 ? `${row.name}(${children.join()})` : row.name,
    );
    expect(tree).toEqual(["a(b(c),d)", "e"]);
    expect(branchLength(rows(0, 1, 2, 1, 0), 0)).toBe(4);
    expect(branchLength(rows(0, 1, 2, 1, 0), 3)).toBe(1);
  });

  it("go down below the row before, up to the top", () => {
    expect(canShift(rows(0, 0), 0, 1)).toBe(false);
    expect(canShift(rows(0, 0), 1, 1)).toBe(true);
    expect(canShift(rows(0, 1), 1, 1)).toBe(false);
    expect(canShift(rows(0, 1), 1, -1)).toBe(true);
    expect(canShift(rows(0, 1), 0, -1)).toBe(false);
    expect(canShift(rows(0, 1, 2, 3, 3, 4), 4, 1)).toBe(false);
  });

  it("are read from the blanks of pasted lines", () => {
    expect(["a", "\ta", "  a", "\t\ta", "    a", " a"].map(depthOf)).toEqual([0, 1, 1, 2, 2, 0]);
  });
});
