/* Which frame is shown when: the time stamps of a film's frames. Frame i is shown from its stamp to the next one.

   Frames are counted from 0. Nothing here assumes that frames come at one rate. */

/** Answers hold millionths of seconds: a stamp that came back from one is still its frame's. */
const ROUNDED = 1e-6;

export class Frames {
  constructor(
    /** Rising strictly. */
    readonly times: Float64Array,
    readonly duration: number,
    /** False: worked out from a rate, until the stamps are known. */
    readonly known = true,
  ) {}

  /** What a film of one rate has if nothing else is known of it. */
  static steady(rate: number, count: number, duration: number): Frames {
    const whole = Math.max(1, count || Math.round(duration * rate));
    const times = Float64Array.from({ length: whole }, (_, at) => at / rate);
    return new Frames(times, duration, false);
  }

  get count(): number {
    return this.times.length;
  }

  get last(): number {
    return this.count - 1;
  }

  /** A frame that there is. */
  clamp(index: number): number {
    return Math.min(this.last, Math.max(0, Math.round(index)));
  }

  timeOf(index: number): number {
    return this.times[this.clamp(index)] ?? 0;
  }

  /** Until when the frame is shown. */
  endOf(index: number): number {
    const next = this.times[index + 1];
    if (next !== undefined) return next;
    const time = this.timeOf(index);
    const step = time - this.timeOf(index - 1);
    return Math.max(this.duration, time + (step || 0.04));
  }

  /** The frame that is shown at a time; the first one before it begins. */
  at(time: number): number {
    let low = 0;
    let high = this.last;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.times[middle] as number) <= time + ROUNDED) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The frame whose stamp is nearest to a time; of two as near, the earlier. */
  nearest(time: number): number {
    const before = this.at(time);
    const after = Math.min(before + 1, this.last);
    return this.timeOf(after) - time < time - this.timeOf(before) ? after : before;
  }

  /** The stamp that is nearest to a time: where a segment may begin or end. */
  quantize(time: number): number {
    return this.timeOf(this.nearest(time));
  }

  /** The frame that is about so many seconds on, and never the same one while there is another. */
  after(index: number, seconds: number): number {
    const found = this.nearest(this.timeOf(index) + seconds);
    if (found !== index || seconds === 0) return found;
    return this.clamp(index + Math.sign(seconds));
  }

  /** A moment at which the frame and no other is shown; `share`: how far into the time that it is shown. */
  inside(index: number, share = 0.5): number {
    const time = this.timeOf(index);
    const end = this.times[index + 1] ?? time + (time - this.timeOf(index - 1) || 0.04);
    return time + (end - time) * share;
  }

  /** How long a frame is shown as a rule. */
  get step(): number {
    if (this.count < 2) return this.duration || 0.04;
    return (this.timeOf(this.last) - this.timeOf(0)) / this.last;
  }

  /** How many frames there are from one moment to another, both included. */
  within(start: number, end: number): number {
    return Math.max(0, this.at(end) - this.at(start) + 1);
  }
}
