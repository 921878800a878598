/* Brings one frame on the screen and makes sure that it is that one.

   Browsers place a seek by what a file says of frames' lengths, which need not be so: a seek into the middle of a
   frame may show its neighbour. So what is shown is read back (requestVideoFrameCallback), other moments within the
   frame are tried, and where none of them shows it the film runs slowly until it does. */

import { signal } from "@preact/signals";
import { Frames } from "./frames";

/** What of a video element is needed. */
export interface FilmElement {
  currentTime: number;
  playbackRate: number;
  muted: boolean;
  readonly paused: boolean;
  readonly seeking: boolean;
  readonly readyState: number;
  play(): Promise<void>;
  pause(): void;
  addEventListener(type: string, run: () => void): void;
  removeEventListener(type: string, run: () => void): void;
  requestVideoFrameCallback?: (run: (now: number, shown: { mediaTime: number }) => void) => number;
  cancelVideoFrameCallback?: (handle: number) => void;
}

/** How far into a frame's time is sought, one after the other. */
const SHARES = [0.5, 0.95, 0.05] as const;
/** A frame that was shown already is not told of again: so long is waited for one that is. */
const SILENT_MS = 180;
/** The film runs this slowly to a frame that no seek shows: browsers go no slower. */
const CRAWL = 0.0625;
/** From so many frames before it, one try after the other; first from where the film stands. */
const BACK = [0, 1, 2, 1, 8, 2] as const;
/** From the end of that frame: the way is short then. */
const LATE = 0.95;
const CRAWL_MS = 4_000;
/** So long a frame may still come after the film was stopped. */
const STOP_MS = 60;

type State =
  | { kind: "rest" }
  /** A seek is under way; `share`: which of the moments within the frame, `round`: or from which frame before it. */
  | { kind: "seek"; index: number; share: number; round: number; landed: boolean }
  /** The film runs slowly towards the frame. */
  | { kind: "crawl"; index: number; round: number }
  /** It was stopped at the frame: one more may have come meanwhile. */
  | { kind: "stop"; index: number; round: number };

export class Seeker {
  /** The frame that is on the screen, as far as the browser has told. */
  readonly shown = signal(0);
  /** Whether a frame is still on its way. */
  readonly busy = signal(false);
  private frames = Frames.steady(25, 1, 0);
  private state: State = { kind: "rest" };
  /** Asked for while another one was on its way. */
  private next: number | null = null;
  private timer: ReturnType<typeof setTimeout> | 0 = 0;
  private handle = 0;
  private before: { rate: number; muted: boolean } | null = null;
  /** How often the browser has told what it shows. */
  private told = 0;
  /** The stamp of the frame that is shown, as it was told. */
  private moment = 0;
  /** Frames that no seek has shown. */
  private readonly hard = new Set<number>();
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly element: FilmElement,
    /** The frame is on the screen. */
    private readonly settled: (index: number) => void = () => undefined,
  ) {
    const on = (name: string, run: () => void) => {
      element.addEventListener(name, run);
      this.stops.push(() => element.removeEventListener(name, run));
    };
    on("seeked", () => this.landed());
    on("loadeddata", () => this.advance());
    on("ended", () => this.ended());
    this.watch();
  }

  close(): void {
    this.rest();
    for (const stop of this.stops) stop();
    this.element.cancelVideoFrameCallback?.(this.handle);
  }

  /** Another film, or better known stamps of the same. */
  setFrames(frames: Frames): void {
    this.frames = frames;
    this.hard.clear();
    this.shown.value = frames.nearest(this.moment);
  }

  /** Forget what was on its way, and what was shown: another file is opened. */
  reset(): void {
    this.rest();
    this.hard.clear();
    this.told = 0;
    this.moment = 0;
    this.shown.value = 0;
  }

  /** The frame that is shown, or is on its way. */
  get aim(): number {
    if (this.next !== null) return this.next;
    return this.state.kind === "rest" ? this.shown.peek() : this.state.index;
  }

  /** Whether the last frame that was asked for has not been sought yet. */
  get waits(): boolean {
    return this.next !== null;
  }

  /** Something else has sought this frame while the film plays: what was shown is old now. */
  expect(index: number): void {
    if (this.state.kind === "rest") this.shown.value = this.frames.clamp(index);
  }

  /** Whether the film runs only so as to come to a frame. */
  get crawls(): boolean {
    return this.before !== null;
  }

  /** Show a frame. Of many that are asked for in a row, those that are overtaken are left out. */
  show(index: number): void {
    const wanted = this.frames.clamp(index);
    const { state } = this;
    if (state.kind === "rest" && this.told > 0 && this.shown.peek() === wanted) {
      this.settled(wanted);
      return;
    }
    this.next = wanted;
    this.busy.value = true;
    if (state.kind === "crawl" || state.kind === "stop") this.stopCrawl();
    this.advance();
  }

  /** Give up what is on its way: the film is to play. */
  cancel(): void {
    this.rest();
  }

  private rest(): void {
    this.stopCrawl();
    clearTimeout(this.timer);
    this.state = { kind: "rest" };
    this.next = null;
    this.busy.value = false;
  }

  /** Begin with what was asked for last, as soon as the film can be sought in. */
  private advance(): void {
    if (this.next === null || this.element.readyState === 0) return;
    if (this.state.kind === "seek" && !this.state.landed) return;
    const index = this.next;
    this.next = null;
    this.seek(index, 0, this.hard.has(index) ? 1 : 0);
  }

  private seek(index: number, share: number, round: number): void {
    clearTimeout(this.timer);
    this.state = { kind: "seek", index, share, round, landed: false };
    const part = round > 0 ? LATE : (SHARES[share] ?? LATE);
    this.element.currentTime = this.frames.inside(
      this.frames.clamp(index - (BACK[round] ?? 0)),
      part,
    );
  }

  /** The seek has ended; which frame it shows is told before or after. */
  private landed(): void {
    const { state } = this;
    if (state.kind !== "seek" || state.landed) return;
    state.landed = true;
    if (this.next !== null) this.advance();
    else if (!this.element.requestVideoFrameCallback) {
      this.moment = this.frames.timeOf(state.index);
      this.take(state.index);
    } else if (state.round === 0 && this.told > 0 && this.shown.peek() === state.index) {
      this.arrive(state.index);
    } else this.timer = setTimeout(() => this.judge(), SILENT_MS);
  }

  /** The browser tells which frame it has shown. */
  private watch(): void {
    this.handle =
      this.element.requestVideoFrameCallback?.((_now, { mediaTime }) => {
        this.told++;
        this.moment = mediaTime;
        this.take(this.frames.nearest(mediaTime));
        this.watch();
      }) ?? 0;
  }

  private take(index: number): void {
    this.shown.value = index;
    const { state } = this;
    if (state.kind === "crawl") this.crawled(state, index);
    else if (state.kind === "seek" && state.landed) this.judge();
  }

  /** Whether what is shown is what was wanted, and what to do if it is not. */
  private judge(): void {
    const { state } = this;
    clearTimeout(this.timer);
    if (state.kind !== "seek" || !state.landed) return;
    const shown = this.shown.peek();
    const { index, share, round } = state;
    if (shown === index) this.arrive(index);
    else if (round === 0 && share + 1 < SHARES.length) this.seek(index, share + 1, 0);
    else {
      this.hard.add(index);
      if (shown < index) this.crawl(index, round);
      else this.retreat(index, round);
    }
  }

  private arrive(index: number): void {
    clearTimeout(this.timer);
    this.state = { kind: "rest" };
    if (this.next !== null) {
      this.advance();
      return;
    }
    this.busy.value = false;
    this.settled(index);
  }

  /** Run slowly, unheard, until the frame comes. */
  private crawl(index: number, round: number): void {
    const { element } = this;
    const state: State = { kind: "crawl", index, round };
    this.state = state;
    this.before ??= { rate: element.playbackRate, muted: element.muted };
    element.muted = true;
    element.playbackRate = CRAWL;
    element.play().catch(() => {
      // One that is stopped soon is refused as well, and is no matter then.
      if (this.state === state) this.giveUp(index);
    });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.retreat(index, round), CRAWL_MS);
  }

  private crawled(state: Extract<State, { kind: "crawl" }>, shown: number): void {
    const { index, round } = state;
    if (shown < index) return;
    this.stopCrawl();
    this.state = { kind: "stop", index, round };
    this.timer = setTimeout(() => {
      if (this.shown.peek() === index) this.arrive(index);
      else this.retreat(index, round);
    }, STOP_MS);
  }

  /** The frame was passed: come from further before it. */
  private retreat(index: number, round: number): void {
    this.stopCrawl();
    if (round + 1 >= BACK.length || index === 0) this.giveUp(index);
    else this.seek(index, 0, round + 1);
  }

  private ended(): void {
    if (this.state.kind === "crawl") this.retreat(this.state.index, this.state.round);
  }

  /** The browser cannot show it: what it shows instead is said truly. */
  private giveUp(index: number): void {
    this.stopCrawl();
    if (this.state.kind === "rest") return;
    this.arrive(this.told > 0 ? this.shown.peek() : index);
  }

  private stopCrawl(): void {
    const { before, element } = this;
    clearTimeout(this.timer);
    if (!before) return;
    this.before = null;
    element.pause();
    element.playbackRate = before.rate;
    element.muted = before.muted;
  }
}
