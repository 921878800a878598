import * as algebra from "polyclip-ts";
import { describe, expect, test } from "vitest";
import type { Point } from "../../core/types";
import { cutOut, join, split } from "./clip";
import { area, rectangle } from "./geometry";
import {
  coverage,
  drawn,
  edgeNear,
  halve,
  insertVertex,
  moveVertex,
  removeVertex,
  ringsOf,
  settled,
  simplify,
  stepVertex,
  vertexNear,
} from "./polygon";
import { covers, type Geometry } from "./shapes";
import { snap } from "./snap";

const SIZE = { width: 640, height: 480 };
const square: Geometry = { kind: "polygon", points: rectangle([100, 100], [200, 200], SIZE) };
const hole: Point[] = [
  [120, 120],
  [180, 120],
  [180, 180],
  [120, 180],
];
const frame: Geometry = { ...square, holes: [hole] };
const line: Geometry = {
  kind: "polyline",
  points: [
    [0, 0],
    [50, 0],
    [50, 50],
  ],
};

describe("drawing", () => {
  test("repeated points are one, and too few are refused", () => {
    const points: Point[] = [
      [1, 1],
      [1, 1],
      [9, 1],
      [9, 9],
      [1, 1],
    ];
    expect(drawn("polygon", points).made?.points).toEqual([
      [1, 1],
      [9, 1],
      [9, 9],
    ]);
    expect(drawn("polyline", points).made?.points).toHaveLength(4);
    expect(drawn("polygon", points.slice(0, 3)).refused).toBe("draw.fewForPolygon");
    expect(drawn("polyline", points.slice(0, 2)).refused).toBe("draw.fewForLine");
  });

  test("points on one line surround nothing", () => {
    const flat: Point[] = [
      [0, 0],
      [50, 50],
      [100, 100],
    ];
    expect(drawn("polygon", flat).refused).toBe("draw.noArea");
    expect(drawn("polyline", flat).made).toBeDefined();
  });
});

describe("vertices", () => {
  test("the nearest one within reach, of holes too", () => {
    expect(vertexNear(frame, [102, 101], 5)).toEqual({ ring: 0, at: 0 });
    expect(vertexNear(frame, [121, 119], 5)).toEqual({ ring: 1, at: 0 });
    expect(vertexNear(frame, [150, 150], 5)).toBeNull();
  });

  test("one is put on the edge that is met; an open line has no last edge", () => {
    const on = edgeNear(square, [150, 203], 5);
    expect(on).toEqual({ ring: 0, at: 2, point: [150, 200], distance: 3 });
    const made = insertVertex(square, { ring: 0, at: 2 }, [150.004, 203], SIZE);
    expect(made.vertex).toEqual({ ring: 0, at: 3 });
    expect(made.geometry.points[3]).toEqual([150, 203]);
    expect(edgeNear(line, [25, 25], 4)).toBeNull();
    expect(halve(line, { ring: 0, at: 2 }, SIZE).geometry.points).toEqual([
      [0, 0],
      [50, 0],
      [50, 25],
      [50, 50],
    ]);
    expect(halve(square, { ring: 0, at: 3 }, SIZE).geometry.points[4]).toEqual([100, 150]);
  });

  test("one is moved inside the picture, to 1/100", () => {
    expect(moveVertex(frame, { ring: 1, at: 1 }, [700.123, 99.999], SIZE).holes?.[0]?.[1]).toEqual([
      640, 100,
    ]);
  });

  test("what is needed stays; a hole goes as a whole", () => {
    const triangle = removeVertex(square, { ring: 0, at: 0 }).made as Geometry;
    expect(triangle.points).toHaveLength(3);
    expect(removeVertex(triangle, { ring: 0, at: 0 }).refused).toBe("vertex.polygonKeeps");
    const small = removeVertex(frame, { ring: 1, at: 0 }).made as Geometry;
    expect(small.holes?.[0]).toHaveLength(3);
    expect(removeVertex(small, { ring: 1, at: 0 }).made).toEqual(square);
    const two = removeVertex(line, { ring: 0, at: 1 }).made as Geometry;
    expect(removeVertex(two, { ring: 0, at: 1 }).refused).toBe("vertex.lineKeeps");
  });

  test("one put onto its neighbour is the same one", () => {
    const moved = moveVertex(square, { ring: 0, at: 1 }, [100, 100], SIZE);
    expect(settled(moved).made?.points).toHaveLength(3);
    const flat = moveVertex(settled(moved).made as Geometry, { ring: 0, at: 1 }, [100, 150], SIZE);
    expect(settled(flat).refused).toBe("draw.noArea");
  });

  test("stepping goes through the rings and round", () => {
    expect(stepVertex(frame, null, 1)).toEqual({ ring: 0, at: 0 });
    expect(stepVertex(frame, { ring: 0, at: 3 }, 1)).toEqual({ ring: 1, at: 0 });
    expect(stepVertex(frame, { ring: 0, at: 0 }, -1)).toEqual({ ring: 1, at: 3 });
  });

  test("simplifying leaves out what does not matter", () => {
    const circle: Point[] = Array.from({ length: 360 }, (_, at) => [
      300 + 100 * Math.cos((at * Math.PI) / 180),
      200 + 100 * Math.sin((at * Math.PI) / 180),
    ]);
    const fewer = simplify({ kind: "polygon", points: circle }, 1);
    expect(fewer.points.length).toBeLessThan(40);
    expect(Math.abs(area(fewer.points) / area(circle) - 1)).toBeLessThan(0.01);
    expect(simplify(frame, 1)).toEqual(frame);
    expect(simplify(frame, 1000)).toEqual(frame);
    expect(simplify(line, 40).points).toHaveLength(2);
  });
});

describe("snapping", () => {
  test("to a vertex before an edge, to nothing far away", () => {
    expect(snap([104, 97], [square], 8)).toEqual({ point: [100, 100], on: "vertex" });
    expect(snap([150.126, 97], [square], 8)).toEqual({ point: [150.13, 100], on: "edge" });
    expect(snap([150, 150], [square], 8)).toBeNull();
    expect(snap([121, 150], [frame], 8)?.point).toEqual([120, 150]);
  });

  test("not to masks, nor to a side that an open line has not", () => {
    expect(snap([104, 97], [{ ...square, kind: "mask" }], 8)).toBeNull();
    expect(snap([25, 25], [line], 8)).toBeNull();
    expect(snap([3, 3], [{ kind: "point", points: [[0, 0]] }], 8)?.on).toBe("vertex");
  });
});

describe("areas", () => {
  test("joined ones are one, and keep where they began", () => {
    const right: Geometry = { kind: "rectangle", points: rectangle([150, 120], [300, 180], SIZE) };
    const made = join(algebra, [square, right]).made as Geometry;
    expect(made).toEqual({
      kind: "polygon",
      points: [
        [100, 100],
        [200, 100],
        [200, 120],
        [300, 120],
        [300, 180],
        [200, 180],
        [200, 200],
        [100, 200],
      ],
    });
  });

  test("those that share an edge are joined, those apart are refused", () => {
    const next: Geometry = { kind: "polygon", points: rectangle([200, 100], [300, 200], SIZE) };
    expect(join(algebra, [square, next]).made?.points).toHaveLength(4);
    const far: Geometry = { kind: "polygon", points: rectangle([300, 300], [310, 310], SIZE) };
    expect(join(algebra, [square, far]).refused).toBe("join.apart");
    expect(join(algebra, [square]).refused).toBe("join.several");
    expect(join(algebra, [square, line]).refused).toBe("join.several");
  });

  test("a ring inside is a hole, one across takes a bite", () => {
    expect(cutOut(algebra, square, hole).made).toEqual([frame]);
    const bite = cutOut(algebra, square, rectangle([150, 50], [250, 150], SIZE)).made;
    expect(bite).toHaveLength(1);
    expect(coverage(bite?.[0] as Geometry)).toBe(7500);
    const middle = cutOut(algebra, square, rectangle([140, 50], [160, 250], SIZE)).made;
    expect(middle?.map(coverage)).toEqual([4000, 4000]);
    const wider = cutOut(algebra, frame, rectangle([110, 150], [190, 190], SIZE)).made;
    expect(wider?.[0]?.holes).toHaveLength(1);
  });

  test("a ring beside, and one around everything, are refused", () => {
    expect(cutOut(algebra, square, rectangle([300, 300], [400, 400], SIZE)).refused).toBe(
      "cut.beside",
    );
    expect(cutOut(algebra, frame, hole).refused).toBe("cut.beside");
    expect(cutOut(algebra, square, rectangle([0, 0], [400, 400], SIZE)).refused).toBe("cut.all");
    expect(cutOut(algebra, line, hole).refused).toBe("cut.area");
  });

  test("a line through makes two that fit together", () => {
    const made = split(algebra, square, [
      [130, 50],
      [160, 250],
    ]).made as Geometry[];
    expect(made.map((one) => one.points)).toEqual([
      [
        [200, 100],
        [200, 200],
        [152.5, 200],
        [137.5, 100],
      ],
      [
        [100, 100],
        [137.5, 100],
        [152.5, 200],
        [100, 200],
      ],
    ]);
  });

  test("a line that ends inside is refused, as is one beside", () => {
    const inside: Point[] = [
      [50, 150],
      [150, 150],
    ];
    expect(split(algebra, square, inside).refused).toBe("split.through");
    expect(split(algebra, square, [inside[0] as Point]).refused).toBe("draw.fewForLine");
    expect(
      split(algebra, square, [
        [0, 0],
        [640, 0],
      ]).refused,
    ).toBe("split.through");
    // Into the hole and no farther.
    expect(
      split(algebra, frame, [
        [50, 150],
        [150, 150],
      ]).refused,
    ).toBe("split.through");
    // Along a side.
    expect(
      split(algebra, square, [
        [50, 100],
        [250, 100],
      ]).refused,
    ).toBe("split.through");
  });

  test("through a hole the pieces have a part of it each; beside it one keeps it", () => {
    const through = split(algebra, frame, [
      [50, 150],
      [250, 150],
    ]).made as Geometry[];
    expect(through.map(coverage)).toEqual([3200, 3200]);
    expect(through.every((one) => one.holes === undefined)).toBe(true);
    const beside = split(algebra, frame, [
      [110, 50],
      [110, 250],
    ]).made as Geometry[];
    expect(beside.map(coverage)).toEqual([5400, 1000]);
    expect(beside[0]?.holes).toHaveLength(1);
  });

  test("from corner to corner, and by a line that crosses itself", () => {
    const corners = split(algebra, square, [
      [100, 100],
      [200, 200],
    ]).made as Geometry[];
    expect(corners.map(coverage)).toEqual([5000, 5000]);
    const loop = split(algebra, square, [
      [50, 110],
      [170, 110],
      [170, 170],
      [130, 170],
      [130, 50],
    ]).made as Geometry[];
    expect(loop).toHaveLength(3);
    expect(loop.reduce((sum, one) => sum + coverage(one), 0)).toBeCloseTo(10_000, 1);
  });
});

/** Numbers that look random and are the same every time. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A star with straight rays: its outline crosses nothing. */
function star(next: () => number, x: number, y: number, radius: number, grid = 0.01): Point[] {
  const count = 3 + Math.floor(next() * 30);
  return Array.from({ length: count }, (_, at): Point => {
    const angle = ((at + next() * 0.8) / count) * 2 * Math.PI;
    const far = radius * (0.3 + 0.7 * next());
    const around = (value: number) => Math.round(Math.round(value / grid) * grid * 100) / 100;
    return [around(x + far * Math.cos(angle)), around(y + far * Math.sin(angle))];
  });
}

describe("whatever is drawn", () => {
  const cases = Array.from({ length: 100 }, (_, seed) => seed + 1);

  /** Rounding moves a line by at most a hundredth along its length, and slivers go. */
  function slack(...all: readonly Geometry[]): number {
    const length = all.flatMap(ringsOf).reduce((sum, ring) => {
      const next = (at: number) => ring[(at + 1) % ring.length] as Point;
      return (
        sum + ring.reduce((s, [x, y], at) => s + Math.hypot(next(at)[0] - x, next(at)[1] - y), 0)
      );
    }, 0);
    return 0.01 * length + 3;
  }

  function isSound(geometry: Geometry): void {
    for (const ring of ringsOf(geometry)) {
      expect(ring.length).toBeGreaterThanOrEqual(3);
      expect(area(ring)).toBeGreaterThanOrEqual(1);
      for (const [at, [x, y]] of ring.entries()) {
        expect([x, y]).toEqual([Math.round(x * 100) / 100, Math.round(y * 100) / 100]);
        expect([x, y]).not.toEqual(ring[(at + 1) % ring.length]);
      }
    }
  }

  function checkSplit(seed: number, next: () => number, target: Geometry, grid: number): void {
    const on = (value: number) => Math.round(Math.round(value / grid) * grid * 100) / 100;
    const cut: Point[] = [
      [100, on(100 + 200 * next())],
      [on(250 + 100 * next()), on(100 + 200 * next())],
      [on(250 + 100 * next()), on(100 + 200 * next())],
      [520, on(100 + 200 * next())],
    ];
    const pieces = split(algebra, target, cut).made;
    if (!pieces) return;
    for (const piece of pieces) isSound(piece);
    expect(pieces.length).toBeGreaterThan(1);
    const sum = pieces.reduce((all, one) => all + coverage(one), 0);
    expect(Math.abs(sum - coverage(target)), `pieces of ${seed}`).toBeLessThan(slack(...pieces));
    // A place is in one piece at most, and in one exactly if it was inside, but for the lines themselves.
    for (let probe = 0; probe < 20; probe++) {
      const at: Point = [150 + 300 * next(), 50 + 300 * next()];
      if (pieces.some((one) => edgeNear(one, at, 0.05)) || edgeNear(target, at, 0.05)) continue;
      const owners = pieces.filter((one) => covers(one, at));
      if (owners.length === (covers(target, at) ? 1 : 0)) continue;
      // Only slivers under a pixel are dropped.
      expect(owners.length, `place ${at} of ${seed}`).toBe(0);
      expect(edgeNear(target, at, 2), `place ${at} of ${seed}`).not.toBeNull();
    }
  }

  test.each([cases])(
    "lines that meet corners, run along sides and cross themselves",
    (...seeds) => {
      for (const seed of seeds) {
        const next = dice(seed + 5000);
        const areas = [1, 2].map(
          (): Geometry => ({
            kind: "polygon",
            points: star(next, 300, 200, 150, 20),
          }),
        );
        const joined = join(algebra, areas).made;
        if (joined) isSound(joined);
        const whole =
          joined ?? cutOut(algebra, areas[0] as Geometry, areas[1]?.points ?? []).made?.[0];
        if (whole) checkSplit(seed, next, whole, 20);
      }
    },
  );

  test.each([cases])("pieces, bites and unions cover what they should", (...seeds) => {
    for (const seed of seeds) {
      const next = dice(seed);
      const whole: Geometry = { kind: "polygon", points: star(next, 300, 200, 150) };
      const ring = star(next, 260 + 80 * next(), 160 + 80 * next(), 90);
      const other: Geometry = { kind: "polygon", points: ring };

      const left = cutOut(algebra, whole, ring).made ?? [];
      const joined = join(algebra, [whole, other]).made;
      for (const one of left) isSound(one);
      const outside = left.reduce((sum, one) => sum + coverage(one), 0);
      if (joined && left.length > 0) {
        isSound(joined);
        expect(Math.abs(coverage(joined) - outside - area(ring)), `union of ${seed}`).toBeLessThan(
          slack(whole, other),
        );
      }

      checkSplit(seed, next, left[0] ?? whole, 0.01);
    }
  });
});

test("large areas are cut and split without the algebra where their lines do not cross", () => {
  const never = new Proxy({} as typeof algebra, {
    get: () => {
      throw new Error("asked");
    },
  });
  const wave = Array.from({ length: 10_000 }, (_, at): Point => {
    const angle = (at / 10_000) * 2 * Math.PI;
    const far = 900 + 30 * Math.sin(40 * angle);
    const around = (value: number) => Math.round(value * 100) / 100;
    return [around(1000 + far * Math.cos(angle)), around(1000 + far * Math.sin(angle))];
  });
  const large: Geometry = { kind: "polygon", points: wave };
  const cut = cutOut(
    never,
    large,
    rectangle([900, 900], [1100, 1100], { width: 2000, height: 2000 }),
  );
  expect(cut.made?.[0]?.holes).toHaveLength(1);
  const pieces = split(never, cut.made?.[0] as Geometry, [
    [0, 1000],
    [2000, 1010],
  ]);
  expect(pieces.made).toHaveLength(2);
  const bow: Geometry = {
    kind: "polygon",
    points: [
      [0, 0],
      [100, 100],
      [100, 0],
      [0, 100],
    ],
  };
  expect(() =>
    split(never, bow, [
      [0, 50],
      [100, 50],
    ]),
  ).toThrow("asked");
  expect(
    split(algebra, bow, [
      [20, 0],
      [20, 100],
    ]).made?.map(coverage),
  ).toEqual([2500, 1600, 900]);
});
