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
/** The film runs this slowly to a frame that no seek shows, from so many frames before it. */
const CRAWL = 0.125;
const BACK = [1, 2, 8] as const;
const CRAWL_MS = 6_000;
/** So long a frame may still come after the film was stopped. */
const STOP_MS = 60;
/** So near before a frame that no seek shows, the film runs to it at once. */
const NEAR = 3;

type State =
  | { kind: "rest" }
  /** A seek is under way; `share`: which of the moments within the frame, `back`: how far before it. */
  | { kind: "seek"; index: number; share: number; back: number; landed: boolean }
  /** The film runs slowly towards the frame. */
  | { kind: "crawl"; index: number; back: number }
  /** It was stopped at the frame: one more may have come meanwhile. */
  | { kind: "stop"; index: number; back: number };

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
    const ahead = index - this.shown.peek();
    this.next = null;
    if (!this.hard.has(index)) this.seek(index, 0, 0);
    else if (ahead > 0 && ahead <= NEAR) this.crawl(index, 0);
    else this.seek(index, 0, 1);
  }

  private seek(index: number, share: number, back: number): void {
    clearTimeout(this.timer);
    this.state = { kind: "seek", index, share, back, landed: false };
    const target = this.frames.clamp(index - back);
    this.element.currentTime = this.frames.inside(target, SHARES[share] ?? 0.5);
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
    } else if (state.back === 0 && this.told > 0 && this.shown.peek() === state.index) {
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
    const { index, share, back } = state;
    if (shown === index) this.arrive(index);
    else if (back > 0) this.crawl(index, back);
    else if (share + 1 < SHARES.length) this.seek(index, share + 1, 0);
    else {
      this.hard.add(index);
      if (shown < index) this.crawl(index, 0);
      else this.seek(index, 0, 1);
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
  private crawl(index: number, back: number): void {
    const { element } = this;
    if (this.shown.peek() >= index) {
      this.retreat(index, back);
      return;
    }
    this.state = { kind: "crawl", index, back };
    this.before ??= { rate: element.playbackRate, muted: element.muted };
    element.muted = true;
    element.playbackRate = CRAWL;
    element.play().catch(() => this.giveUp(index));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.giveUp(index), CRAWL_MS);
  }

  private crawled(state: Extract<State, { kind: "crawl" }>, shown: number): void {
    const { index, back } = state;
    if (shown < index) return;
    this.stopCrawl();
    this.state = { kind: "stop", index, back };
    this.timer = setTimeout(() => {
      if (this.shown.peek() === index) this.arrive(index);
      else this.retreat(index, back);
    }, STOP_MS);
  }

  /** The frame was passed: come from further before it. */
  private retreat(index: number, back: number): void {
    const further = BACK.find((one) => one > back);
    if (further === undefined || index === 0) this.giveUp(index);
    else this.seek(index, 0, further);
  }

  private ended(): void {
    if (this.state.kind === "crawl") this.giveUp(this.state.index);
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
