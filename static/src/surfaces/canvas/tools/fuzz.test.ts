import { describe, expect, it } from "vitest";
import type { Point } from "../../../core/types";
import { boxOf, pointsOf } from "../geometry";
import type { Geometry, Shape } from "../shapes";
import { drive } from "./drive";
import { toolNamed } from "./registry";
import { around, BOX, fitsServer, NOTHING, pointer, SIZE } from "./testbed";
import { type Gesture, IDLE, type Input } from "./tool";

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
