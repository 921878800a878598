import { describe, expect, it } from "vitest";
import { HEIGHTS, sceneOf } from "./arrow-scene";
import type { Box, TextSurface } from "./surface";

const LINE = 24;
const EDGE = 30;

/** Spans on lines of one block, by line and place; a negative line is not drawn, above or below. */
function surfaceOf(spans: Record<string, { line: number; left: number; drawn?: boolean }>) {
  const box = (line: number, left: number): Box => ({
    left: left + EDGE,
    right: left + EDGE + 40,
    top: line * 100,
    bottom: line * 100 + LINE,
  });
  const at = (id: string) => spans[id] as { line: number; left: number; drawn?: boolean };
  return {
    height: LINE,
    over: { clientWidth: 600 + 2 * EDGE },
    words: { blockAt: () => 0, blocks: [{ start: 0, text: "" }] },
    caretBox: () => box(0, 0),
    span: (id: string) => (spans[id] ? { id, start: at(id).line, end: 0 } : null),
    boxesOf: (id: string) => (at(id).drawn === false ? null : [box(at(id).line, at(id).left)]),
    heightsAt: (line: number) => ({ top: line * 100, bottom: line * 100 + LINE }),
  } as unknown as TextSurface;
}

describe("arrows on a text", () => {
  it("need room above the lines where their labels stand, apart from the first one", () => {
    const surface = surfaceOf({
      a: { line: 0, left: 0 },
      b: { line: 0, left: 200 },
      c: { line: 1, left: 0 },
    });
    const links = [
      { id: "ab", from: "a", to: "b", width: 60 },
      { id: "ca", from: "c", to: "a", width: 60 },
    ];
    const { placed, rooms } = sceneOf(surface, links, EDGE);
    const gap = HEIGHTS.lane + HEIGHTS.bus;
    expect(rooms.get(0)).toEqual({ between: gap, above: gap / 2 });
    expect(placed.map(({ id }) => id).sort()).toEqual(["ab", "ca"]);
    for (const { label } of placed) expect(label.left).toBeGreaterThanOrEqual(EDGE);
  });

  it("go along the margin towards what is far away, with their label at the end that is there", () => {
    const surface = surfaceOf({
      near: { line: 1, left: 100 },
      below: { line: 40, left: 0, drawn: false },
      beyond: { line: 60, left: 0, drawn: false },
    });
    const links = [
      { id: "out", from: "near", to: "below", width: 60 },
      { id: "in", from: "below", to: "near", width: 60 },
      { id: "none", from: "below", to: "beyond", width: 60 },
    ];
    const { placed } = sceneOf(surface, links, EDGE);
    const by = new Map(placed.map((one) => [one.id, one]));
    expect([...by.keys()].sort()).toEqual(["in", "out"]);
    expect(by.get("out")?.points.at(-1)?.[1]).toBe(4000);
    expect(by.get("out")?.backwards).toBe(false);
    expect(by.get("in")?.backwards).toBe(true);
    expect(by.get("in")?.label.top).toBeLessThan(100);
  });
});
