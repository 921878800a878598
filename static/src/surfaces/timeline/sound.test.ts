import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Peaks } from "./peaks";
import { Player, RATES } from "./player";
import { colorAt, colored, namedFrequencies, Spectrum } from "./spectrum";

/** What of a media element is used, driven by hand. */
class Element extends EventTarget {
  currentTime = 0;
  duration = 10;
  readyState = 4;
  seeking = false;
  playbackRate = 1;
  defaultPlaybackRate = 1;
  preservesPitch = false;
  volume = 1;
  muted = false;
  error = null;
  src = "";
  play(): Promise<void> {
    this.dispatchEvent(new Event("play"));
    this.dispatchEvent(new Event("playing"));
    return Promise.resolve();
  }
  pause(): void {
    this.dispatchEvent(new Event("pause"));
  }
  load(): void {
    this.dispatchEvent(new Event("loadedmetadata"));
  }
  removeAttribute(): void {
    this.src = "";
  }
}

function player() {
  const element = new Element();
  const wishes = { rate: signal(1), volume: signal(1), muted: signal(false) };
  const made = new Player(element as unknown as HTMLMediaElement, wishes);
  made.open("a.wav");
  return { element, made, wishes };
}

/** It has played until then. */
function at(element: Element, time: number): void {
  element.currentTime = time;
  element.dispatchEvent(new Event("timeupdate"));
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("requestAnimationFrame", () => 1);
  vi.stubGlobal("cancelAnimationFrame", () => undefined);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the player", () => {
  it("plays a part alone, and stands at its end then", () => {
    const { element, made } = player();
    made.playRange({ start: 2, end: 4 });
    expect(element.currentTime).toBe(2);
    at(element, 3);
    expect(made.time.value).toBe(3);
    expect(made.playing.value).toBe(true);
    at(element, 4.01);
    expect(made.playing.value).toBe(false);
    expect(element.currentTime).toBe(4);
    made.play();
    expect(made.range.value).toBeNull();
  });

  it("plays a part over and over", () => {
    const { element, made } = player();
    made.loop.value = true;
    made.playRange({ start: 2, end: 4 });
    at(element, 4.2);
    expect(element.currentTime).toBe(2);
    expect(made.playing.value).toBe(true);
  });

  it("waits for the last moments more closely than frames come", () => {
    const { element, made, wishes } = player();
    wishes.rate.value = 2;
    made.playRange({ start: 2, end: 4 });
    at(element, 3.96);
    element.currentTime = 4;
    vi.advanceTimersByTime(20);
    expect(made.playing.value).toBe(false);
  });

  it("goes back where a pedal lets go, and leaves a part that is left", () => {
    const { element, made } = player();
    made.playRange({ start: 2, end: 8 });
    at(element, 5);
    made.toggle(1.5);
    expect(made.time.value).toBe(3.5);
    expect(made.range.value).not.toBeNull();
    made.skip(-3);
    expect(made.time.value).toBe(0.5);
    expect(made.range.value).toBeNull();
    made.skip(-3);
    expect(made.time.value).toBe(0);
  });

  it("seeks the last wanted time once the file has answered the former", () => {
    const { element, made } = player();
    element.seeking = true;
    made.seek(3);
    made.seek(7);
    expect(element.currentTime).toBe(0);
    element.seeking = false;
    element.dispatchEvent(new Event("seeked"));
    expect(element.currentTime).toBe(7);
    expect(made.time.value).toBe(7);
  });

  it("keeps the pitch at every speed, from half to three times", () => {
    const { element, made, wishes } = player();
    expect(element.preservesPitch).toBe(true);
    for (let n = 0; n < 20; n++) made.faster(1);
    expect([wishes.rate.value, element.playbackRate]).toEqual([3, 3]);
    for (let n = 0; n < 20; n++) made.faster(-1);
    expect(wishes.rate.value).toBe(RATES[0]);
  });

  it("begins anew at the end", () => {
    const { element, made } = player();
    made.goTo(10);
    made.play();
    expect(element.currentTime).toBe(0);
  });
});

describe("peaks", () => {
  const info = {
    channels: 2,
    chunk: 4,
    levels: [
      { rate: 8, pairs: 8 },
      { rate: 2, pairs: 2 },
    ],
  };
  /** Left: -n to n; right: nothing. */
  const load = async (level: number, chunk: number) =>
    Int16Array.from(
      Array.from({ length: level === 0 ? 4 : 2 }, (_, n) => {
        const value = chunk * 4 + n + 1 + 100 * level;
        return [-value, value, 0, 0];
      }).flat(),
    );

  it("come from the level that fits, from a coarser one until they are there", async () => {
    const changed = vi.fn();
    const peaks = new Peaks(info, load, changed);
    expect(peaks.levelFor(1)).toBe(1);
    expect(peaks.levelFor(5)).toBe(0);
    expect(peaks.between(0, 0, 0, 1)).toBeNull();
    peaks.want(1, 0, Number.POSITIVE_INFINITY);
    await vi.advanceTimersByTimeAsync(0);
    expect(peaks.between(0, 0, 0, 0.5)).toEqual([-101, 101]);
    peaks.want(0, 0, 1);
    await vi.advanceTimersByTimeAsync(0);
    expect(changed).toHaveBeenCalledTimes(3);
    expect(peaks.between(0, 0, 0.125, 0.5)).toEqual([-4, 4]);
    expect(peaks.between(0, 1, 0, 1)).toEqual([0, 0]);
    expect(peaks.between(0, 0, 0.9, 5)).toEqual([-8, 8]);
  });

  it("are asked for again a while after they could not be had", async () => {
    const fails = vi.fn(() => Promise.reject(new Error("gone")));
    const peaks = new Peaks(info, fails, () => undefined);
    peaks.want(1, 0, 1);
    peaks.want(1, 0, 1);
    await vi.advanceTimersByTimeAsync(100);
    peaks.want(1, 0, 1);
    expect(fails).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(6_000);
    peaks.want(1, 0, 1);
    expect(fails).toHaveBeenCalledTimes(2);
  });
});

describe("the spectrum", () => {
  it("grows lighter with loudness, in colours of one order", () => {
    const light = (value: number) => colorAt(value).reduce((sum, one) => sum + one, 0);
    for (let value = 1; value < 256; value++) {
      expect(light(value)).toBeGreaterThanOrEqual(light(value - 1));
    }
    const pixels = Uint8ClampedArray.from([0, 0, 0, 255, 255, 255, 255, 255]);
    colored(pixels);
    expect([...pixels]).toEqual([...colorAt(0), 255, ...colorAt(255), 255]);
  });

  it("names a few frequencies, with room between them", () => {
    expect(namedFrequencies(8000, 160)).toEqual([2000, 4000, 6000]);
    expect(namedFrequencies(24_000, 60).length).toBeLessThan(4);
  });

  it("takes the coarsest level that is fine enough", () => {
    const levels = [400, 100, 25].map((rate) => ({ rate, columns: rate * 10 }));
    const info = { rows: 128, maxFrequency: 8000, chunk: 1024, levels };
    const spectrum = new Spectrum(
      info,
      () => Promise.reject(new Error()),
      () => undefined,
    );
    expect([10, 50, 100, 300, 9999].map((scale) => spectrum.levelFor(scale))).toEqual([
      2, 1, 1, 0, 0,
    ]);
  });
});
