import { describe, expect, it } from "vitest";

import { type Anchor, drawArrows, gapOf, type Heights, planArrows, type Tie } from "./arrows";

const HEIGHTS: Heights = { lane: 18, bus: 6 };
const LINE = 24;

/** Numbers that look random and are the same every time. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

function scene(seed: number, count: number, lines: number, width: number): Tie[] {
  const roll = dice(seed);
  const anchor = (): Anchor => {
    const left = roll() * (width - 60);
    return { line: Math.floor(roll() * lines), left, right: left + 10 + roll() * 50 };
  };
  return Array.from({ length: count }, (_, at) => ({
    id: `r${at}`,
    from: anchor(),
    to: anchor(),
    width: 30 + roll() * 120,
  }));
}

/** Where the glyphs of the lines begin when every gap is as high as its plan says. */
function topsOf(plan: ReturnType<typeof planArrows>): number[] {
  let y = 0;
  return plan.lanes.map((_, line) => {
    y += gapOf(plan, line, HEIGHTS);
    const top = y;
    y += LINE;
    return top;
  });
}

type Box = { left: number; top: number; width: number; height: number };

function apart(a: Box, b: Box): boolean {
  return (
    a.left + a.width <= b.left ||
    b.left + b.width <= a.left ||
    a.top + a.height <= b.top ||
    b.top + b.height <= a.top
  );
}

describe("arrows", () => {
  it("keep their labels apart from each other and from the text, 200 of them in a few lines", () => {
    for (let seed = 1; seed <= 25; seed++) {
      const lines = 1 + (seed % 12);
      const width = 400 + (seed % 5) * 100;
      const ties = scene(seed, 200, lines, width);
      const plan = planArrows(ties, lines, width);
      const tops = topsOf(plan);
      const drawn = drawArrows(plan, tops, width, HEIGHTS);
      expect(drawn).toHaveLength(200);
      const texts = tops.map((top): Box => ({ left: 0, top, width, height: LINE }));
      const wrong: string[] = [];
      for (const [at, { label, id }] of drawn.entries()) {
        if (label.left < 0 || label.left + label.width > width + 1e-6) wrong.push(`${id} outside`);
        if (texts.some((text) => !apart(label, text))) wrong.push(`${id} over text`);
        for (const other of drawn.slice(at + 1)) {
          if (!apart(label, other.label)) wrong.push(`${id} over ${other.id}`);
        }
      }
      expect(wrong).toEqual([]);
    }
  });

  it("run above the text: no line crosses one but in the margins", () => {
    const ties = scene(7, 60, 6, 600);
    const plan = planArrows(ties, 6, 600);
    const tops = topsOf(plan);
    for (const { points, id } of drawArrows(plan, tops, 600, HEIGHTS)) {
      for (const [at, [x, y]] of points.slice(1).entries()) {
        const [px, py] = points[at] as [number, number];
        const upright = px === x;
        const crosses = tops.some(
          (top) => Math.min(y, py) < top + LINE - 1 && Math.max(y, py) > top + 1,
        );
        if (upright && x >= 0 && x <= 600) expect(crosses, id).toBe(false);
        if (!upright) expect(py, id).toBe(y);
      }
    }
  });

  it("within a line follow their label's lane; short ones stand lower", () => {
    const at = (line: number, left: number): Anchor => ({ line, left, right: left + 20 });
    const plan = planArrows(
      [
        { id: "long", from: at(0, 0), to: at(0, 400), width: 50 },
        { id: "short", from: at(0, 100), to: at(0, 180), width: 40 },
        { id: "down", from: at(0, 500), to: at(1, 20), width: 40 },
      ],
      2,
      600,
    );
    const by = new Map(plan.runs.map((run) => [run.id, run]));
    expect(by.get("short")?.label.lane).toBe(0);
    expect(by.get("long")?.label.lane).toBe(1);
    expect(by.get("down")?.side).toBe("left");
    expect(plan.lanes).toEqual([2, 0]);
    expect(plan.bus).toEqual([true, true]);
  });

  it("give a label that is wider than the text the text's width", () => {
    const anchor = { line: 0, left: 10, right: 30 };
    const plan = planArrows([{ id: "a", from: anchor, to: anchor, width: 500 }], 1, 200);
    expect(plan.runs[0]?.label).toMatchObject({ left: 0, width: 200, lane: 0 });
  });
});
