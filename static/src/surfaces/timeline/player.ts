/* Plays a recording: from where, how far, over and over, how fast. One for audio and video elements. */

import { effect, type Signal, signal } from "@preact/signals";
import type { Range } from "./types";
import { clamp } from "./view";

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3] as const;

/** How it is liked, and kept: signals that the player follows. */
export interface PlayerWishes {
  rate: Signal<number>;
  volume: Signal<number>;
  muted: Signal<boolean>;
}

/** The last moments before the end of a range are waited for more closely than frames come. */
const CLOSE_S = 0.06;
/** So near to where it stands already nothing is sought. */
const THERE_S = 1e-4;

export class Player {
  readonly time = signal(0);
  readonly playing = signal(false);
  /** What is played, and where it ends; null: to the end of the recording. */
  readonly range = signal<Range | null>(null);
  /** The range, or all of it, begins anew when it ends. */
  readonly loop = signal(false);
  readonly duration = signal(0);
  /** It waits for more of the file. */
  readonly waiting = signal(false);
  readonly failed = signal(false);
  private readonly stops: (() => void)[] = [];
  private frame = 0;
  private timer = 0;
  private wanted: number | null = null;
  private asked: { from: number; at: number } | null = null;

  constructor(
    readonly element: HTMLMediaElement,
    readonly wishes: PlayerWishes,
    /** Where it stands now: of a film the moment of the frame that is shown. */
    private readonly clock: () => number = () => element.currentTime,
  ) {
    const on = (name: string, run: () => void) => {
      element.addEventListener(name, run);
      this.stops.push(() => element.removeEventListener(name, run));
    };
    on("loadedmetadata", () => this.opened());
    on("durationchange", () => this.opened());
    on("play", () => this.started());
    on("playing", () => this.heard());
    on("pause", () => this.rested());
    on("ended", () => this.ended());
    on("seeked", () => this.sought());
    on("timeupdate", () => this.tick());
    on("waiting", () => {
      this.waiting.value = true;
    });
    on("canplay", () => {
      this.waiting.value = false;
    });
    on("error", () => {
      // Whoever gives it another address is told first: it knows then whether it played.
      this.failed.value = element.error !== null;
      if (element.error !== null && this.failed.peek()) this.playing.value = false;
    });
    element.preservesPitch = true;
    this.stops.push(
      effect(() => {
        element.defaultPlaybackRate = wishes.rate.value;
        element.playbackRate = wishes.rate.value;
      }),
      effect(() => {
        element.volume = clamp(wishes.volume.value, 0, 1);
        element.muted = wishes.muted.value;
      }),
    );
  }

  close(): void {
    for (const stop of this.stops) stop();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.element.pause();
    this.element.removeAttribute("src");
    this.element.load();
  }

  /** Another recording; null: none. `at`: where it stands then. */
  open(url: string | null, at = 0): void {
    this.pause();
    this.failed.value = false;
    this.waiting.value = false;
    this.range.value = null;
    this.time.value = at;
    this.wanted = at > 0 ? at : null;
    if (url === null) {
      this.duration.value = 0;
      this.element.removeAttribute("src");
    } else this.element.src = url;
    this.element.load();
  }

  /** Stand at a time; while it plays it goes on from there. */
  seek(time: number): void {
    const { element } = this;
    const to = clamp(time, 0, this.duration.peek() || time);
    this.time.value = to;
    // One at a time: a scrub asks for more than any file answers.
    if (element.seeking || element.readyState === 0) this.wanted = to;
    else if (Math.abs(element.currentTime - to) > THERE_S) element.currentTime = to;
  }

  /** Go on playing: to the end, or within the range that it is in. */
  play(): void {
    const range = this.range.peek();
    if (range && (this.time.peek() < range.start || this.time.peek() >= range.end - 1e-3)) {
      this.range.value = null;
    }
    const { element } = this;
    if (!this.range.peek() && this.time.peek() >= (this.duration.peek() || 1) - 1e-3) this.seek(0);
    this.asked = { from: this.time.peek(), at: performance.now() };
    element.play().catch(() => this.rested());
  }

  /** Play this part alone, from its beginning. */
  playRange(range: Range): void {
    this.range.value = range.end > range.start ? range : null;
    this.seek(range.start);
    this.play();
  }

  pause(): void {
    this.element.pause();
    this.rested();
  }

  /** `back`: so many seconds before where it was stopped it stands then, as with a foot pedal. */
  toggle(back = 0): void {
    if (this.playing.peek()) {
      this.pause();
      if (back > 0) this.seek(Math.max(0, this.time.peek() - back));
    } else this.play();
  }

  /** `by` seconds on. A range that is left is not played any more. */
  skip(by: number): void {
    this.leave(this.time.peek() + by);
    this.seek(this.time.peek() + by);
  }

  /** Stand somewhere as a person asks: a range that does not hold it is given up. */
  goTo(time: number): void {
    this.leave(time);
    this.seek(time);
  }

  private leave(time: number): void {
    const range = this.range.peek();
    if (range && (time < range.start || time > range.end)) this.range.value = null;
  }

  /** The next speed up or down. */
  faster(by: 1 | -1): void {
    const { rate } = this.wishes;
    const now = rate.peek();
    const next = by > 0 ? RATES.find((one) => one > now) : RATES.findLast((one) => one < now);
    if (next !== undefined) rate.value = next;
  }

  private opened(): void {
    const { duration } = this.element;
    if (Number.isFinite(duration)) this.duration.value = duration;
    if (this.wanted !== null && !this.element.seeking) this.sought();
    this.element.playbackRate = this.wishes.rate.peek();
  }

  private sought(): void {
    const { wanted } = this;
    this.wanted = null;
    if (wanted !== null && Math.abs(this.element.currentTime - wanted) > THERE_S) {
      this.element.currentTime = wanted;
    } else if (!this.playing.peek()) this.time.value = this.clock();
  }

  protected started(): void {
    this.playing.value = true;
    if (this.frame) return;
    const step = () => {
      this.frame = requestAnimationFrame(step);
      this.tick();
    };
    this.frame = requestAnimationFrame(step);
  }

  /** The first sound after it was asked for: how long that took, and how far from the wanted moment it is. */
  private heard(): void {
    this.waiting.value = false;
    if (!this.asked) return;
    const { from, at } = this.asked;
    this.asked = null;
    performance.mark("play-heard", {
      detail: { from, at: this.element.currentTime, ms: performance.now() - at },
    });
  }

  private rested(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.frame = 0;
    this.timer = 0;
    if (!this.playing.peek()) return;
    this.playing.value = false;
    if (!this.element.seeking) this.time.value = this.clock();
  }

  protected ended(): void {
    if (this.loop.peek()) this.again(this.range.peek()?.start ?? 0);
    else this.rested();
  }

  private again(from: number): void {
    this.element.currentTime = from;
    this.time.value = from;
    this.element.play().catch(() => this.rested());
  }

  private tick(): void {
    if (!this.playing.peek() || this.element.seeking) return;
    const now = this.clock();
    const range = this.range.peek();
    this.time.value = range ? Math.min(now, range.end) : now;
    if (!range) return;
    if (now >= range.end) this.reached(range);
    else if (range.end - now < CLOSE_S * this.element.playbackRate && !this.timer) {
      const left = ((range.end - now) / this.element.playbackRate) * 1000;
      this.timer = window.setTimeout(() => {
        this.timer = 0;
        this.tick();
      }, left);
    }
  }

  private reached(range: Range): void {
    if (this.loop.peek()) this.again(range.start);
    else {
      this.element.pause();
      this.rested();
      this.seek(range.end);
    }
  }
}
