import { describe, expect, it } from "vitest";
import type { Point } from "../../core/types";
import { centred, fit, pan, reveal, toPicture, toScreen, zoomAt } from "./camera";
import {
  area,
  boxOf,
  contains,
  HANDLES,
  handlePoint,
  outlineDistance,
  rectangle,
  resize,
  translate,
} from "./geometry";
import { inkOn } from "./paint";
import { turnOf } from "./pointer";
import { Shapes } from "./shapes";

const SIZE = { width: 640, height: 480 };
const points = (l: number, t: number, r: number, b: number): Point[] => [
  [l, t],
  [r, t],
  [r, b],
  [l, b],
];

describe("rectangles", () => {
  it("run from the top left corner clockwise, whichever corners were given, inside the picture", () => {
    expect(rectangle([200, 180], [100, 100], SIZE)).toEqual(points(100, 100, 200, 180));
    expect(rectangle([-50, 490], [700, 400], SIZE)).toEqual(points(0, 400, 640, 480));
  });

  it("are kept to 1/100 of a pixel", () => {
    expect(rectangle([1.23456, 2.005], [3.999, 4.444], SIZE)).toEqual(points(1.23, 2.01, 4, 4.44));
  });

  it("move as a whole and stop at the edge with their size kept", () => {
    expect(translate(points(10, 10, 50, 40), 5, -3, SIZE)).toEqual(points(15, 7, 55, 37));
    expect(translate(points(10, 10, 50, 40), -999, 999, SIZE)).toEqual(points(0, 450, 40, 480));
  });

  it("follow each handle, also over the opposite side", () => {
    const box = boxOf(points(100, 100, 200, 180));
    for (const handle of HANDLES) {
      const [x, y] = handlePoint(box, handle);
      expect(resize(box, handle, [x, y], SIZE)).toEqual(points(100, 100, 200, 180));
    }
    expect(resize(box, "se", [250, 300], SIZE)).toEqual(points(100, 100, 250, 300));
    expect(resize(box, "n", [0, 50], SIZE)).toEqual(points(100, 50, 200, 180));
    expect(resize(box, "w", [300, 0], SIZE)).toEqual(points(200, 100, 300, 180));
    expect(resize(box, "nw", [-9, -9], SIZE)).toEqual(points(0, 0, 200, 180));
  });

  it("contain their inside, and know the distance of their outline and their area", () => {
    const square = points(0, 0, 10, 10);
    expect(contains(square, [5, 5])).toBe(true);
    expect(contains(square, [11, 5])).toBe(false);
    expect(outlineDistance(square, [5, 2])).toBe(2);
    expect(outlineDistance(square, [13, 14])).toBe(5);
    expect(area(square)).toBe(100);
  });
});

describe("camera", () => {
  const view = { width: 1000, height: 700 };
  it("maps there and back", () => {
    const camera = zoomAt(fit(SIZE, view, 0), [300, 200], 3.7);
    const [x, y] = toPicture(camera, toScreen(camera, [123.4, 56.7]));
    expect(x).toBeCloseTo(123.4, 9);
    expect(y).toBeCloseTo(56.7, 9);
  });

  it("keeps the point under the pointer while zooming, also at the limit", () => {
    let camera = centred(SIZE, view, 1, 0);
    const before = toPicture(camera, [400, 300]);
    for (let n = 0; n < 40; n++) camera = zoomAt(camera, [400, 300], 1.4);
    const after = toPicture(camera, [400, 300]);
    expect(camera.scale).toBe(64);
    expect(after[0]).toBeCloseTo(before[0], 6);
    expect(after[1]).toBeCloseTo(before[1], 6);
  });

  it("shows the whole picture when fitted, and never loses it when moved", () => {
    const camera = fit(SIZE, view, 0);
    expect(toScreen(camera, [0, 0])[1]).toBeGreaterThan(0);
    expect(toScreen(camera, [640, 480])[1]).toBeLessThan(700);
    const far = pan(camera, 99_999, -99_999, SIZE, view);
    expect(toScreen(far, [0, 0])[0]).toBeLessThan(1000);
    expect(toScreen(far, [640, 480])[1]).toBeGreaterThan(0);
  });

  it("moves only if a box is out of view", () => {
    const camera = zoomAt(fit(SIZE, view, 0), [0, 0], 8);
    const box = boxOf(points(600, 440, 620, 460));
    const moved = reveal(camera, box, SIZE, view);
    const [x, y] = toScreen(moved, [610, 450]);
    expect(x).toBeGreaterThan(0);
    expect(x).toBeLessThan(1000);
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(700);
    expect(reveal(moved, box, SIZE, view)).toBe(moved);
  });
});

describe("shapes", () => {
  const shape = (id: string, l: number, t: number, r: number, b: number) => ({
    id,
    kind: "rectangle" as const,
    points: points(l, t, r, b),
    color: "#fff",
    text: "",
  });

  it("are met at their outline first, else the smallest around the point", () => {
    const shapes = new Shapes();
    shapes.load([shape("large", 0, 0, 100, 100), shape("small", 40, 40, 60, 60)]);
    expect(shapes.hit([50, 50], 2, new Set())?.id).toBe("small");
    expect(shapes.hit([20, 20], 2, new Set())?.id).toBe("large");
    expect(shapes.hit([1, 50], 2, new Set())?.id).toBe("large");
    expect(shapes.hit([300, 300], 2, new Set())).toBeNull();
    expect(shapes.hit([50, 50], 2, new Set(["small"]))?.id).toBe("large");
  });

  it("move in the index with every change", () => {
    const shapes = new Shapes();
    shapes.put(shape("a", 0, 0, 10, 10));
    shapes.put(shape("a", 200, 200, 210, 210));
    expect(shapes.hit([5, 5], 1, new Set())).toBeNull();
    expect(shapes.hit([205, 205], 1, new Set())?.id).toBe("a");
    shapes.remove("a");
    expect(shapes.size).toBe(0);
    expect(shapes.within(boxOf(points(0, 0, 999, 999)))).toEqual([]);
  });

  it("are found among ten thousand in well under a millisecond", () => {
    const shapes = new Shapes();
    shapes.load(
      Array.from({ length: 10_000 }, (_, n) => {
        const x = (n % 100) * 40;
        const y = Math.floor(n / 100) * 30;
        return shape(String(n), x, y, x + 60, y + 45);
      }),
    );
    const start = performance.now();
    for (let n = 0; n < 200; n++) shapes.hit([n * 19, n * 14], 3, new Set());
    expect((performance.now() - start) / 200).toBeLessThan(1);
  });
});

describe("looks", () => {
  it("write on a colour in what can be read on it", () => {
    expect(inkOn("#e6a817")).toBe("#000000");
    expect(inkOn("#1f5fbf")).toBe("#ffffff");
    expect(inkOn("#ffffff")).toBe("#000000");
  });
});

describe("wheel", () => {
  const turn = {
    deltaX: 0,
    deltaY: 0,
    deltaMode: 0,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
  };
  it("zooms in upwards and out downwards, lines like pixels", () => {
    expect(turnOf({ ...turn, deltaY: -100 }).factor).toBeGreaterThan(1);
    expect(turnOf({ ...turn, deltaY: 100 }).factor).toBeLessThan(1);
    expect(turnOf({ ...turn, deltaY: 3, deltaMode: 1 }).dy).toBe(48);
  });
  it("knows a pinch and the shift key", () => {
    expect(turnOf({ ...turn, deltaY: -10, ctrlKey: true })).toMatchObject({ zooms: true });
    expect(turnOf({ ...turn, deltaX: 30, shiftKey: true })).toMatchObject({
      sideways: true,
      dy: 30,
    });
  });
});
