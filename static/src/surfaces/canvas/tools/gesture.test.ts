import { describe, expect, it } from "vitest";
import type { Point } from "../../../core/types";
import { type Box, boxOf, HANDLES, type Handle, handlePoint, pointsOf } from "../geometry";
import type { Shape } from "../shapes";
import {
  type Effect,
  type Gesture,
  IDLE,
  type Input,
  preview,
  reduce,
  type Surroundings,
} from "./gesture";

const SIZE = { width: 640, height: 480 };
const BOX: Box = { minX: 100, minY: 100, maxX: 200, maxY: 180 };
const SHAPE: Shape = { id: "a", kind: "rectangle", points: pointsOf(BOX), color: "#fff", text: "" };

/** A picture shown at 1:1, so that screen and picture points are the same. */
function around(over: Partial<Surroundings> = {}): Surroundings {
  return {
    tool: "box",
    size: SIZE,
    frozen: false,
    selected: null,
    hit: ([x, y]) =>
      x >= BOX.minX && x <= BOX.maxX && y >= BOX.minY && y <= BOX.maxY ? SHAPE : null,
    handleAt: ([x, y]): Handle | null =>
      HANDLES.find((handle) => {
        const [hx, hy] = handlePoint(BOX, handle);
        return Math.hypot(hx - x, hy - y) <= 5;
      }) ?? null,
    ...over,
  };
}

const down = (x: number, y: number, more: Partial<Input> = {}) =>
  ({ kind: "down", screen: [x, y], picture: [x, y], pan: false, mod: false, ...more }) as Input;
const move = (x: number, y: number): Input => ({ kind: "move", screen: [x, y], picture: [x, y] });
const up = (x: number, y: number): Input => ({ kind: "up", screen: [x, y], picture: [x, y] });

function play(
  inputs: Input[],
  surroundings: Surroundings,
): { gesture: Gesture; effects: Effect[] } {
  let gesture = IDLE;
  const effects: Effect[] = [];
  for (const input of inputs) {
    const [next, more] = reduce(gesture, input, surroundings);
    gesture = next;
    effects.push(...more);
  }
  return { gesture, effects };
}

const created = (l: number, t: number, r: number, b: number) => ({
  kind: "create",
  geometry: { kind: "rectangle", points: pointsOf({ minX: l, minY: t, maxX: r, maxY: b }) },
});

describe("box tool", () => {
  it("draws by drag, in any direction, and clips at the edge", () => {
    const { effects, gesture } = play([down(300, 300), move(250, 260), up(250, 260)], around());
    expect(effects).toEqual([created(250, 260, 300, 300)]);
    expect(gesture).toBe(IDLE);
    expect(play([down(600, 400), move(900, 900), up(900, 900)], around()).effects).toEqual([
      created(600, 400, 640, 480),
    ]);
  });

  it("draws by two clicks", () => {
    const first = play([down(300, 300), up(301, 301), move(340, 350)], around());
    expect(first.effects).toEqual([]);
    expect(preview(first.gesture, SIZE)?.points).toEqual(
      created(300, 300, 340, 350).geometry.points,
    );
    const both = [down(300, 300), up(301, 301), move(340, 350), down(340, 350), up(340, 350)];
    expect(play(both, around()).effects).toEqual([created(300, 300, 340, 350)]);
  });

  it("starts a new box inside an old one", () => {
    const { effects } = play([down(120, 120), move(160, 150), up(160, 150)], around());
    expect(effects).toEqual([created(120, 120, 160, 150)]);
  });

  it("makes nothing of a line, nor after Escape", () => {
    expect(play([down(300, 300), move(350, 300), up(350, 300)], around()).effects).toEqual([]);
    const cancelled = play(
      [down(300, 300), move(350, 350), { kind: "cancel" }, up(350, 350)],
      around(),
    );
    expect(cancelled.effects).toEqual([]);
  });

  it("chooses and moves with Ctrl held", () => {
    const { effects } = play(
      [down(150, 140, { mod: true }), move(160, 150), up(160, 150)],
      around(),
    );
    expect(effects).toEqual([
      { kind: "select", id: "a" },
      {
        kind: "change",
        id: "a",
        geometry: {
          kind: "rectangle",
          points: pointsOf({ minX: 110, minY: 110, maxX: 210, maxY: 190 }),
        },
      },
    ]);
  });
});

describe("select tool", () => {
  const select = (over: Partial<Surroundings> = {}) => around({ tool: "select", ...over });

  it("chooses with a click and changes nothing", () => {
    expect(play([down(150, 140), up(151, 141)], select()).effects).toEqual([
      { kind: "select", id: "a" },
    ]);
  });

  it("moves by drag and stays in the picture", () => {
    const { effects } = play([down(150, 140), move(0, 0), up(0, 0)], select({ selected: SHAPE }));
    expect(effects).toEqual([
      {
        kind: "change",
        id: "a",
        geometry: {
          kind: "rectangle",
          points: pointsOf({ minX: 0, minY: 0, maxX: 100, maxY: 80 }),
        },
      },
    ]);
  });

  it("changes the size by every handle", () => {
    for (const handle of HANDLES) {
      const [x, y] = handlePoint(BOX, handle);
      const { effects } = play(
        [down(x, y), move(x + 10, y + 10), up(x + 10, y + 10)],
        select({ selected: SHAPE }),
      );
      expect(effects).toHaveLength(1);
      const change = effects[0] as Extract<Effect, { kind: "change" }>;
      expect(boxOf(change.geometry.points)).not.toEqual(BOX);
    }
  });

  it("makes no step of undo of a handle that was only touched", () => {
    const { effects } = play([down(200, 180), up(200, 180)], select({ selected: SHAPE }));
    expect(effects).toEqual([]);
  });

  it("lets go and moves the picture on an empty place", () => {
    const { effects } = play([down(400, 300), move(410, 320), up(410, 320)], select());
    expect(effects).toEqual([
      { kind: "select", id: null },
      { kind: "pan", dx: 10, dy: 20 },
    ]);
  });
});

describe("frozen", () => {
  it("only chooses and moves the picture, whatever the tool", () => {
    for (const tool of ["box", "select"] as const) {
      const { effects } = play(
        [down(150, 140), move(180, 170), up(180, 170)],
        around({ tool, frozen: true, selected: SHAPE }),
      );
      expect(effects).toEqual([{ kind: "pan", dx: 30, dy: 30 }]);
    }
  });
});

describe("pan", () => {
  it("by the hand, the middle button or the space bar, over everything", () => {
    for (const surroundings of [around({ tool: "hand" }), around()]) {
      const pan = surroundings.tool !== "hand";
      const { effects } = play(
        [down(150, 140, { pan }), move(140, 150), up(140, 150)],
        surroundings,
      );
      expect(effects).toEqual([{ kind: "pan", dx: -10, dy: 10 }]);
    }
  });
});

describe("drawing by keys", () => {
  const arrow = (dx: number, dy: number): Input => ({ kind: "arrow", dx, dy });
  it("sets two corners", () => {
    const inputs: Input[] = [
      { kind: "aim", cursor: [320, 240] as Point },
      arrow(-20, 0),
      { kind: "place" },
      arrow(60, 0),
      arrow(0, 40),
      { kind: "place" },
    ];
    const { effects, gesture } = play(inputs, around());
    expect(effects).toEqual([created(300, 240, 360, 280)]);
    expect(gesture).toBe(IDLE);
  });

  it("stays in the picture and can be given up", () => {
    const { gesture } = play([{ kind: "aim", cursor: [0, 0] }, arrow(-50, -50)], around());
    expect(gesture).toEqual({ kind: "aim", cursor: [0, 0], from: null });
    expect(reduce(gesture, { kind: "cancel" }, around())).toEqual([IDLE, []]);
  });
});
