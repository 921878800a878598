import { describe, expect, it } from "vitest";
import type { Point } from "../../../core/types";
import { areaMask } from "../../mask/area";
import { rleOf } from "../../mask/columns";
import { boxOf, HANDLES, pointsOf } from "../geometry";
import { type Geometry, type Shape, Shapes } from "../shapes";
import "./all";
import { drive } from "./drive";
import { toolNamed } from "./registry";
import {
  type Around,
  type Effect,
  type Gesture,
  IDLE,
  type Input,
  type PointerInput,
} from "./tool";

const SIZE = { width: 640, height: 480 };
const CAMERA = { scale: 1, x: 0, y: 0, turn: 0 } as const;
const NOTHING = { color: "#fff", text: "" };
const BOX: Shape = {
  id: "a",
  kind: "rectangle",
  points: pointsOf({ minX: 100, minY: 100, maxX: 200, maxY: 180 }),
  ...NOTHING,
};

/** A picture shown at 1:1, so that screen and picture points are the same. */
function around(tool: string, shapes: Shape[] = [BOX], over: Partial<Around> = {}): Around {
  const index = new Shapes();
  index.load(shapes);
  const selection = over.selection ?? [];
  return {
    tool,
    size: SIZE,
    frozen: false,
    kinds: new Set(["rectangle", "rotated", "polygon", "polyline", "point", "mask"]),
    shapes: {
      get: (id) => index.get(id),
      within: (box) => index.within(box),
      hit: (point) => index.hit(point, 4, new Set()),
      together: (id) => index.together(id),
    },
    selected: selection.at(-1) ?? null,
    selection,
    camera: CAMERA,
    scale: 1,
    toScreen: (point) => point,
    toPicture: (point) => point,
    picture: null,
    pixels: () => null,
    ...over,
  };
}

type More = Partial<PointerInput> & { pan?: boolean };
const pointer = (kind: PointerInput["kind"], x: number, y: number, more: More = {}) => ({
  kind,
  screen: [x, y] as Point,
  picture: [x, y] as Point,
  mod: false,
  shift: false,
  alt: false,
  button: 0,
  pointer: "mouse" as const,
  pressure: 0.5,
  clicks: 1,
  ...more,
});
const down = (x: number, y: number, more: More = {}) => pointer("down", x, y, more);
const move = (x: number, y: number, more: More = {}) => pointer("move", x, y, more);
const up = (x: number, y: number, more: More = {}) => pointer("up", x, y, more);
const drag = (from: Point, to: Point, more: More = {}) => [
  down(...from, more),
  move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, more),
  move(...to, more),
  up(...to, more),
];

function play(inputs: (Input & { pan?: boolean })[], surroundings: Around) {
  let gesture: Gesture = IDLE;
  const effects: Effect[] = [];
  for (const input of inputs) {
    const [next, more] = drive(gesture, input, surroundings, input.pan);
    gesture = next;
    effects.push(...more);
  }
  return { gesture, effects };
}

const rectangle = (l: number, t: number, r: number, b: number): Geometry => ({
  kind: "rectangle",
  points: pointsOf({ minX: l, minY: t, maxX: r, maxY: b }),
});
const created = (...box: [number, number, number, number]) => ({
  kind: "create",
  geometry: rectangle(...box),
});

describe("rectangle tool", () => {
  const box = around("rectangle");
  it("draws by drag, in any direction, and clips at the edge", () => {
    const { effects, gesture } = play(drag([300, 300], [250, 260]), box);
    expect(effects).toEqual([created(250, 260, 300, 300)]);
    expect(gesture).toBe(IDLE);
    expect(play(drag([600, 400], [900, 900]), box).effects).toEqual([created(600, 400, 640, 480)]);
  });

  it("draws by two clicks", () => {
    const first = play([down(300, 300), up(301, 301), move(340, 350)], box);
    expect(first.effects).toEqual([]);
    expect(toolNamed("rectangle")?.preview?.(first.gesture, box)).toEqual([
      { id: null, geometry: rectangle(300, 300, 340, 350) },
    ]);
    const both = [down(300, 300), up(301, 301), move(340, 350), down(340, 350), up(340, 350)];
    expect(play(both, box).effects).toEqual([created(300, 300, 340, 350)]);
  });

  it("starts a new box inside an old one", () => {
    expect(play(drag([120, 120], [160, 150]), box).effects).toEqual([created(120, 120, 160, 150)]);
  });

  it("makes nothing of a line, nor after Escape", () => {
    expect(play(drag([300, 300], [350, 300]), box).effects).toEqual([]);
    const cancelled = [down(300, 300), move(350, 350), { kind: "cancel" } as const, up(350, 350)];
    expect(play(cancelled, box).effects).toEqual([]);
  });

  it("chooses and moves with Ctrl held", () => {
    const { effects } = play(drag([150, 140], [160, 150], { mod: true }), box);
    expect(effects).toEqual([
      { kind: "select", ids: ["a"] },
      { kind: "change", id: "a", geometry: rectangle(110, 110, 210, 190) },
    ]);
  });
});

describe("extreme clicks", () => {
  const tool = around("extreme");
  const click = (x: number, y: number) => [down(x, y), up(x, y)];
  it("make the box around four points in any order", () => {
    const inputs = [click(150, 20), click(300, 80), click(160, 130), click(90, 70)].flat();
    expect(play(inputs, tool).effects).toEqual([created(90, 20, 300, 130)]);
  });

  it("can be taken back, and ended before the fourth", () => {
    const inputs = [...click(10, 10), ...click(500, 400), { kind: "back" } as const];
    const { gesture } = play(inputs, tool);
    expect(gesture).toMatchObject({ points: [[10, 10]] });
    const ended = [...inputs, ...click(60, 40), { kind: "finish" } as const];
    expect(play(ended, tool).effects).toEqual([created(10, 10, 60, 40)]);
    expect(play([...inputs, { kind: "back" }], tool).gesture).toBe(IDLE);
  });

  it("ask for a fourth point again while the box has no area", () => {
    const line = [click(10, 10), click(20, 10), click(30, 10), click(40, 10)].flat();
    const { effects, gesture } = play([...line, ...click(40, 30)], tool);
    expect(effects).toEqual([created(10, 10, 40, 30)]);
    expect(gesture).toBe(IDLE);
  });
});

describe("turned rectangles", () => {
  const tool = around("rotated");
  const made = (inputs: Input[]) => {
    const { effects } = play(inputs, tool);
    expect(effects).toHaveLength(1);
    return (effects[0] as Extract<Effect, { kind: "create" }>).geometry.points;
  };

  it("are a side by drag and a depth by click, on either side of it", () => {
    const below = made([
      ...drag([100, 100], [200, 200]),
      move(140, 160),
      ...[down(100, 200), up(100, 200)],
    ]);
    expect(below).toEqual([
      [100, 100],
      [200, 200],
      [150, 250],
      [50, 150],
    ]);
    expect(fitsServer(below)).toBe(true);
    const above = made([...drag([100, 100], [200, 200]), down(200, 100), up(200, 100)]);
    expect(above).toEqual([
      [150, 50],
      [250, 150],
      [200, 200],
      [100, 100],
    ]);
    expect(fitsServer(above)).toBe(true);
  });

  it("are three clicks", () => {
    const click = (x: number, y: number) => [down(x, y), up(x, y)];
    expect(made([...click(100, 100), ...click(200, 100), ...click(180, 150)])).toEqual([
      [100, 100],
      [200, 100],
      [200, 150],
      [100, 150],
    ]);
  });

  it("end at the edge of the picture, and have multiples of 15° with Shift", () => {
    const deep = made([...drag([100, 400], [300, 380]), down(200, 480), up(200, 480)]);
    expect(Math.max(...deep.map(([, y]) => y))).toBeGreaterThan(479.9);
    const snapped = made([
      ...drag([100, 100], [200, 104], { shift: true }),
      down(150, 140),
      up(150, 140),
    ]);
    expect(snapped[0]?.[1]).toBe(snapped[1]?.[1]);
  });

  it("are nothing without a side", () => {
    const two = [down(100, 100), up(100, 100), down(100, 100), up(100, 100)];
    expect(play(two, tool)).toEqual({ gesture: IDLE, effects: [] });
  });
});

describe("points", () => {
  it("lie where the button is let go, to 1/100, inside the picture", () => {
    const { effects } = play([down(20, 20), move(33.333, 44), up(33.3333, 900)], around("point"));
    expect(effects).toEqual([
      { kind: "create", geometry: { kind: "point", points: [[33.33, 480]] } },
    ]);
  });
});

/** The server's rule for turned rectangles (templates_app/questions/shapes.py). */
function fitsServer(points: readonly Point[]): boolean {
  const [[x1, y1], [x2, y2], [x3, y3], [x4, y4]] = points as [Point, Point, Point, Point];
  const slack = 0.02 + 1e-9;
  if (Math.abs(x1 + x3 - x2 - x4) > slack || Math.abs(y1 + y3 - y2 - y4) > slack) return false;
  const [ax, ay, bx, by] = [x2 - x1, y2 - y1, x4 - x1, y4 - y1];
  if (ax * by - ay * bx <= 0) return false;
  return Math.abs(ax * bx + ay * by) / Math.max(Math.hypot(ax, ay), Math.hypot(bx, by)) <= slack;
}

describe("several at once", () => {
  const POLYGON: Shape = {
    id: "p",
    kind: "polygon",
    points: [
      [300, 200],
      [400, 200],
      [350, 300],
    ],
    holes: [
      [
        [340, 220],
        [360, 220],
        [350, 240],
      ],
    ],
    ...NOTHING,
  };
  const DOT: Shape = { id: "d", kind: "point", points: [[500, 300]], ...NOTHING };
  const LINE: Shape = {
    id: "l",
    kind: "polyline",
    points: [
      [20, 400],
      [80, 460],
    ],
    ...NOTHING,
  };
  const all = [BOX, POLYGON, DOT, LINE];
  const chosen = (...selection: Shape[]) => around("select", all, { selection });

  it("move as far as they all stay inside", () => {
    const { effects } = play(drag([150, 140], [-300, 140]), chosen(BOX, POLYGON));
    expect(effects).toEqual([
      {
        kind: "edit",
        change: [
          { id: "a", geometry: rectangle(0, 100, 100, 180) },
          {
            id: "p",
            geometry: {
              kind: "polygon",
              points: [
                [200, 200],
                [300, 200],
                [250, 300],
              ],
              holes: [
                [
                  [240, 220],
                  [260, 220],
                  [250, 240],
                ],
              ],
            },
          },
        ],
      },
    ]);
  });

  it("are scaled by the handles of the box around them", () => {
    const { effects } = play(drag([400, 300], [550, 400]), chosen(BOX, POLYGON));
    const edit = effects[0] as Extract<Effect, { kind: "edit" }>;
    expect(edit.change?.[0]?.geometry).toEqual(rectangle(100, 100, 250, 220));
    expect(edit.change?.[1]?.geometry.points).toEqual([
      [400, 250],
      [550, 250],
      [475, 400],
    ]);
  });

  it("are turned by the handle above, and rectangles become turned ones", () => {
    const from: Point = [250, 100 - 26];
    const { effects } = play(drag(from, [376, 200]), chosen(BOX, POLYGON));
    const edit = effects[0] as Extract<Effect, { kind: "edit" }>;
    const [box, polygon] = edit.change ?? [];
    expect(box?.geometry.kind).toBe("rotated");
    expect(fitsServer(box?.geometry.points ?? [])).toBe(true);
    // A quarter turn to the right about (250, 200).
    expect(box?.geometry.points[0]).toEqual([350, 50]);
    expect(polygon?.geometry.points).toEqual([
      [250, 250],
      [250, 350],
      [150, 300],
    ]);
  });

  it("are not turned where the question takes upright rectangles only", () => {
    const upright = around("select", all, { selection: [BOX], kinds: new Set(["rectangle"]) });
    const { effects } = play(drag([150, 74], [300, 140]), upright);
    expect(effects.filter(({ kind }) => kind === "change" || kind === "edit")).toEqual([]);
  });

  it("are chosen with Shift, one by one or by the rubber band", () => {
    const shift = { shift: true };
    expect(play([down(500, 300, shift), up(500, 300, shift)], chosen(BOX)).effects).toEqual([
      { kind: "select", ids: ["d"], how: "toggle" },
    ]);
    const band: Effect[] = [{ kind: "select", ids: ["p", "d"], how: "add" }];
    expect(play(drag([520, 320], [280, 190], shift), chosen(BOX)).effects).toEqual(band);
    const tool = around("band", all, { selection: [BOX] });
    expect(play(drag([520, 320], [280, 190]), tool).effects).toEqual(band);
    expect(play([down(50, 430), up(50, 430)], tool).effects).toEqual([
      { kind: "select", ids: ["l"], how: "toggle" },
    ]);
  });

  it("move with masks by whole pixels, and a mask is stored once at the end", () => {
    const mask = rleOf(areaMask([BOX.points], SIZE));
    const MASK: Shape = { ...BOX, id: "m", kind: "mask", mask };
    const surroundings = around("select", [MASK, DOT], { selection: [DOT, MASK] });
    const { effects } = play(drag([150, 140], [160.4, 119.6]), surroundings);
    const edit = effects[0] as Extract<Effect, { kind: "edit" }>;
    const [dot, moved] = edit.change ?? [];
    expect(dot?.geometry.points).toEqual([[510, 280]]);
    const { points } = rectangle(110, 80, 210, 160);
    expect(moved?.geometry).toEqual({
      kind: "mask",
      points,
      mask: rleOf(areaMask([points], SIZE)),
    });
  });

  it("of one group are chosen together, with Alt alone; a locked one is never met", () => {
    const grouped = [
      { ...BOX, group: "g" },
      { ...POLYGON, group: "g" },
      { ...LINE, locked: true },
    ];
    const click = (more: More) =>
      play([down(150, 140, more), up(150, 140, more)], around("select", grouped));
    expect(click({}).effects.at(-1)).toEqual({ kind: "select", ids: ["p", "a"] });
    expect(click({ alt: true }).effects.at(-1)).toEqual({ kind: "select", ids: ["a"] });
    const locked = play([down(50, 430), up(50, 430)], around("select", grouped));
    expect(locked.effects).toEqual([{ kind: "select", ids: [] }]);
  });

  it("let go of the others on a click without a drag", () => {
    expect(play([down(150, 140), up(150, 140)], chosen(BOX, POLYGON)).effects).toEqual([
      { kind: "select", ids: ["a"] },
    ]);
  });
});

describe("no gesture whatever", () => {
  /** A generator of numbers that is the same on every run. */
  function numbers(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state * 1664525 + 1013904223) % 4294967296;
      return state / 4294967296;
    };
  }

  it("leaves a shape outside the picture, off the grid of 1/100, or unlike its kind", () => {
    const random = numbers(7);
    const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
    const place = () => random() * 1000 - 150;
    const tools = ["select", "band", "rectangle", "extreme", "rotated", "point"];
    const keys: Input[] = [{ kind: "finish" }, { kind: "back" }, { kind: "cancel" }];
    let shapes: Shape[] = [BOX];
    let selection: Shape[] = [];
    let made = 0;
    for (let round = 0; round < 4000; round++) {
      const surroundings = around(pick(tools), shapes, { selection });
      let gesture: Gesture = IDLE;
      for (let step = 0; step < 6; step++) {
        const more = { shift: random() < 0.2, alt: random() < 0.1, mod: random() < 0.1 };
        // Often at a handle or a corner, else anywhere.
        const target = random() < 0.5 ? pick(pick(shapes).points) : ([place(), place()] as const);
        const [x, y] = random() < 0.2 ? [place(), place()] : target;
        const input =
          random() < 0.08 ? pick(keys) : pointer(pick(["down", "move", "move", "up"]), x, y, more);
        const [next, effects] = drive(gesture, input, surroundings);
        gesture = next;
        for (const { geometry } of toolNamed(next.tool)?.preview?.(next, surroundings) ?? []) {
          expect(within(geometry.points) ? null : { next, geometry }).toBe(null);
        }
        for (const effect of effects) {
          const geometries: [string, Geometry][] =
            effect.kind === "create"
              ? [[`n${made++}`, effect.geometry]]
              : effect.kind === "change"
                ? [[effect.id, effect.geometry]]
                : effect.kind === "edit"
                  ? (effect.change ?? []).map(({ id, geometry }) => [id, geometry])
                  : [];
          for (const [id, geometry] of geometries) {
            expect(sound(geometry)).toBe(true);
            shapes = [...shapes.filter((one) => one.id !== id), { id, ...NOTHING, ...geometry }];
          }
          if (effect.kind === "select") {
            selection = shapes.filter(({ id }) => effect.ids.includes(id));
          }
        }
      }
      shapes = shapes.slice(-30);
      selection = shapes.filter((one) => selection.some(({ id }) => id === one.id));
      if (random() < 0.3) selection = shapes.filter(() => random() < 0.2);
    }
    expect(made).toBeGreaterThan(300);
  });

  function within(points: readonly Point[]): boolean {
    return points.every(([x, y]) => x >= 0 && y >= 0 && x <= SIZE.width && y <= SIZE.height);
  }

  function sound({ kind, points }: Geometry): boolean {
    const grid = points.flat().every((value) => Math.round(value * 100) / 100 === value);
    if (!grid || !within(points)) return false;
    if (kind === "rotated") return fitsServer(points);
    if (kind === "rectangle") {
      const { minX, minY, maxX, maxY } = boxOf(points);
      return (
        maxX - minX >= 1 &&
        maxY - minY >= 1 &&
        JSON.stringify(points) === JSON.stringify(pointsOf({ minX, minY, maxX, maxY }))
      );
    }
    return true;
  }
});

describe("select tool", () => {
  const chosen = around("select", [BOX], { selection: [BOX] });

  it("chooses with a click and changes nothing", () => {
    const { effects } = play([down(150, 140), up(151, 141)], around("select"));
    expect(new Set(effects.map((one) => JSON.stringify(one)))).toEqual(
      new Set([JSON.stringify({ kind: "select", ids: ["a"] })]),
    );
  });

  it("moves by drag and stays in the picture", () => {
    expect(play(drag([150, 140], [0, 0]), chosen).effects).toEqual([
      { kind: "change", id: "a", geometry: rectangle(0, 0, 100, 80) },
    ]);
  });

  it("changes the size by every handle", () => {
    for (const handle of HANDLES) {
      const x = handle.includes("w") ? 100 : handle.includes("e") ? 200 : 150;
      const y = handle.includes("n") ? 100 : handle.includes("s") ? 180 : 140;
      const { effects } = play(drag([x, y], [x + 10, y + 10]), chosen);
      expect(effects).toHaveLength(1);
      const change = effects[0] as Extract<Effect, { kind: "change" }>;
      expect(boxOf(change.geometry.points)).toEqual({
        minX: handle.includes("w") ? 110 : 100,
        minY: handle.includes("n") ? 110 : 100,
        maxX: handle.includes("e") ? 210 : 200,
        maxY: handle.includes("s") ? 190 : 180,
      });
    }
  });

  it("makes no step of undo of a handle that was only touched", () => {
    expect(play([down(200, 180), up(200, 180)], chosen).effects).toEqual([]);
  });

  it("lets go and moves the picture on an empty place", () => {
    const { effects } = play([down(400, 300), move(410, 320), up(410, 320)], around("select"));
    expect(effects).toEqual([
      { kind: "select", ids: [] },
      { kind: "pan", dx: 10, dy: 20 },
    ]);
  });
});

describe("frozen", () => {
  it("only chooses and moves the picture, whatever the tool", () => {
    for (const tool of ["rectangle", "select"]) {
      const frozen = around(tool, [BOX], { frozen: true, selection: [BOX] });
      const { effects } = play([down(150, 140), move(180, 170), up(180, 170)], frozen);
      expect(effects).toEqual([{ kind: "pan", dx: 30, dy: 30 }]);
    }
  });
});

describe("pan", () => {
  it("by the hand, the middle button or the space bar, over everything", () => {
    for (const tool of ["hand", "rectangle"]) {
      const pan = tool !== "hand";
      const inputs = [down(150, 140, { pan }), move(140, 150), up(140, 150)];
      expect(play(inputs, around(tool)).effects).toEqual([{ kind: "pan", dx: -10, dy: 10 }]);
    }
  });
});
