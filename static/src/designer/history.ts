/* The drafts of a builder, one after the other, so that every change can be taken back. */

const KEPT = 300;
/** Changes of one thing that follow each other this closely are one step. */
const TOGETHER_MS = 1_500;

export interface Past<T> {
  readonly past: readonly T[];
  readonly now: T;
  readonly future: readonly T[];
  /** What the last change was of, and when. */
  readonly group: string | null;
  readonly at: number;
}

export function begin<T>(now: T): Past<T> {
  return { past: [], now, future: [], group: null, at: 0 };
}

/** The next draft; one of the same group shortly after the last one takes its place. */
export function advance<T>(history: Past<T>, next: T, group: string | null, at: number): Past<T> {
  if (next === history.now) return history;
  const joins = group !== null && group === history.group && at - history.at < TOGETHER_MS;
  const past = joins ? history.past : [...history.past, history.now].slice(-KEPT);
  return { past, now: next, future: [], group, at };
}

export function back<T>(history: Past<T>): Past<T> {
  const former = history.past.at(-1);
  if (former === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    now: former,
    future: [history.now, ...history.future],
    group: null,
    at: 0,
  };
}

export function forth<T>(history: Past<T>): Past<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future, group: null, at: 0 };
}
