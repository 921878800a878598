/* Seconds of work: gaps between inputs or while something plays, none counted for more than a minute. */

const GAP_MS = 60_000;
const INPUTS = ["pointerdown", "pointermove", "keydown", "wheel", "input", "timeupdate"] as const;

export class WorkTime {
  private last: number;
  private total = 0;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.last = now();
  }

  listen(target: EventTarget): void {
    for (const name of INPUTS) {
      target.addEventListener(name, () => this.touch(), { passive: true, capture: true });
    }
  }

  touch(): void {
    const now = this.now();
    this.total += Math.min(GAP_MS, now - this.last);
    this.last = now;
  }

  /** Whole seconds since they were last taken; the rest is kept. */
  take(): number {
    const seconds = Math.floor(this.total / 1000);
    this.total -= seconds * 1000;
    return seconds;
  }

  /** Seconds that could not be handed in. */
  giveBack(seconds: number): void {
    this.total += seconds * 1000;
  }
}
