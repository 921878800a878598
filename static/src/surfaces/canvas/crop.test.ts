import { describe, expect, it } from "vitest";
import type { Point } from "../../core/types";
import { frameOf, type Matrix, matrixOf, neededOf, scaleFor, widened } from "./crop";

const through = ([a, b, c, d, e, f]: Matrix, [x, y]: Point): number[] =>
  [a * x + c * y + e, b * x + d * y + f].map((value) => Math.round(value * 1e6) / 1e6 + 0);

describe("a cut out of the picture", () => {
  it("of an upright box is the box, enlarged", () => {
    const points: Point[] = [
      [10, 20],
      [50, 20],
      [50, 40],
      [10, 40],
    ];
    const frame = frameOf({ kind: "rectangle", points });
    const scale = scaleFor(frame, { width: 160, height: 200 });
    expect(scale).toBe(4);
    const matrix = matrixOf(frame, scale);
    expect(through(matrix, [10, 20])).toEqual([0, 0]);
    expect(through(matrix, [50, 40])).toEqual([160, 80]);
    expect(neededOf(widened(frame), { width: 52, height: 100 })).toEqual({
      minX: 7,
      minY: 17,
      maxX: 52,
      maxY: 43,
    });
  });

  it("of a turned rectangle stands upright", () => {
    // A line of text that runs downwards: its first side is on the right.
    const points: Point[] = [
      [60, 10],
      [60, 90],
      [40, 90],
      [40, 10],
    ];
    const frame = frameOf({ kind: "rotated", points });
    expect([frame.width, frame.height]).toEqual([80, 20]);
    const matrix = matrixOf(frame, 1);
    expect(through(matrix, [60, 10])).toEqual([0, 0]);
    expect(through(matrix, [60, 90])).toEqual([80, 0]);
    expect(through(matrix, [40, 90])).toEqual([80, 20]);
  });

  it("of anything else is the box around it, never without any extent", () => {
    const frame = frameOf({ kind: "point", points: [[5, 6]] });
    expect([frame.origin, frame.width, frame.height]).toEqual([[5, 6], 1, 1]);
    expect(scaleFor(frame, { width: 300, height: 300 })).toBe(8);
  });
});
