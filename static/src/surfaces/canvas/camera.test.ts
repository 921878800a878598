import { describe, expect, it } from "vitest";
import type { Point } from "../../core/types";
import {
  boxToScreen,
  type Camera,
  closeUp,
  fit,
  pan,
  reveal,
  type Turn,
  toPicture,
  toScreen,
  turnBy,
  turned,
  unturned,
  visible,
  zoomAt,
} from "./camera";

const PICTURE = { width: 400, height: 100 };
const VIEW = { width: 800, height: 600 };
const TURNS: Turn[] = [0, 1, 2, 3];

describe("a turned camera", () => {
  it("brings every point there and back", () => {
    for (const turn of TURNS) {
      const camera: Camera = { scale: 1.7, x: 31, y: -12, turn };
      const [x, y] = toPicture(camera, toScreen(camera, [123.25, 45.5]));
      expect(x).toBeCloseTo(123.25, 9);
      expect(y).toBeCloseTo(45.5, 9);
    }
  });

  it("turns clockwise: what was at the top is at the right", () => {
    expect(turned(1, [0, -1])).toEqual([1, 0]);
    expect(turned(3, [0, -1])).toEqual([-1, 0]);
    for (const turn of TURNS) {
      const way = unturned(turn, turned(turn, [3, 7])) as Point;
      expect(way[0]).toBeCloseTo(3);
      expect(way[1]).toBeCloseTo(7);
    }
  });

  it("fits the turned picture into the view, in its middle", () => {
    for (const turn of TURNS) {
      const camera = fit(PICTURE, VIEW, turn);
      const box = boxToScreen(camera, { minX: 0, minY: 0, maxX: 400, maxY: 100 });
      expect(box.minX).toBeGreaterThanOrEqual(0);
      expect(box.maxY).toBeLessThanOrEqual(600);
      expect((box.minX + box.maxX) / 2).toBeCloseTo(400);
      expect((box.minY + box.maxY) / 2).toBeCloseTo(300);
      expect(box.maxX - box.minX > box.maxY - box.minY).toBe(turn % 2 === 0);
    }
  });

  it("keeps what is in the middle of the view, and comes back after four quarters", () => {
    const start: Camera = { scale: 3, x: -120, y: 40, turn: 0 };
    const middle = toPicture(start, [400, 300]);
    let camera = start;
    for (let n = 0; n < 4; n++) {
      camera = turnBy(camera, 1, VIEW);
      expect(toPicture(camera, [400, 300])[0]).toBeCloseTo(middle[0]);
      expect(toPicture(camera, [400, 300])[1]).toBeCloseTo(middle[1]);
    }
    expect(camera.turn).toBe(0);
    expect(camera.x).toBeCloseTo(start.x);
    expect(camera.y).toBeCloseTo(start.y);
    expect(turnBy(start, -1, VIEW).turn).toBe(3);
  });

  it("zooms to a place, never loses the picture, and shows a box that is asked for", () => {
    for (const turn of TURNS) {
      const camera = fit(PICTURE, VIEW, turn);
      const zoomed = zoomAt(camera, [350, 250], 4);
      const before = toPicture(camera, [350, 250]);
      expect(toPicture(zoomed, [350, 250])[0]).toBeCloseTo(before[0]);
      expect(toPicture(zoomed, [350, 250])[1]).toBeCloseTo(before[1]);
      const far = pan(camera, -9e6, 9e6, PICTURE, VIEW);
      const box = boxToScreen(far, { minX: 0, minY: 0, maxX: 400, maxY: 100 });
      expect(box.maxX).toBeCloseTo(40);
      expect(box.minY).toBeCloseTo(560);
      const wanted = { minX: 380, minY: 80, maxX: 396, maxY: 90 };
      const shown = visible(reveal(far, wanted, PICTURE, VIEW), VIEW);
      expect(shown.minX).toBeLessThanOrEqual(380);
      expect(shown.maxX).toBeGreaterThanOrEqual(396);
      const near = closeUp(camera, wanted, VIEW);
      expect(near.scale).toBe(8);
      expect(toScreen(near, [388, 85])[0]).toBeCloseTo(400);
    }
  });
});
