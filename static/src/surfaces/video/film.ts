/* Plays a film frame by frame: every time it stands at, and every time it tells, is the stamp of the frame shown. */

import { computed, effect, signal } from "@preact/signals";
import { Player, type PlayerWishes } from "../timeline/player";
import { clamp } from "../timeline/view";
import { Frames } from "./frames";
import { Seeker } from "./seeker";

export class FilmPlayer extends Player {
  readonly frames = signal(Frames.steady(25, 1, 0));
  readonly seeker: Seeker;
  /** The number of the frame that is shown, or is on its way. */
  readonly index = computed(() => this.frames.value.nearest(this.time.value));
  private readonly ends: (() => void)[] = [];

  constructor(element: HTMLVideoElement, wishes: PlayerWishes) {
    super(element, wishes, () => this.moment());
    this.seeker = new Seeker(element, (index) => {
      this.time.value = this.frames.peek().timeOf(index);
    });
    const seeking = () => {
      if (this.playing.peek()) this.seeker.expect(this.frames.peek().at(element.currentTime));
    };
    element.addEventListener("seeking", seeking);
    this.ends.push(
      () => element.removeEventListener("seeking", seeking),
      effect(() => {
        const time = this.frames.peek().timeOf(this.seeker.shown.value);
        if (!this.playing.peek() && !this.seeker.busy.peek()) this.time.value = time;
      }),
    );
  }

  override close(): void {
    for (const end of this.ends) end();
    this.seeker.close();
    super.close();
  }

  /** While it runs only so as to come to a frame it does not play for anybody. */
  protected override started(): void {
    if (!this.seeker.crawls) super.started();
  }

  protected override ended(): void {
    if (!this.seeker.crawls) super.ended();
  }

  override open(url: string | null, at = 0): void {
    this.seeker.reset();
    super.open(url, at);
  }

  /** The stamps of the film that is open, or better ones. */
  setFrames(frames: Frames): void {
    this.frames.value = frames;
    const now = this.time.peek();
    this.seeker.setFrames(frames);
    if (!this.playing.peek()) this.show(frames.nearest(now));
  }

  /** The stamp of the frame on the screen, or of the one that is on its way there. */
  private moment(): number {
    const frames = this.frames.peek();
    const { seeker, element } = this;
    if (seeker.busy.peek()) return frames.timeOf(seeker.aim);
    return element.seeking
      ? frames.quantize(element.currentTime)
      : frames.timeOf(seeker.shown.peek());
  }

  override seek(time: number): void {
    const frames = this.frames.peek();
    this.show(frames.nearest(clamp(time, 0, Math.max(frames.duration, time))));
  }

  /** Show a frame; while the film plays it goes on from there. */
  show(index: number): void {
    const frames = this.frames.peek();
    const frame = frames.clamp(index);
    if (this.playing.peek()) {
      this.seeker.expect(frame);
      super.seek(frames.inside(frame, 0.1));
    } else this.seeker.show(frame);
    this.time.value = frames.timeOf(frame);
  }

  override play(): void {
    const { seeker } = this;
    const target = seeker.waits ? this.frames.peek().inside(seeker.aim, 0.1) : null;
    seeker.cancel();
    if (target !== null) super.seek(target);
    super.play();
  }

  /** So many frames on; the film stands then. */
  step(by: number): void {
    if (this.playing.peek()) this.pause();
    this.goToFrame(this.at + by);
  }

  /** The frame about so many seconds on, and at least the next one. */
  stepSeconds(by: number): void {
    this.goToFrame(this.frames.peek().after(this.at, by));
  }

  /** Stand at a frame as a person asks: a range that does not hold it is given up. */
  goToFrame(index: number): void {
    this.goTo(this.frames.peek().timeOf(index));
  }

  private get at(): number {
    return this.seeker.busy.peek() ? this.seeker.aim : this.frames.peek().nearest(this.time.peek());
  }
}
