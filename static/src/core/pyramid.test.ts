import { describe, expect, it } from "vitest";
import { areaOf, factorOf, levelFor, parentOf, placesIn } from "./pyramid";

const LEVELS = [
  { width: 3000, height: 2100 },
  { width: 6000, height: 4200 },
  { width: 12000, height: 8400 },
];
const SIDE = 1024;

describe("a pyramid", () => {
  it("is looked at on the smallest level that is sharp on the screen", () => {
    expect(levelFor(LEVELS, 0.1)).toBe(0);
    expect(levelFor(LEVELS, 0.25)).toBe(0);
    expect(levelFor(LEVELS, 0.5)).toBe(1);
    expect(levelFor(LEVELS, 0.7)).toBe(2);
    expect(levelFor(LEVELS, 8)).toBe(2);
    expect(levelFor(LEVELS.slice(2), 0.01)).toBe(0);
  });

  it("covers every area with tiles, those in its middle first, none outside the picture", () => {
    const area = { minX: 5000, minY: 4000, maxX: 6500, maxY: 5000 };
    const places = placesIn(LEVELS, SIDE, 2, area);
    expect(places).toHaveLength(6);
    expect(places[0]).toEqual({ level: 2, column: 5, row: 4 });
    for (const place of places) {
      const { minX, minY, maxX, maxY } = areaOf(LEVELS, SIDE, place);
      expect(minX < area.maxX && maxX > area.minX && minY < area.maxY && maxY > area.minY).toBe(
        true,
      );
    }
    const all = placesIn(LEVELS, SIDE, 2, { minX: -9e9, minY: -9e9, maxX: 9e9, maxY: 9e9 });
    expect(all).toHaveLength(12 * 9);
    const pixels = all.reduce((sum, place) => {
      const { minX, minY, maxX, maxY } = areaOf(LEVELS, SIDE, place);
      return sum + (maxX - minX) * (maxY - minY);
    }, 0);
    expect(pixels).toBe(12000 * 8400);
    expect(placesIn(LEVELS, SIDE, 1, { minX: -500, minY: 0, maxX: -1, maxY: 9 })).toEqual([]);
  });

  it("has for each tile a larger one that shows the same", () => {
    const tile = { level: 2, column: 11, row: 8 };
    const inner = areaOf(LEVELS, SIDE, tile);
    const outer = areaOf(LEVELS, SIDE, parentOf(tile));
    expect(outer.minX).toBeLessThanOrEqual(inner.minX);
    expect(outer.maxY).toBeGreaterThanOrEqual(inner.maxY);
    expect(parentOf({ level: 1, column: 3, row: 2 })).toEqual({ level: 0, column: 0, row: 0 });
    expect(factorOf(LEVELS, 0)).toBe(4);
  });
});
