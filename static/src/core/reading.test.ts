import { describe, expect, it } from "vitest";
import { readingOrder } from "./reading";

const at = (id: string, minX: number, minY: number, width = 40, height = 10) => ({
  id,
  box: { minX, minY, maxX: minX + width, maxY: minY + height },
});

describe("reading order", () => {
  it("goes through lines from the top, each from the left", () => {
    const regions = [at("d", 60, 33), at("a", 0, 0), at("c", 0, 30), at("b", 60, 3)];
    expect(readingOrder(regions, "lines")).toEqual(["a", "b", "c", "d"]);
  });

  it("keeps a line on a slope together, and lines that nearly touch apart", () => {
    const slope = [0, 1, 2, 3, 4].map((n) => at(`s${n}`, 50 * n, 3 * n));
    expect(readingOrder([...slope].reverse(), "lines")).toEqual(["s0", "s1", "s2", "s3", "s4"]);
    const close = [at("b1", 0, 11), at("a2", 50, 0), at("b2", 50, 11), at("a1", 0, 1)];
    expect(readingOrder(close, "lines")).toEqual(["a1", "a2", "b1", "b2"]);
  });

  it("puts a small region into the line beside which it lies", () => {
    const regions = [at("big", 0, 0, 40, 30), at("small", 50, 10, 20, 8), at("next", 0, 40)];
    expect(readingOrder(regions, "lines")).toEqual(["big", "small", "next"]);
  });

  it("goes through upright columns from the right, each from the top", () => {
    const regions = [
      at("left1", 0, 0, 10, 40),
      at("right2", 32, 50, 10, 40),
      at("right1", 30, 0, 10, 40),
      at("left2", 0, 50, 10, 40),
    ];
    expect(readingOrder(regions, "columns")).toEqual(["right1", "right2", "left1", "left2"]);
  });

  it("orders points too, and nothing at all", () => {
    expect(readingOrder([], "lines")).toEqual([]);
    const points = [at("b", 9, 5, 0, 0), at("a", 1, 5, 0, 0), at("c", 0, 6, 0, 0)];
    expect(readingOrder(points, "lines")).toEqual(["a", "b", "c"]);
  });
});
