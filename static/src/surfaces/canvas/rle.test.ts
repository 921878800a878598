import { describe, expect, it } from "vitest";
import { decodeRuns, encodeRuns, maskBox } from "./rle";

describe("run lengths", () => {
  it("are those of pycocotools", () => {
    // pycocotools.mask.encode of a 4 × 5 picture with a 2 × 2 block at row 1, column 2.
    expect(encodeRuns([9, 2, 2, 2, 5])).toBe("92203");
    expect(decodeRuns("92203")).toEqual([9, 2, 2, 2, 5]);
  });

  it("survive writing and reading, also beyond 31 bits", () => {
    for (const runs of [[0, 20], [5], [3, 1, 4, 1, 5, 9, 2, 6], [2 ** 33, 7, 2 ** 33 + 1, 12]]) {
      expect(decodeRuns(encodeRuns(runs))).toEqual(runs);
    }
    expect(() => decodeRuns("\n")).toThrow(RangeError);
  });

  it("tell the box around the mask", () => {
    const mask = { size: [4, 5] as const, counts: encodeRuns([9, 2, 2, 2, 5]) };
    expect(maskBox(mask)).toEqual({ minX: 2, minY: 1, maxX: 4, maxY: 3 });
  });
});
