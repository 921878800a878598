import { describe, expect, it } from "vitest";
import type { Point } from "../../../core/types";
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
