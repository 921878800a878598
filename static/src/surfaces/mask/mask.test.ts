import { describe, expect, it } from "vitest";
import type { Point } from "../../core/types";
import { area, type Box } from "../canvas/geometry";
import { cover, radiusOf, rasterOf, soften } from "./alpha";
import { areaMask } from "./area";
import { nextSize, stroke } from "./brush";
import {
  blank,
  type Columns,
  changed,
  columnsOf,
  combine,
  covers,
  extent,
  inverted,
  merge,
  pixels,
  rleOf,
  same,
  shifted,
} from "./columns";
import { filled, piece } from "./fill";
import { outlines, rings } from "./trace";
import { fromPixels, pick, resized } from "./wand";

/** A mask from rows of text, "#" for a pixel. */
function drawn(...lines: string[]): Columns {
  const width = (lines[0] as string).length;
  const taken = Uint8Array.from(lines.join(""), (letter) => (letter === "#" ? 1 : 0));
  return fromPixels(taken, width, lines.length);
}

function lines(mask: Columns): string[] {
  return Array.from({ length: mask.height }, (_, y) =>
    Array.from({ length: mask.width }, (_, x) => (covers(mask, [x, y]) ? "#" : ".")).join(""),
  );
}

/** Numbers that look random and are the same every time. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

function noise(width: number, height: number, seed: number, share = 0.5): Columns {
  const next = chance(seed);
  const taken = Uint8Array.from({ length: width * height }, () => (next() < share ? 1 : 0));
  return fromPixels(taken, width, height);
}

describe("columns", () => {
  it("are COCO's run lengths", () => {
    // pycocotools.mask.encode of these pixels, Fortran order.
    const mask = drawn(".....", "..##.", "..##.", ".....");
    expect(rleOf(mask)).toEqual({ size: [4, 5], counts: "92203" });
    expect(lines(columnsOf({ size: [4, 5], counts: "92203" }))).toEqual(lines(mask));
    // Runs go on from the foot of a column to the head of the next.
    expect(rleOf(drawn("##", "##")).counts).toBe("04");
    expect(rleOf(drawn("..", "..")).counts).toBe("4");
    expect(rleOf(drawn(".#", "#.")).counts).toBe("121");
  });

  it("survive being written and read", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const mask = noise(1 + (seed % 9), 1 + (seed % 7), seed, (seed % 5) / 4);
      const { size, counts } = rleOf(mask);
      const read = columnsOf({ size, counts });
      expect(lines(read)).toEqual(lines(mask));
      expect(same(read, mask)).toBe(true);
    }
  });

  it("join, cut and meet as their pixels do", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const [a, b] = [noise(6, 9, seed), noise(6, 9, seed + 99)];
      for (const how of ["join", "cut", "meet"] as const) {
        const found = merge(a, b, how);
        for (let x = 0; x < 6; x++) {
          for (let y = 0; y < 9; y++) {
            const [inA, inB] = [covers(a, [x, y]), covers(b, [x, y])];
            const wanted = how === "join" ? inA || inB : how === "cut" ? inA && !inB : inA && inB;
            expect(covers(found, [x, y])).toBe(wanted);
          }
        }
      }
      expect(merge(a, a, "join")).toBe(a);
      expect(pixels(a) + pixels(inverted(a))).toBe(54);
    }
    expect(combine([1, 3], [3, 5], "join")).toEqual([1, 5]);
  });

  it("know their box and move inside the picture", () => {
    const mask = drawn(".....", "..##.", "...#.", ".....");
    expect(extent(mask)).toEqual({ minX: 2, minY: 1, maxX: 4, maxY: 3 });
    expect(lines(shifted(mask, -1, 1))).toEqual([".....", ".....", ".##..", "..#.."]);
    expect(extent(shifted(mask, 99, -99))).toEqual({ minX: 3, minY: 0, maxX: 5, maxY: 2 });
    expect(extent(blank({ width: 3, height: 3 }))).toBeNull();
  });
});

describe("the brush", () => {
  const size = { width: 60, height: 40 };

  it("paints what lies within its reach of the line, and takes it away again", () => {
    const next = chance(7);
    for (let round = 0; round < 25; round++) {
      const from: Point = [next() * 60, next() * 40];
      const to: Point = round === 0 ? from : [next() * 60, next() * 40];
      const across = 2 + next() * 20;
      const mask = stroke(blank(size), from, to, across, false);
      for (let x = 0; x < 60; x++) {
        for (let y = 0; y < 40; y++) {
          const off = distance([x + 0.5, y + 0.5], from, to) - across / 2;
          if (Math.abs(off) > 1e-6) expect(covers(mask, [x, y])).toBe(off < 0);
        }
      }
      expect(extent(stroke(mask, from, to, across, true))).toBeNull();
    }
  });

  it("paints at least the pixel it is on", () => {
    const mask = stroke(blank(size), [10.1, 10.1], [10.1, 10.1], 1, false);
    expect(extent(mask)).toEqual({ minX: 10, minY: 10, maxX: 11, maxY: 11 });
  });

  it("keeps what it does not touch, and the mask where it changes nothing", () => {
    const mask = stroke(blank(size), [30, 20], [30, 20], 10, false);
    expect(stroke(mask, [30, 20], [31, 20], 4, false)).toBe(mask);
    const more = stroke(mask, [50, 20], [50, 20], 4, false);
    expect(more.columns[30]).toBe(mask.columns[30]);
    expect(stroke(mask, [-50, -50], [-50, -50], 4, false)).toBe(mask);
  });

  it("grows and shrinks by keys", () => {
    expect([nextSize(1, 1), nextSize(1, -1), nextSize(40, 1), nextSize(40, -1)]).toEqual([
      2, 1, 45, 36,
    ]);
    expect(nextSize(2000, 1)).toBe(2000);
  });
});

function distance([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along =
    length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

describe("fill and wand", () => {
  it("fills a gap, and takes a piece away", () => {
    const mask = drawn("####.#", "#..#.#", "#..#..", "####.#");
    expect(lines(filled(mask, [1, 1]))).toEqual(["####.#", "####.#", "####..", "####.#"]);
    expect(lines(filled(mask, [0, 0]))).toEqual([".....#", ".....#", "......", ".....#"]);
    expect(lines(piece(mask, [5, 3]))).toEqual(["......", "......", "......", ".....#"]);
    expect(extent(piece(mask, [1, 1]))).toBeNull();
    // Everything around: what is enclosed stays as it is.
    expect(lines(filled(mask, [4, 0]))).toEqual(["######", "#..###", "#..###", "######"]);
  });

  it("picks pixels of one colour that hang together", () => {
    const shades = [10, 12, 90, 12, 11, 13, 90, 10, 90, 90, 90, 11];
    const data = Uint8ClampedArray.from(shades.flatMap((shade) => [shade, 0, 200, 255]));
    const samples = { width: 4, height: 3, data };
    expect(lines(pick(samples, 0, 0, 3))).toEqual(["##..", "##..", "...."]);
    expect(lines(pick(samples, 0, 0, 0))).toEqual(["#...", "....", "...."]);
    expect(lines(pick(samples, 3, 2, 2))).toEqual(["...#", "...#", "...#"]);
    expect(pixels(pick(samples, 1, 1, 255))).toBe(12);
  });

  it("scales what was picked on a smaller picture", () => {
    const mask = drawn("#..", ".##");
    expect(lines(resized(mask, 6, 4))).toEqual(["##....", "##....", "..####", "..####"]);
    expect(resized(mask, 3, 2)).toBe(mask);
  });
});

describe("areas and outlines", () => {
  const square = (a: number, b: number): Point[] => [
    [a, a],
    [b, a],
    [b, b],
    [a, b],
  ];

  it("take the pixels whose middles lie inside", () => {
    const mask = areaMask([square(1, 5), square(2, 3)], { width: 6, height: 6 });
    expect(lines(mask)).toEqual(["......", ".####.", ".#.##.", ".####.", ".####.", "......"]);
    expect(pixels(areaMask([square(-9, 99)], { width: 6, height: 6 }))).toBe(36);
    const half = areaMask([square(0.5, 2.5)], { width: 4, height: 4 });
    expect(lines(half)).toEqual(["##..", "##..", "....", "...."]);
  });

  it("follow the pixels exactly: rings give the mask again", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const mask = noise(2 + (seed % 11), 2 + (seed % 8), seed, 0.2 + (seed % 4) * 0.2);
      const found = rings(mask);
      expect(lines(areaMask(found, mask))).toEqual(lines(mask));
      for (const ring of found) expect(ring.length).toBeGreaterThanOrEqual(4);
    }
  });

  it("part pixels that meet at a corner alone", () => {
    expect(rings(drawn("#.", ".#"))).toHaveLength(2);
    // One piece that touches itself at a corner is one ring.
    expect(rings(drawn("###", "#.#", "##."))).toHaveLength(1);
    expect(rings(drawn("###", "#.#", "###"))).toHaveLength(2);
  });

  it("give pieces with their holes, within a pixel of the mask", () => {
    const size = { width: 300, height: 200 };
    let mask = stroke(blank(size), [80, 100], [180, 90], 90, false);
    mask = stroke(mask, [100, 100], [110, 100], 30, true);
    mask = stroke(mask, [260, 40], [260, 40], 30, false);
    mask = stroke(mask, [20, 190], [20, 190], 1, false);
    const found = outlines(mask);
    expect(found.map(({ holes }) => holes.length)).toEqual([1, 0]);
    const points = found.reduce((sum, one) => sum + one.points.length, 0);
    expect(points).toBeLessThan(120);
    const exact = rings(mask);
    for (const { points, holes } of found) {
      for (const ring of [points, ...holes]) {
        for (const point of ring) expect(nearest(point, exact)).toBeLessThanOrEqual(1);
      }
    }
    for (const ring of exact) {
      if (area(ring) < 4) continue;
      const lines = found.flatMap((one) => [one.points, ...one.holes]);
      for (const point of ring) expect(nearest(point, lines)).toBeLessThanOrEqual(1);
    }
    const again = areaMask(
      found.flatMap((one) => [one.points, ...one.holes]),
      size,
    );
    expect(pixels(merge(mask, again, "meet")) / pixels(merge(mask, again, "join"))).toBeGreaterThan(
      0.98,
    );
  });

  it("keep a mask of a single pixel", () => {
    expect(outlines(drawn("...", ".#.", "..."))).toEqual([{ points: square(1, 2), holes: [] }]);
  });
});

function nearest(point: Point, rings: readonly (readonly Point[])[]): number {
  return Math.min(
    ...rings.flatMap((ring) =>
      ring.map((from, at) => distance(point, from, ring[(at + 1) % ring.length] as Point)),
    ),
  );
}

describe("what changed between two masks", () => {
  it("is a box around every pixel that differs", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const mask = noise(12, 9, seed, 0.3);
      const next = stroke(mask, [3, 3], [5, 4], 3, seed % 2 === 0);
      const box = changed(mask, next);
      let wanted: Box | null = null;
      for (let x = 0; x < 12; x++) {
        for (let y = 0; y < 9; y++) {
          if (covers(mask, [x, y]) === covers(next, [x, y])) continue;
          const own: Box = wanted ?? { minX: x, minY: y, maxX: x + 1, maxY: y + 1 };
          wanted = {
            minX: Math.min(own.minX, x),
            minY: Math.min(own.minY, y),
            maxX: Math.max(own.maxX, x + 1),
            maxY: Math.max(own.maxY, y + 1),
          };
        }
      }
      expect(box).toEqual(wanted);
    }
  });
});

describe("soft edges", () => {
  it("cover the box at any scale", () => {
    const mask = drawn("....", ".##.", ".##.", "....");
    const box = { minX: 0, minY: 0, maxX: 4, maxY: 4 };
    const whole = rasterOf(box, 1);
    expect([...cover(mask, whole)].map((one) => (one ? "#" : ".")).join("")).toBe(
      ".....##..##.....",
    );
    expect(rasterOf(box, 0.5)).toMatchObject({ width: 2, height: 2 });
    expect([...cover(mask, rasterOf(box, 0.5))]).toEqual([255, 255, 255, 255]);
    expect(cover(mask, rasterOf(box, 2)).filter((one) => one === 255)).toHaveLength(16);
    const corner = { ...whole, left: 2, top: 2, width: 2, height: 2 };
    expect([...cover(mask, corner)]).toEqual([255, 0, 0, 0]);
    // The same pixels whatever part is asked for, at an odd scale too.
    const next = chance(3);
    const spots = noise(40, 30, 5, 0.2);
    for (let round = 0; round < 20; round++) {
      const scale = 0.1 + next() * 3;
      const all = rasterOf({ minX: 0, minY: 0, maxX: 40, maxY: 30 }, scale, 3);
      const part = { ...all, left: all.left + 4, top: all.top + 3, width: 7, height: 5 };
      const [large, small] = [cover(spots, all), cover(spots, part)];
      for (let y = 0; y < 5; y++) {
        for (let x = 0; x < 7; x++) {
          expect(small[y * 7 + x]).toBe(large[(y + 3) * all.width + x + 4] ?? 0);
        }
      }
    }
  });

  it("fade over the given width to either side", () => {
    const alpha = new Uint8ClampedArray(40).fill(255, 20);
    soften(alpha, 40, 1, radiusOf(6));
    expect(alpha[13]).toBe(0);
    expect(alpha[14]).toBeGreaterThan(0);
    expect(alpha[25]).toBeLessThan(255);
    expect(alpha[26]).toBe(255);
    expect(Math.abs((alpha[19] as number) + (alpha[20] as number) - 255)).toBeLessThanOrEqual(3);
    const untouched = new Uint8ClampedArray([0, 255]);
    soften(untouched, 2, 1, 0);
    expect([...untouched]).toEqual([0, 255]);
  });

  it("are Pillow's: BoxBlur of half the width, twice", () => {
    // [round] of PIL.ImageFilter.BoxBlur(1.5), twice, of a row 0 0 0 0 255 255 0 0 0.
    const alpha = new Uint8ClampedArray([0, 0, 0, 0, 255, 255, 0, 0, 0]);
    soften(alpha, 9, 1, 1.5);
    expect([...alpha]).toEqual(PILLOW);
  });
});

const PILLOW = [4, 20, 48, 80, 104, 104, 80, 48, 20];
