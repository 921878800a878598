import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FilmPlayer } from "./film";
import { Frames } from "./frames";

const frames = new Frames(
  Float64Array.from({ length: 100 }, (_, at) => at * 0.04),
  4,
);

/** A video element that shows what it is told to, and tells which frame that is. */
class Film extends EventTarget {
  duration = 4;
  readyState = 4;
  seeking = false;
  playbackRate = 1;
  defaultPlaybackRate = 1;
  preservesPitch = false;
  volume = 1;
  muted = false;
  error = null;
  src = "";
  paused = true;
  seeks = 0;
  private at = 0;
  private tell: ((now: number, shown: { mediaTime: number }) => void) | null = null;

  get currentTime(): number {
    return this.at;
  }

  set currentTime(time: number) {
    this.at = time;
    this.seeks++;
    this.seeking = true;
    this.dispatchEvent(new Event("seeking"));
    setTimeout(() => {
      this.seeking = false;
      this.dispatchEvent(new Event("seeked"));
      this.show(frames.at(time));
    }, 20);
  }

  show(index: number): void {
    const { tell } = this;
    this.tell = null;
    tell?.(0, { mediaTime: frames.timeOf(index) });
  }

  /** It plays on to this frame. */
  run(index: number): void {
    this.at = frames.inside(index, 0.2);
    this.show(index);
    this.dispatchEvent(new Event("timeupdate"));
  }

  play(): Promise<void> {
    this.paused = false;
    this.dispatchEvent(new Event("play"));
    return Promise.resolve();
  }

  pause(): void {
    this.paused = true;
    this.dispatchEvent(new Event("pause"));
  }

  load(): void {
    this.dispatchEvent(new Event("loadedmetadata"));
    this.dispatchEvent(new Event("loadeddata"));
  }

  removeAttribute(): void {
    this.src = "";
  }

  requestVideoFrameCallback(run: (now: number, shown: { mediaTime: number }) => void): number {
    this.tell = run;
    return 1;
  }

  cancelVideoFrameCallback(): void {
    this.tell = null;
  }
}

function opened() {
  const film = new Film();
  const wishes = { rate: signal(1), volume: signal(1), muted: signal(false) };
  const player = new FilmPlayer(film as unknown as HTMLVideoElement, wishes);
  player.open("a.mp4");
  player.setFrames(frames);
  vi.runAllTimers();
  return { film, player };
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

describe("FilmPlayer", () => {
  it("stands at frames, and says their stamps at once", () => {
    const { film, player } = opened();
    player.step(3);
    expect([player.index.value, player.time.value]).toEqual([3, frames.timeOf(3)]);
    player.goTo(1.99);
    expect(player.time.value).toBe(frames.timeOf(50));
    vi.runAllTimers();
    expect(player.seeker.shown.value).toBe(50);
    expect(frames.at(film.currentTime)).toBe(50);
    player.stepSeconds(-1);
    player.step(-1);
    vi.runAllTimers();
    expect(player.seeker.shown.value).toBe(24);
  });

  it("stops where it is when a step is made while it plays", () => {
    const { film, player } = opened();
    player.play();
    film.run(7);
    expect([player.playing.value, player.time.value]).toEqual([true, frames.timeOf(7)]);
    player.step(1);
    vi.runAllTimers();
    expect([player.playing.value, player.index.value, film.paused]).toEqual([false, 8, true]);
  });

  it("goes on from a place that is sought while it plays", () => {
    const { film, player } = opened();
    player.play();
    film.run(7);
    player.goTo(frames.timeOf(60));
    vi.runAllTimers();
    expect([player.playing.value, player.index.value]).toEqual([true, 60]);
    expect(frames.at(film.currentTime)).toBe(60);
  });

  it("plays a part up to its last frame, and begins it anew where it is repeated", () => {
    const { film, player } = opened();
    const range = { start: frames.timeOf(10), end: frames.timeOf(20) };
    player.playRange(range);
    vi.runAllTimers();
    film.run(19);
    expect(player.playing.value).toBe(true);
    film.run(20);
    vi.runAllTimers();
    expect([player.playing.value, player.index.value]).toEqual([false, 20]);

    player.loop.value = true;
    player.playRange(range);
    vi.runAllTimers();
    const { seeks } = film;
    film.run(20);
    vi.runAllTimers();
    expect([player.playing.value, player.index.value, film.seeks - seeks]).toEqual([true, 10, 1]);
  });

  it("sought before it is open, it stands there when it can be seen", () => {
    const { film, player } = opened();
    film.readyState = 0;
    player.open("b.mp4");
    player.setFrames(frames);
    player.step(5);
    film.readyState = 4;
    film.dispatchEvent(new Event("loadeddata"));
    vi.runAllTimers();
    expect([player.index.value, player.seeker.shown.value]).toEqual([5, 5]);
    player.close();
  });

  it("keeps its time when the stamps are better known", () => {
    const { film, player } = opened();
    player.goTo(2);
    vi.runAllTimers();
    film.show(50);
    player.setFrames(new Frames(Float64Array.of(0, 1, 2.001, 3), 4));
    vi.runAllTimers();
    expect([player.index.value, player.time.value]).toEqual([2, 2.001]);
  });
});
