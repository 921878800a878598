/* The only writer of a document: every change is an operation, and undo, autosave and audit read the same list. */

import { batch, computed, signal } from "@preact/signals";
import type { Document, Op } from "./document";

/** Operations that are done and undone together. */
export interface Txn {
  ops: Op[];
  group: string | null;
  at: number;
}

/** Told of what was carried out, in order, whether by commit, undo or redo. */
export type Listener = (ops: readonly Op[]) => void;

/** Commits of one group within this many milliseconds of each other are one step of undo (held-down arrow keys). */
const GROUP_MS = 1000;

export class OpLog {
  private readonly done = signal<readonly Txn[]>([]);
  private readonly undone = signal<readonly Txn[]>([]);
  private readonly listeners = new Set<Listener>();
  readonly canUndo = computed(() => this.done.value.length > 0);
  readonly canRedo = computed(() => this.undone.value.length > 0);

  constructor(
    readonly document: Document,
    private readonly now: () => number = Date.now,
  ) {}

  /** What was carried out and not taken back, in order. */
  get standing(): readonly Op[] {
    return this.done.value.flatMap((txn) => txn.ops);
  }

  /** The last operation that stands, and the one that redo would carry out first. */
  get last(): Op | null {
    return this.done.peek().at(-1)?.ops.at(-1) ?? null;
  }

  get next(): Op | null {
    return this.undone.peek().at(-1)?.ops[0] ?? null;
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Carry out operations as one step of undo. Operations that change nothing are dropped. */
  commit(ops: readonly Op[], group: string | null = null): void {
    const real = ops.filter((op) => op.prev !== op.next);
    if (real.length === 0) return;
    const at = this.now();
    const last = this.done.value.at(-1);
    if (group !== null && last?.group === group && at - last.at < GROUP_MS) {
      this.done.value = [...this.done.value.slice(0, -1), merged(last, real, at)];
    } else {
      this.done.value = [...this.done.value, { ops: real, group, at }];
    }
    this.undone.value = [];
    this.carryOut(real);
  }

  /** Take back the last step; what it touched, or null where there is none. */
  undo(): readonly Op[] | null {
    const txn = this.done.value.at(-1);
    if (!txn) return null;
    this.done.value = this.done.value.slice(0, -1);
    this.undone.value = [...this.undone.value, { ...txn, group: null }];
    const ops = txn.ops.map(inverse).reverse();
    this.carryOut(ops);
    return ops;
  }

  /** Do again the step that was taken back last. */
  redo(): readonly Op[] | null {
    const txn = this.undone.value.at(-1);
    if (!txn) return null;
    this.undone.value = this.undone.value.slice(0, -1);
    this.done.value = [...this.done.value, txn];
    this.carryOut(txn.ops);
    return txn.ops;
  }

  private carryOut(ops: readonly Op[]): void {
    // However many there are, whoever reads the document reads it once.
    batch(() => {
      for (const op of ops) this.document.apply(op);
      for (const listener of this.listeners) listener(ops);
    });
  }
}

/** The operation that takes this one back. */
export function inverse(op: Op): Op {
  return { ...op, prev: op.next, next: op.prev };
}

/** One step from two: an object touched in both keeps its first `prev` and its last `next`. */
function merged(txn: Txn, ops: readonly Op[], at: number): Txn {
  const name = ({ q, id }: Op) => JSON.stringify([q, id]);
  // In the order of the first of each; an object that was moved within a step has two, of which the first counts.
  const places = new Map([...txn.ops.entries()].reverse().map(([at, op]) => [name(op), at]));
  const result = [...txn.ops];
  for (const op of ops) {
    const index = places.get(name(op)) ?? result.length;
    places.set(name(op), index);
    const old = result[index];
    result[index] = old
      ? { ...(op.next === null ? op : { ...op, before: old.before }), prev: old.prev }
      : op;
  }
  return { ...txn, ops: result, at };
}

/* Makers of operations: the document's present state gives `prev` and `before`. */

/** Put the whole element of a question, or remove it. */
export function setElement(document: Document, q: string, next: unknown): Op {
  return { q, id: null, prev: document.value(q), next, before: null };
}

/** Put an object (at the end if it is new), or remove it. */
export function setObject(document: Document, q: string, id: string, next: unknown): Op {
  return { q, id, prev: document.object(q, id), next, before: document.follower(q, id) };
}

/** Put a part of an element, or remove it. */
export function setPart(document: Document, q: string, id: string, next: unknown): Op {
  return { q, id, prev: document.part(q, id), next, before: null };
}
