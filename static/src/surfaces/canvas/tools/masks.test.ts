import { describe, expect, it } from "vitest";
import { settings } from "../../../core/settings";
import type { Point } from "../../../core/types";
import { areaMask } from "../../mask/area";
import { type Columns, columnsOf, covers, extent, pixels } from "../../mask/columns";
import { maskGeometry } from "../../mask/geometry";
import type { Geometry, Shape, ShapeKind } from "../shapes";
import { drive } from "./drive";
import { actionsFor } from "./registry";
import { type Around, type Effect, type Gesture, IDLE, type PointerInput } from "./tool";
import "./all";

const SIZE = { width: 100, height: 80 };
const SQUARE: Point[] = [
  [10, 10],
  [30, 10],
  [30, 30],
  [10, 30],
];

function maskShape(mask: Columns, more: Partial<Shape> = {}): Shape {
  return { ...(maskGeometry(mask) as Geometry), id: "m", color: "#d5281b", text: "", ...more };
}

function around(tool: string, shape: Shape | null = null, chosen = shape !== null): Around {
  return {
    tool,
    size: SIZE,
    frozen: false,
    kinds: new Set<ShapeKind>(["mask", "polygon"]),
    shapes: {
      get: (id) => (shape?.id === id ? shape : null),
      within: () => (shape ? [shape] : []),
      hit: (point) => (shape?.mask && covers(columnsOf(shape.mask), point) ? shape : null),
      together: (id) => [id],
    },
    selected: chosen ? shape : null,
    selection: chosen && shape ? [shape] : [],
    camera: { scale: 1, x: 0, y: 0, turn: 0 },
    scale: 1,
    toScreen: (point) => point,
    toPicture: (point) => point,
    picture: null,
    pixels: () => null,
  };
}

function at(kind: PointerInput["kind"], picture: Point, more: Partial<PointerInput> = {}) {
  const press = { mod: false, shift: false, alt: false, button: 0, pointer: "mouse" } as const;
  return { ...press, kind, picture, screen: picture, pressure: 0.5, clicks: 1, ...more };
}

/** All effects of presses at these places, the last one let go at the end. */
function drag(places: Point[], where: Around, more: Partial<PointerInput> = {}): Effect[] {
  let gesture: Gesture = IDLE;
  const effects: Effect[] = [];
  places.forEach((place, step) => {
    const [next, made] = drive(gesture, at(step === 0 ? "down" : "move", place, more), where);
    gesture = next;
    effects.push(...made);
  });
  const [end, made] = drive(gesture, at("up", places.at(-1) as Point, more), where);
  expect(end).toBe(IDLE);
  return [...effects, ...made];
}

function maskIn(effect: Effect | undefined): Columns {
  const geometry = effect?.kind === "create" || effect?.kind === "change" ? effect.geometry : null;
  return columnsOf(geometry?.mask as NonNullable<Geometry["mask"]>);
}

describe("brush and eraser", () => {
  it("one stroke is one new mask, the next goes on with it", () => {
    settings.brush.value = 10;
    const [first, ...more] = drag(
      [
        [20, 20],
        [40, 20],
        [60, 20],
      ],
      around("brush"),
    );
    expect(first?.kind).toBe("create");
    expect(more).toEqual([]);
    const mask = maskIn(first);
    expect(extent(mask)).toEqual({ minX: 15, minY: 15, maxX: 65, maxY: 25 });
    const shape = maskShape(mask);
    const [second] = drag([[50, 60]], around("brush", shape));
    expect(second).toMatchObject({ kind: "change", id: "m" });
    expect(pixels(maskIn(second))).toBeGreaterThan(pixels(mask));
    // What is locked, and what is not chosen, is left alone.
    const [apart] = drag([[50, 60]], around("brush", { ...shape, locked: true }));
    expect(apart?.kind).toBe("create");
    expect(drag([[20, 20]], around("brush", shape))).toEqual([]);
  });

  it("erases by the eraser, by Alt, by a pen's other end; an empty mask is no region", () => {
    settings.brush.value = 10;
    const shape = maskShape(areaMask([SQUARE], SIZE));
    for (const [tool, more] of [
      ["eraser", {}],
      ["brush", { alt: true }],
      ["brush", { button: 5 }],
    ] as const) {
      const [effect] = drag([[30, 20]], around(tool, shape), more);
      expect(covers(maskIn(effect), [28, 20])).toBe(false);
      expect(covers(maskIn(effect), [12, 20])).toBe(true);
    }
    settings.brush.value = 100;
    expect(drag([[20, 20]], around("eraser", shape))).toEqual([{ kind: "edit", remove: ["m"] }]);
    expect(drag([[20, 20]], around("eraser"))).toEqual([
      { kind: "message", text: "mask.chooseOne" },
    ]);
    // What lies under it is taken where nothing is chosen.
    settings.brush.value = 4;
    const [choice, change] = drag([[20, 20]], around("eraser", shape, false));
    expect(choice).toEqual({ kind: "select", ids: ["m"] });
    expect(change?.kind).toBe("change");
  });

  it("a stroke that is given up leaves nothing", () => {
    const where = around("brush");
    const [gesture] = drive(IDLE, at("down", [20, 20]), where);
    expect(drive(gesture, { kind: "back" }, where)).toEqual([IDLE, []]);
    expect(drive(gesture, { kind: "cancel" }, where)).toEqual([IDLE, []]);
  });
});

describe("fill, masks from areas and back", () => {
  it("fills a gap of the chosen mask", () => {
    const hole: Point[] = [
      [15, 15],
      [20, 15],
      [20, 20],
      [15, 20],
    ];
    const shape = maskShape(areaMask([SQUARE, hole], SIZE));
    const [effect] = drive(IDLE, at("down", [17, 17]), around("fill", shape))[1];
    expect(pixels(maskIn(effect))).toBe(400);
    const outside = drive(IDLE, at("down", [-1, 5]), around("fill", shape));
    expect(outside).toEqual([IDLE, []]);
  });

  it("turns areas to masks and masks to polygons", async () => {
    const run = async (name: string, shape: Shape) => {
      const where = around("select", shape);
      const action = actionsFor(where.kinds).find((one) => one.name === name);
      expect(action?.why(where)).toBeNull();
      const [edit] = (await action?.run(where)) ?? [];
      return edit?.kind === "edit" ? edit : null;
    };
    const area: Shape = { id: "m", kind: "polygon", points: SQUARE, color: "#000000", text: "" };
    const made = await run("to-mask", area);
    const mask = made?.change?.[0]?.geometry as Geometry;
    expect(pixels(columnsOf(mask.mask as NonNullable<Geometry["mask"]>))).toBe(400);
    const two = areaMask([SQUARE, SQUARE.map(([x, y]): Point => [x + 40, y + 20])], SIZE);
    const back = await run("to-polygon", maskShape(two));
    expect(back?.change).toEqual([
      { id: "m", geometry: { kind: "polygon", points: expect.arrayContaining(SQUARE) } },
    ]);
    expect(back?.create).toHaveLength(1);
    expect(back?.create?.[0]?.like).toBe("m");
    const action = actionsFor(new Set<ShapeKind>(["mask"])).find(({ name }) => name === "to-mask");
    expect(action?.why(around("select", maskShape(two)))).toBe("toMask.choose");
  });
});
