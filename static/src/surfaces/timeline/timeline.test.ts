import { describe, expect, it } from "vitest";
import { type Around, type Gesture, IDLE, type Input, previewOf, reduce, shifted } from "./drag";
import { hitAt, type Scene } from "./hit";
import { momentsOf, nearest, settling } from "./snap";
import { digitsOf, exactTime, formatTime, parseTime, stepOf, ticksOf } from "./ticks";
import { below, laneAt, lanesOf, overlaps, rowsOf } from "./tracks";
import type { Segment } from "./types";
import {
  bounded,
  closeUp,
  endOf,
  fitView,
  followView,
  microseconds,
  panView,
  resizeView,
  showRange,
  timeAt,
  xOf,
  zoomView,
} from "./view";

const EXTENT = { duration: 100, finest: 48_000 };

function segment(id: string, start: number, end: number, track = 0): Segment {
  return { id, start, end, track, color: "#123456", text: id };
}

describe("the view", () => {
  it("shows all of it, and never anything beside it", () => {
    const view = fitView(500, EXTENT);
    expect(view).toEqual({ start: 0, scale: 5, width: 500 });
    expect(panView(view, 999, EXTENT).start).toBe(0);
    expect(bounded({ start: 95, scale: 10, width: 500 }, EXTENT).start).toBe(50);
    expect(bounded({ start: 0, scale: 1e9, width: 500 }, EXTENT).scale).toBe(48_000);
  });

  it("keeps the time under the pointer while it zooms", () => {
    let view = fitView(500, EXTENT);
    const time = timeAt(view, 320);
    for (let n = 0; n < 12; n++) view = zoomView(view, 1.7, 320, EXTENT);
    expect(timeAt(view, 320)).toBeCloseTo(time, 9);
    expect(xOf(view, time)).toBeCloseTo(320, 6);
  });

  it("goes no further than needed to show a range", () => {
    const view = { start: 10, scale: 50, width: 500 };
    expect(showRange(view, { start: 12, end: 15 }, EXTENT)).toBe(view);
    const later = showRange(view, { start: 30, end: 31 }, EXTENT);
    expect(endOf(later)).toBeCloseTo(31.8, 6);
    const long = showRange(view, { start: 40, end: 80 }, EXTENT);
    expect(long.start).toBeCloseTo(39.2, 6);
    const near = closeUp(view, { start: 20, end: 21 }, EXTENT);
    expect(xOf(near, 20)).toBeCloseTo(40, 6);
    expect(xOf(near, 21)).toBeCloseTo(460, 6);
  });

  it("follows what plays a page at a time", () => {
    const view = { start: 10, scale: 50, width: 500 };
    expect(followView(view, 15, EXTENT)).toBe(view);
    expect(followView(view, 20, EXTENT).start).toBeCloseTo(19.5, 6);
    expect(followView(view, 2, EXTENT).start).toBeCloseTo(1.5, 6);
  });

  it("still shows all of it at another width, and otherwise keeps its scale", () => {
    expect(resizeView(fitView(500, EXTENT), 1000, EXTENT).scale).toBe(10);
    expect(resizeView({ start: 10, scale: 50, width: 500 }, 400, EXTENT).scale).toBe(50);
  });
});

describe("times", () => {
  it("are read as they are written", () => {
    for (const time of [0, 0.001, 1.5, 59.999999, 60, 83.25, 3599.5, 3600, 10_807.123456]) {
      expect(parseTime(exactTime(time))).toBeCloseTo(time, 9);
    }
    expect(formatTime(3723.5, 3)).toBe("1:02:03.500");
    expect(formatTime(59.9996, 3)).toBe("1:00.000");
    expect(exactTime(1.5)).toBe("0:01.500");
    expect(exactTime(1.500125)).toBe("0:01.500125");
  });

  it("are typed in several ways", () => {
    expect(parseTime("83.5")).toBe(83.5);
    expect(parseTime(" 1:23,5 ")).toBe(83.5);
    expect(parseTime("1：23.5")).toBe(83.5);
    expect(parseTime("1:02:03")).toBe(3723);
    expect(parseTime(".25")).toBe(0.25);
    for (const wrong of ["", "a", "1:60", "1:61:00", "-1", "1:2:3:4", "1e3", "."]) {
      expect(parseTime(wrong)).toBeNull();
    }
  });

  it("stand on the ruler with room between them, at every scale", () => {
    for (let scale = 0.01; scale < 200_000; scale *= 1.9) {
      const { step } = stepOf(scale);
      expect(step * scale).toBeGreaterThanOrEqual(83.99);
      const ticks = ticksOf({ start: 3, scale, width: 1000 }, 1e6);
      expect(ticks.length).toBeLessThan(220);
      expect(ticks.every(({ x }) => x >= -1e-6 && x <= 1000 + 1e-6)).toBe(true);
      expect(digitsOf(scale)).toBeLessThanOrEqual(6);
    }
  });
});

describe("tracks", () => {
  it("lay overlapping segments in rows of their own", () => {
    const segments = [
      segment("a", 0, 10),
      segment("b", 5, 6),
      segment("c", 10, 12),
      segment("d", 5, 6, 1),
    ];
    const { row, counts } = rowsOf(segments, 2);
    expect([row.get("a"), row.get("b"), row.get("c"), row.get("d")]).toEqual([0, 1, 0, 0]);
    expect(counts).toEqual([2, 1]);
  });

  it("lay other answers below, and make room for them only where there are any", () => {
    const rows = rowsOf([segment("a", 0, 10), segment("b", 5, 6)], 2);
    const others = [segment("0/a", 0, 10), segment("1/a", 0, 9)];
    const ghosts = below(rows, others, 2);
    expect([ghosts.row.get("0/a"), ghosts.row.get("1/a")]).toEqual([2, 3]);
    expect(ghosts.counts).toEqual([4, 1]);
  });

  it("never let two segments of one row overlap", () => {
    let seed = 7;
    const next = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const segments = Array.from({ length: 300 }, (_, n) => {
      const start = next() * 90;
      return segment(String(n), start, start + next() * 8, Math.floor(next() * 3));
    });
    const { row } = rowsOf(segments, 3);
    for (const a of segments) {
      for (const b of segments) {
        if (a === b || a.track !== b.track || row.get(a.id) !== row.get(b.id)) continue;
        expect(overlaps(a, b)).toBe(false);
      }
    }
  });

  it("fill the height, strips taking what is spare, and grow beyond it where they must", () => {
    const { lanes, height } = lanesOf(
      [
        { least: 60, weight: 1 },
        { least: 40, weight: 1 },
      ],
      [1, 1],
      400,
    );
    expect(height).toBe(400);
    expect(lanes.map(({ kind }) => kind)).toEqual(["ruler", "strip", "strip", "track", "track"]);
    const last = lanes.at(-1);
    expect(Math.abs((last?.top ?? 0) + (last?.height ?? 0) - 400)).toBeLessThanOrEqual(2);
    const many = lanesOf([{ least: 60, weight: 1 }], Array(16).fill(2), 400);
    expect(many.height).toBeGreaterThan(800);
    expect(laneAt(many.lanes, 30)?.kind).toBe("strip");
    expect(laneAt(many.lanes, -1)).toBeNull();
  });

  it("belong to the tracks alone where nothing is seen or heard above them", () => {
    const { lanes, height } = lanesOf([], [1, 1], 326);
    expect(height).toBe(326);
    expect(lanes.map((one) => one.height)).toEqual([26, 150, 150]);
  });
});

describe("snapping", () => {
  it("takes the nearest moment within reach, of others only", () => {
    const segments = [segment("a", 1, 2), segment("b", 3, 4)];
    const moments = momentsOf(segments, new Set(["a"]), [0, 100]);
    expect(moments).toEqual([0, 100, 3, 4]);
    expect(nearest(3.05, moments, 0.1)).toBe(3);
    expect(nearest(3.5, moments, 0.1)).toBeNull();
    expect(settling({ start: 3.9, end: 8.02 }, [4, 8], 0.2)).toBeCloseTo(-0.02, 9);
    expect(settling({ start: 5, end: 6 }, [4, 8], 0.2)).toBe(0);
  });

  it("keeps a boundary within half a sample", () => {
    for (const rate of [8000, 44_100, 192_000]) {
      for (let n = 1; n < 1e6; n = n * 3 + 1) {
        expect(Math.abs(microseconds(n / rate) - n / rate)).toBeLessThan(0.5 / rate);
      }
    }
  });
});

function scene(segments: Segment[], chosen: string[] = [], track = 0): Scene {
  const rows = rowsOf(segments, 2);
  const { lanes } = lanesOf([{ least: 60, weight: 1 }], rows.counts, 200);
  return {
    view: { start: 0, scale: 10, width: 1000 },
    lanes,
    segments,
    rows,
    chosen: new Set(chosen),
    track,
    tracks: 2,
  };
}

const middle = ({ lanes }: Scene, kind: string, at = 0) => {
  const lane = lanes.find((one) => one.kind === kind && one.at === at);
  return (lane?.top ?? 0) + (lane?.height ?? 0) / 2;
};

describe("what lies under the pointer", () => {
  const one = scene([segment("a", 10, 30), segment("b", 50, 60, 1)]);
  const onTrack = middle(one, "track");

  it("is an end, the segment, or nothing of a track", () => {
    expect(hitAt(one, 100, onTrack)).toEqual({ kind: "edge", id: "a", side: "start" });
    expect(hitAt(one, 297, onTrack)).toEqual({ kind: "edge", id: "a", side: "end" });
    expect(hitAt(one, 200, onTrack)).toEqual({ kind: "body", id: "a" });
    expect(hitAt(one, 400, onTrack)).toEqual({ kind: "empty", track: 0 });
    expect(hitAt(one, 400, 5)).toEqual({ kind: "ruler" });
    expect(hitAt(one, 400, 9999)).toBeNull();
  });

  it("is on strips a segment of the current track, or one that is chosen", () => {
    const y = middle(one, "strip");
    expect(hitAt(one, 200, y)).toEqual({ kind: "body", id: "a" });
    expect(hitAt(one, 550, y)).toEqual({ kind: "empty", track: null });
    const chosen = scene([...one.segments], ["b"]);
    expect(hitAt(chosen, 550, y)).toEqual({ kind: "body", id: "b" });
  });

  it("is of two that touch the one that is chosen", () => {
    const two = [segment("a", 10, 30), segment("b", 30, 50)];
    const y = middle(scene(two), "track");
    expect(hitAt(scene(two, ["a"]), 301, y)).toEqual({ kind: "edge", id: "a", side: "end" });
    expect(hitAt(scene(two, ["b"]), 299, y)).toEqual({ kind: "edge", id: "b", side: "start" });
  });

  it("can be taken by its middle however short it is, and is not met while it is locked", () => {
    const y = middle(scene([]), "track");
    expect(hitAt(scene([segment("a", 10, 11)]), 105, y)).toEqual({ kind: "body", id: "a" });
    expect(hitAt(scene([segment("a", 10, 10)]), 103, y)).toEqual({ kind: "body", id: "a" });
    const locked = { ...segment("a", 10, 30), locked: true };
    expect(hitAt(scene([locked]), 200, y)).toEqual({ kind: "empty", track: 0 });
  });
});

function around(segments: Segment[], more: Partial<Around> = {}): Around {
  return {
    duration: 100,
    scale: 10,
    track: 0,
    tracks: 2,
    frozen: false,
    chosen: new Set(),
    segments: new Map(segments.map((one) => [one.id, one])),
    moments: [0, 100],
    quantize: microseconds,
    ...more,
  };
}

function run(inputs: Input[], where: Around) {
  let gesture: Gesture = IDLE;
  const effects = inputs.flatMap((input) => {
    const step = reduce(gesture, input, where);
    gesture = step.gesture;
    return step.effects;
  });
  return { gesture, effects };
}

const down = (target: Extract<Input, { kind: "down" }>["target"], time: number): Input => ({
  kind: "down",
  target,
  time,
  x: time * 10,
  toggle: false,
});
const move = (time: number, track: number | null = 0, exact = false): Input => ({
  kind: "move",
  time,
  x: time * 10,
  track,
  exact,
});
const UP: Input = { kind: "up" };

describe("gestures", () => {
  const segments = [segment("a", 10, 20), segment("b", 40, 50, 1)];
  const empty = { kind: "empty", track: 1 } as const;

  it("make a segment only at their end, in either direction", () => {
    const where = around(segments);
    const half = run([down(empty, 30), move(25), move(22)], where);
    expect(half.effects).toEqual([]);
    expect(previewOf(half.gesture).made).toEqual({ id: "", start: 22, end: 30, track: 1 });
    expect(run([down(empty, 30), move(22), UP], where).effects).toEqual([
      { kind: "create", range: { start: 22, end: 30 }, track: 1 },
    ]);
  });

  it("settle on the ends of others unless asked not to", () => {
    const where = around(segments);
    const near = run([down(empty, 30), move(39.5), UP], where).effects[0];
    expect(near).toMatchObject({ range: { start: 30, end: 40 } });
    const exact = run([down(empty, 30), move(39.5, 0, true), UP], where).effects[0];
    expect(exact).toMatchObject({ range: { start: 30, end: 39.5 } });
  });

  it("a press without moving seeks, or chooses", () => {
    const where = around(segments);
    expect(run([down(empty, 30), move(30.1), UP], where).effects).toEqual([
      { kind: "seek", time: 30, done: true },
      { kind: "select", ids: [], how: "only" },
    ]);
    expect(run([down({ kind: "body", id: "a" }, 15), UP], where).effects).toEqual([
      { kind: "select", ids: ["a"], how: "only" },
    ]);
  });

  it("pull an end, also over the other one, and change nothing when taken back", () => {
    const where = around(segments);
    const edge = { kind: "edge", id: "a", side: "start" } as const;
    expect(run([down(edge, 10), move(5), UP], where).effects).toEqual([
      { kind: "change", edits: [{ id: "a", start: 5, end: 20, track: 0 }] },
    ]);
    expect(run([down(edge, 10), move(28), UP], where).effects).toEqual([
      { kind: "change", edits: [{ id: "a", start: 20, end: 28, track: 0 }] },
    ]);
    expect(run([down(edge, 10), move(5), { kind: "cancel" }, UP], where).effects).toEqual([]);
    expect(run([down(edge, 10), move(5), move(10), UP], where).effects).toEqual([]);
  });

  it("move all that is chosen together, within the recording, and to another track", () => {
    const where = around(segments, { chosen: new Set(["a", "b"]) });
    const body = { kind: "body", id: "a" } as const;
    const far = run([down(body, 15), move(99), UP], where).effects[0];
    expect(far).toEqual({
      kind: "change",
      edits: [
        { id: "a", start: 60, end: 70, track: 0 },
        { id: "b", start: 90, end: 100, track: 1 },
      ],
    });
    const alone = run([down(body, 15), move(15.5, 1, true), UP], around(segments)).effects[0];
    expect(alone).toEqual({
      kind: "change",
      edits: [{ id: "a", start: 10.5, end: 20.5, track: 1 }],
    });
  });

  it("change nothing while nothing may be changed", () => {
    const where = around(segments, { frozen: true });
    expect(run([down(empty, 30), move(40), UP], where).effects).toEqual([
      { kind: "seek", time: 30, done: true },
      { kind: "select", ids: [], how: "only" },
    ]);
  });

  it("scrub along the ruler", () => {
    const { effects } = run([down({ kind: "ruler" }, 30), move(130), UP], around([]));
    expect(effects).toEqual([
      { kind: "seek", time: 30, done: false },
      { kind: "seek", time: 100, done: false },
      { kind: "seek", time: 100, done: true },
    ]);
  });

  it("begin and end where moments allow it", () => {
    const frames = around(segments, { quantize: (time) => Math.round(time * 25) / 25 });
    const { effects } = run([down(empty, 30.013), move(35.029, 0, true), UP], frames);
    expect(effects).toEqual([{ kind: "create", range: { start: 30, end: 35.04 }, track: 1 }]);
    expect(shifted({ id: "a", start: 10, end: 20, track: 0 }, 0.05, 0, frames)).toEqual({
      id: "a",
      start: 10.04,
      end: 20.04,
      track: 0,
    });
  });
});
