import { describe, expect, it } from "vitest";
import type { Point } from "../../core/types";
import type { Camera } from "./camera";
import { toPicture, toScreen } from "./camera";
import { Driver, type Hooks, type Press } from "./driver";
import { pointsOf } from "./geometry";
import type { Geometry } from "./shapes";
import "./tools/all";
import { type Around, IDLE } from "./tools/tool";

/** A driver over an empty picture of 640 × 480, and what it asked for. */
function open(tool: string) {
  const asked: Geometry[] = [];
  const state = { tool, camera: { scale: 2, x: 10, y: 20, turn: 0 } as Camera };
  const around = (): Around => ({
    tool: state.tool,
    size: { width: 640, height: 480 },
    frozen: false,
    kinds: new Set(["rectangle", "rotated", "polygon", "polyline", "point"]),
    shapes: { get: () => null, within: () => [], hit: () => null, together: (id) => [id] },
    selected: null,
    selection: [],
    camera: state.camera,
    scale: state.camera.scale,
    toScreen: (point) => toScreen(state.camera, point),
    toPicture: (point) => toPicture(state.camera, point),
    picture: null,
    pixels: () => null,
  });
  const hooks: Hooks = {
    create: (geometry) => void asked.push(geometry),
    change: () => undefined,
    edit: () => undefined,
    select: () => undefined,
    message: () => undefined,
  };
  const pan = (dx: number, dy: number) => {
    state.camera = { ...state.camera, x: state.camera.x + dx, y: state.camera.y + dy };
  };
  return { driver: new Driver(around, hooks, pan, () => undefined), asked, state };
}

const press = (kind: Press["kind"], screen: Point, more: Partial<Press> = {}): Press => ({
  kind,
  screen,
  mod: false,
  shift: false,
  alt: false,
  button: 0,
  pointer: "mouse",
  pressure: 0.5,
  clicks: 1,
  ...more,
});
const box = (l: number, t: number, r: number, b: number) => ({
  kind: "rectangle",
  points: pointsOf({ minX: l, minY: t, maxX: r, maxY: b }),
});

describe("keys", () => {
  it("set corners with a cursor that stays in the picture and goes when the box is there", () => {
    const { driver, asked } = open("rectangle");
    driver.begin([320.4, 239.6]);
    expect(driver.aim.value).toEqual([320, 240]);
    driver.arrow(-999, 0);
    expect(driver.aim.value).toEqual([0, 240]);
    driver.place();
    driver.arrow(60, 40);
    expect(driver.previews()).toEqual([{ id: null, geometry: box(0, 240, 60, 280) }]);
    driver.finish();
    expect(asked).toEqual([box(0, 240, 60, 280)]);
    expect([driver.aim.value, driver.gesture.value, driver.busy.value]).toEqual([
      null,
      IDLE,
      false,
    ]);
  });

  it("give up what is drawn, and take points back one by one", () => {
    const { driver, asked } = open("extreme");
    driver.begin([100, 100]);
    driver.place();
    driver.arrow(20, 20);
    driver.place();
    driver.back();
    expect(driver.gesture.value).toMatchObject({ points: [[100, 100]] });
    driver.cancel();
    expect([driver.busy.value, asked]).toEqual([false, []]);
  });

  it("hand over to the mouse", () => {
    const { driver, asked } = open("rectangle");
    driver.begin([100, 100]);
    driver.place();
    // 200, 150 of the picture.
    driver.press(press("down", [410, 320]));
    expect(driver.aim.value).toBe(null);
    expect(asked).toEqual([box(100, 100, 200, 150)]);
  });
});

describe("pointers", () => {
  it("move the picture by the second button, and go on with what waits for its next point", () => {
    const { driver, asked, state } = open("rectangle");
    driver.press(press("down", [210, 220]));
    driver.feed({ ...press("up", [210, 220]), picture: [100, 100] });
    for (const kind of ["down", "move", "up"] as const) {
      const one = press(kind, kind === "down" ? [300, 300] : [330, 340], { button: 2 });
      if (kind === "down") driver.press(one);
      else driver.feed({ ...one, picture: [0, 0] });
    }
    expect(state.camera).toMatchObject({ x: 40, y: 60 });
    driver.press(press("down", [440, 360]));
    expect(asked).toEqual([box(100, 100, 200, 150)]);
  });

  it("that turn out to be two leave what was begun before them", () => {
    const { driver } = open("extreme");
    driver.press(press("down", [210, 220]));
    const before = driver.gesture.value;
    driver.press(press("down", [310, 320]));
    driver.restore();
    expect(driver.gesture.value).toBe(before);
  });

  it("draw on where they stand when the view changes under them", () => {
    const { driver, state } = open("rectangle");
    driver.press(press("down", [210, 220]));
    state.camera = { ...state.camera, scale: 1, x: 0, y: 0 };
    driver.follow();
    expect(driver.previews()).toEqual([{ id: null, geometry: box(100, 100, 210, 220) }]);
  });
});
