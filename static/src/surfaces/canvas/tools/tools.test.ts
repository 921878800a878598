import { describe, expect, it } from "vitest";
import type { Point } from "../../../core/types";
import { areaMask } from "../../mask/area";
import { rleOf } from "../../mask/columns";
import { boxOf, HANDLES, pointsOf } from "../geometry";
import type { Geometry, Shape } from "../shapes";
import { toolNamed } from "./registry";
import {
  around,
  BOX,
  down,
  drag,
  fitsServer,
  type More,
  move,
  NOTHING,
  play,
  SIZE,
  up,
} from "./testbed";
import { type Effect, IDLE, type Input } from "./tool";

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
