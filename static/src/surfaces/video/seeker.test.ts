import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Frames } from "./frames";
import { type FilmElement, Seeker } from "./seeker";

const frames = new Frames(
  Float64Array.from({ length: 40 }, (_, at) => at * 0.04),
  1.6,
);

/** A video element of which one can say which frame a seek to a moment shows. */
class Film implements FilmElement {
  playbackRate = 1;
  muted = false;
  paused = true;
  seeking = false;
  readyState = 4;
  screen = 0;
  seeks = 0;
  handles = 0;
  /** Which frame a seek to this moment shows. */
  shows: (time: number) => number = (time) => frames.at(time);
  /** Frames that pass before a pause takes hold. */
  slack = 0;
  private at = 0;
  private readonly runs = new Map<string, Set<() => void>>();
  private waiting: ((now: number, shown: { mediaTime: number }) => void) | null = null;

  get currentTime(): number {
    return this.at;
  }

  set currentTime(time: number) {
    this.at = time;
    this.seeks++;
    this.seeking = true;
    setTimeout(() => {
      this.seeking = false;
      this.emit("seeked");
      setTimeout(() => this.draw(this.shows(time)), 5);
    }, 20);
  }

  /** A frame that is on the screen already is not told again. */
  draw(index: number): void {
    if (index === this.screen && this.handles > 1) return;
    this.screen = index;
    const tell = this.waiting;
    this.waiting = null;
    tell?.(0, { mediaTime: frames.timeOf(index) });
  }

  async play(): Promise<void> {
    this.paused = false;
    const step = () => {
      if (this.paused && this.slack-- <= 0) return;
      this.draw(this.screen + 1);
      setTimeout(step, 40 / this.playbackRate);
    };
    setTimeout(step, 40 / this.playbackRate);
  }

  pause(): void {
    this.paused = true;
  }

  emit(name: string): void {
    for (const run of this.runs.get(name) ?? []) run();
  }

  addEventListener(name: string, run: () => void): void {
    this.runs.set(name, (this.runs.get(name) ?? new Set()).add(run));
  }

  removeEventListener(name: string, run: () => void): void {
    this.runs.get(name)?.delete(run);
  }

  requestVideoFrameCallback?(run: (now: number, shown: { mediaTime: number }) => void): number {
    this.waiting = run;
    return ++this.handles;
  }

  cancelVideoFrameCallback(): void {
    this.waiting = null;
  }
}

function opened(change: (film: Film) => void = () => undefined) {
  const film = new Film();
  change(film);
  const settled: number[] = [];
  const seeker = new Seeker(film, (index) => settled.push(index));
  seeker.setFrames(frames);
  film.draw(0);
  return { film, seeker, settled };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("Seeker", () => {
  it("shows the frame that was asked for, with one seek", () => {
    const { film, seeker, settled } = opened();
    seeker.show(7);
    expect([seeker.busy.value, seeker.aim]).toEqual([true, 7]);
    vi.runAllTimers();
    expect([film.screen, seeker.shown.value, seeker.busy.value]).toEqual([7, 7, false]);
    expect([film.seeks, settled]).toEqual([1, [7]]);
    seeker.show(7);
    expect([film.seeks, settled]).toEqual([1, [7, 7]]);
  });

  it("leaves out what is overtaken while a seek is under way", () => {
    const { film, seeker, settled } = opened();
    for (let index = 1; index <= 20; index++) seeker.show(seeker.aim + 1);
    vi.runAllTimers();
    expect([film.screen, film.seeks, settled]).toEqual([20, 2, [20]]);
  });

  it("waits until the film can be sought in", () => {
    const { film, seeker } = opened((one) => {
      one.readyState = 0;
    });
    seeker.show(5);
    expect(film.seeks).toBe(0);
    film.readyState = 2;
    film.emit("loadeddata");
    vi.runAllTimers();
    expect([film.screen, seeker.shown.value]).toEqual([5, 5]);
  });

  it("tries other moments of a frame whose middle shows its neighbour", () => {
    const { film, seeker } = opened((one) => {
      one.shows = (time) => frames.at(time - 0.03);
    });
    seeker.show(9);
    vi.runAllTimers();
    expect([film.screen, seeker.shown.value, film.seeks]).toEqual([9, 9, 2]);
  });

  it("runs slowly to a frame that no seek shows, and leaves everything as it was", () => {
    const { film, seeker, settled } = opened((one) => {
      one.shows = (time) => (frames.at(time) === 9 ? 8 : frames.at(time));
    });
    film.playbackRate = 1.5;
    seeker.show(9);
    vi.advanceTimersByTime(500);
    expect([film.paused, film.playbackRate, film.muted]).toEqual([false, 0.0625, true]);
    vi.runAllTimers();
    expect([film.screen, seeker.shown.value, settled]).toEqual([9, 9, [9]]);
    expect([film.paused, film.playbackRate, film.muted]).toEqual([true, 1.5, false]);
    // Such a frame is known from then on: one seek before it, and no vain ones.
    seeker.show(3);
    vi.runAllTimers();
    const { seeks } = film;
    seeker.show(9);
    vi.runAllTimers();
    expect([film.screen, film.seeks]).toEqual([9, seeks + 1]);
  });

  it("comes from further before a frame where seeks show only later ones", () => {
    const { film, seeker } = opened((one) => {
      one.shows = (time) => {
        const index = frames.at(time);
        return index === 9 || index === 8 ? 10 : index;
      };
    });
    seeker.show(9);
    vi.runAllTimers();
    expect([film.screen, seeker.shown.value, film.paused]).toEqual([9, 9, true]);
  });

  it("comes again where one frame more has passed before the film stood", () => {
    const { film, seeker } = opened((one) => {
      one.shows = (time) => (frames.at(time) === 9 ? 8 : frames.at(time));
      one.slack = 1;
    });
    seeker.show(9);
    vi.runAllTimers();
    expect([film.screen, seeker.shown.value]).toEqual([9, 9]);
  });

  it("says truly what is shown where a frame cannot be shown", () => {
    const { film, seeker, settled } = opened((one) => {
      one.shows = () => 3;
      one.play = async () => Promise.reject(new Error("not allowed"));
    });
    film.draw(3);
    seeker.show(9);
    vi.advanceTimersByTime(20_000);
    return vi.runAllTimersAsync().then(() => {
      expect([seeker.shown.value, seeker.busy.value, settled]).toEqual([3, false, [3]]);
    });
  });

  it("believes a seek where the browser does not tell what it shows", () => {
    const film = new Film();
    Object.defineProperty(film, "requestVideoFrameCallback", { value: undefined });
    const seeker = new Seeker(film);
    seeker.setFrames(frames);
    seeker.show(4);
    vi.runAllTimers();
    expect([seeker.shown.value, seeker.busy.value, film.seeks]).toEqual([4, false, 1]);
  });

  it("gives up a frame on its way when the film is to play, and follows what is shown then", () => {
    const { film, seeker, settled } = opened();
    seeker.show(9);
    seeker.cancel();
    vi.runAllTimers();
    film.draw(12);
    expect([seeker.busy.value, seeker.shown.value, settled]).toEqual([false, 12, []]);
  });

  it("keeps its place when better stamps are known", () => {
    const { film, seeker } = opened();
    film.draw(10);
    seeker.setFrames(new Frames(Float64Array.of(0, 0.2, 0.4, 0.6), 0.8));
    expect(seeker.shown.value).toBe(2);
  });
});
