import { describe, expect, it } from "vitest";
import type { Question } from "../core/types";
import { allValues, nearest, placeOf, scaleOf, valueAt } from "./scale";

const scale = (least: number, most: number, step: number) =>
  scaleOf({ questionId: "1", type: "RATING", markTitle: "", least, most, step } satisfies Question);

describe("a scale", () => {
  it("has its values as ratings are written", () => {
    expect(allValues(scale(1, 5, 1))).toEqual(["1", "2", "3", "4", "5"]);
    expect(allValues(scale(0, 1, 0.25))).toEqual(["0", "0.25", "0.5", "0.75", "1"]);
    expect(allValues(scale(-1, 1, 0.5))).toEqual(["-1", "-0.5", "0", "0.5", "1"]);
    expect(valueAt(scale(0, 100, 0.1), 3)).toBe("0.3");
    expect(valueAt(scale(0, 1000, 10), 10)).toBe("100");
  });

  it("knows the place of its values, and of no others", () => {
    const tenths = scale(0, 1, 0.1);
    for (const [at, value] of allValues(tenths).entries()) expect(placeOf(tenths, value)).toBe(at);
    for (const value of ["0.15", "1.1", "", "x", "1.0", null]) {
      expect(placeOf(tenths, value)).toBeNull();
    }
  });

  it("takes what is typed to its nearest value", () => {
    expect(nearest(scale(1, 5, 0.5), 3.3)).toBe("3.5");
    expect(nearest(scale(1, 5, 1), 99)).toBe("5");
    expect(nearest(scale(-5, 5, 1), -99)).toBe("-5");
  });
});
