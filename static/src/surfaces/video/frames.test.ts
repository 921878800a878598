import { describe, expect, it } from "vitest";
import { Frames } from "./frames";
import { codeOf, countingOf, formatPlace, frameOfCode, meantRate, parsePlace } from "./timecode";

const NTSC = 30000 / 1001;
const uneven = new Frames(Float64Array.of(0, 0.011, 0.044, 0.111, 0.311), 0.35);

describe("Frames", () => {
  it("finds the frame that is shown at a time", () => {
    expect([-1, 0, 0.0109, 0.011, 0.3, 0.311, 9].map((time) => uneven.at(time))).toEqual([
      0, 0, 0, 1, 3, 4, 4,
    ]);
  });

  it("finds every frame again from its stamp in millionths, and from any moment within it", () => {
    for (const frames of [Frames.steady(NTSC, 1500, 1500 / NTSC), uneven]) {
      for (let index = 0; index < frames.count; index++) {
        const stored = Math.round(frames.timeOf(index) * 1e6) / 1e6;
        const moments = [0, 0.05, 0.5, 0.95].map((share) => frames.inside(index, share));
        const found = [stored, ...moments].map((time) => frames.at(time));
        expect([...found, frames.nearest(stored)]).toEqual(Array(6).fill(index));
      }
    }
  });

  it("snaps to the nearest stamp, of two as near to the earlier", () => {
    expect(uneven.quantize(0.07)).toBe(0.044);
    expect(uneven.quantize(0.08)).toBe(0.111);
    expect(uneven.quantize(5)).toBe(0.311);
    expect(Frames.steady(10, 3, 0.3).nearest(0.15)).toBe(1);
  });

  it("goes on by seconds, and at least by a frame", () => {
    expect(uneven.after(0, 0.1)).toBe(3);
    expect(uneven.after(3, 0.001)).toBe(4);
    expect(uneven.after(3, -0.001)).toBe(2);
    expect(uneven.after(4, 1)).toBe(4);
    expect(uneven.after(0, -1)).toBe(0);
  });

  it("knows how long frames are shown, also the last and the only one", () => {
    expect(uneven.endOf(1)).toBe(0.044);
    expect(uneven.endOf(4)).toBeCloseTo(0.511);
    expect(uneven.step).toBeCloseTo(0.07775);
    const single = new Frames(Float64Array.of(0), 2);
    expect([single.endOf(0), single.step, single.at(1), single.nearest(7)]).toEqual([2, 2, 0, 0]);
    expect(uneven.within(0.011, 0.111)).toBe(3);
    expect(uneven.within(0.111, 0.111)).toBe(1);
  });

  it("is worked out from a rate where nothing else is known", () => {
    const guess = Frames.steady(25, 0, 4);
    expect([guess.count, guess.known, guess.timeOf(50)]).toEqual([100, false, 2]);
  });
});

describe("time codes", () => {
  it("count whole rates and those of 1001", () => {
    expect(countingOf(25)).toEqual({ nominal: 25, dropped: 0 });
    expect(countingOf(NTSC)).toEqual({ nominal: 30, dropped: 2 });
    expect(countingOf(60000 / 1001)).toEqual({ nominal: 60, dropped: 4 });
    expect(countingOf(24000 / 1001)).toEqual({ nominal: 24, dropped: 0 });
    expect(countingOf(17.3)).toBeNull();
  });

  it("take measured rates for what they are meant to be", () => {
    expect(meantRate(29.970279)).toBe(NTSC);
    expect(meantRate(24.9998)).toBe(25);
    expect(meantRate(17.3)).toBe(17.3);
  });

  it("leave numbers out each minute but every tenth", () => {
    const codes: [number, string][] = [
      [0, "00:00:00;00"],
      [1799, "00:00:59;29"],
      [1800, "00:01:00;02"],
      [3598, "00:02:00;02"],
      [17981, "00:09:59;29"],
      [17982, "00:10:00;00"],
      [107892, "01:00:00;00"],
    ];
    for (const [index, code] of codes) {
      expect(codeOf(index, NTSC)).toBe(code);
      expect(frameOfCode(code, NTSC)).toBe(index);
    }
    expect(frameOfCode("00:01:00;00", NTSC)).toBeNull();
    expect(codeOf(25 * 61 + 3, 25)).toBe("00:01:01:03");
  });

  it("name every frame once", () => {
    for (let index = 0; index < 40_000; index += 61) {
      for (const rate of [NTSC, 60000 / 1001, 25, 24000 / 1001]) {
        expect(frameOfCode(codeOf(index, rate) as string, rate)).toBe(index);
      }
    }
  });
});

describe("places as they are typed", () => {
  const frames = Frames.steady(25, 2000, 80);
  const place = (text: string) => parsePlace(text, frames, 25);

  it("are frames, times or time codes", () => {
    expect(place("120")).toBe(120);
    expect(place("#120")).toBe(120);
    expect(place("1.0")).toBe(25);
    expect(place("1:05")).toBe(1625);
    expect(place("00:00:10:05")).toBe(255);
    expect(place("１２")).toBe(12);
    expect(place("4 s")).toBe(100);
  });

  it("are refused outside the film and where they say nothing", () => {
    for (const text of ["2000", "81.0", "9:00", "", "x", "00:00:10:25", "-3"]) {
      expect(place(text)).toBeNull();
    }
  });

  it("are written in each format, as a time where a time code does not fit", () => {
    expect(formatPlace("frame", frames, 30, 25)).toBe("30");
    expect(formatPlace("time", frames, 30, 25)).toBe("0:01.200");
    expect(formatPlace("code", frames, 30, 25)).toBe("00:00:01:05");
    expect(formatPlace("code", uneven, 2, 14.1)).toBe("0:00.044");
  });
});
