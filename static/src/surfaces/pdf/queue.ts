/* Work that is done one piece at a time, the most wanted first; what nobody waits for any more is given up. */

export interface Piece<T> {
  /** The same piece asked for twice is done once. */
  key: string;
  /** The lower the sooner; what is asked for again may have become more wanted. */
  rank: number;
  run(signal: AbortSignal): Promise<T>;
}

interface Waiting {
  piece: Piece<unknown>;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
  promise: Promise<unknown>;
}

interface Running extends Waiting {
  control: AbortController;
  /** Nobody waits for it any more. */
  unwanted: boolean;
}

/** Why a piece was given up. */
export class GivenUp extends Error {}

export class Queue {
  private readonly waiting = new Map<string, Waiting>();
  private running: Running | null = null;
  private closed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private quietUntil = 0;

  /** Pieces of `patient` rank or less wanted begin only when nothing was asked for with `rest` for so many ms. */
  constructor(
    private readonly patient: number,
    private readonly quiet: number,
  ) {}

  /** Something urgent was asked for: what is not wanted right now waits a while. */
  rest(): void {
    this.quietUntil = performance.now() + this.quiet;
  }

  /** The piece's outcome. A less wanted one that is being done makes room, and is begun again later. */
  add<T>(piece: Piece<T>): Promise<T> {
    if (this.closed) return Promise.reject(new GivenUp());
    const { running } = this;
    const known =
      running?.piece.key === piece.key && !running.unwanted ? running : this.waiting.get(piece.key);
    if (known) {
      known.piece.rank = Math.min(known.piece.rank, piece.rank);
      this.start();
      return known.promise as Promise<T>;
    }
    const { promise, resolve, reject } = deferred();
    this.waiting.set(piece.key, { piece, resolve, reject, promise });
    this.start();
    return promise as Promise<T>;
  }

  /** Give up the pieces that this says yes to. */
  drop(unwanted: (piece: { key: string; rank: number }) => boolean): void {
    for (const [key, one] of this.waiting) {
      if (!unwanted(one.piece)) continue;
      this.waiting.delete(key);
      one.reject(new GivenUp());
    }
    if (!this.running || !unwanted(this.running.piece)) return;
    this.running.unwanted = true;
    this.running.control.abort();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.drop(() => true);
  }

  private start(): void {
    const next = this.next();
    if (!next) return;
    const wait = next.piece.rank < this.patient ? 0 : this.quietUntil - performance.now();
    if (wait > 0) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.start(), wait);
      return;
    }
    if (this.running) {
      if (next.piece.rank < this.running.piece.rank) this.running.control.abort();
      return;
    }
    this.waiting.delete(next.piece.key);
    const control = new AbortController();
    const job: Running = { ...next, control, unwanted: false };
    this.running = job;
    next.piece.run(control.signal).then(
      (value) => this.ended(job, () => next.resolve(value)),
      (reason: unknown) =>
        this.ended(job, () => {
          if (!control.signal.aborted) next.reject(reason);
          else if (job.unwanted) next.reject(new GivenUp());
          else this.waiting.set(next.piece.key, next);
        }),
    );
  }

  private ended(job: Running, settle: () => void): void {
    if (this.running === job) this.running = null;
    settle();
    this.start();
  }

  private next(): Waiting | null {
    let best: Waiting | null = null;
    for (const one of this.waiting.values())
      if (!best || one.piece.rank < best.piece.rank) best = one;
    return best;
  }
}

function deferred() {
  let resolve: (value: unknown) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<unknown>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Whoever asked may have gone.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
