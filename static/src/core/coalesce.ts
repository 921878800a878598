/* What waits for the server, made as short as it can be without another result. */

import type { WireOp } from "./types";

export interface QueuedOp extends WireOp {
  /** Whether the object did not exist when the entry began: made and deleted again, it need not be sent. */
  fresh: boolean;
}

const GONE = "\u0000gone";

/** One operation per object: the last value, at the place of the first; what was made and deleted again is left out. */
export function coalesce(ops: readonly QueuedOp[]): QueuedOp[] {
  const last = new Map<string, QueuedOp>();
  for (const op of ops) {
    const key = `${op.questionId}\u0000${op.id ?? ""}`;
    if (op.id === null) {
      // What came before is in the whole element, or is not any more; what follows stands on it.
      for (const old of [...last.keys()]) {
        if (old.startsWith(`${op.questionId}\u0000`)) last.delete(old);
      }
      last.set(key, op);
      continue;
    }
    const old = last.get(key);
    if (!old) {
      last.set(key, op);
    } else if (old.value === null && op.value !== null) {
      // Deleted and put back: its place in the order counts, which is after what came between.
      last.delete(key);
      // The server leaves an object it knows where it stands, unless told before which one, or that it was gone.
      if (op.before == null && !old.fresh) last.set(`${key}${GONE}`, old);
      last.set(key, { ...op, fresh: old.fresh });
    } else {
      const { before: _, ...rest } = op;
      const before = op.before ?? old.before;
      last.set(key, {
        ...rest,
        ...(before == null ? {} : { before }),
        fresh: old.fresh,
      });
    }
  }
  const unsaid = new Map<string, QueuedOp>();
  for (const op of last.values()) {
    if (op.fresh && op.value === null && op.id !== null) unsaid.set(op.id, op);
  }
  return [...last.values()]
    .filter((op) => op.id === null || !unsaid.has(op.id))
    .map((op) => told(op, unsaid));
}

/** The operation for a server that hears nothing of some objects: before the one that such an object stood before. */
function told(op: QueuedOp, unsaid: ReadonlyMap<string, QueuedOp>): QueuedOp {
  let { before, ...rest } = op;
  if (op.value === null) return rest;
  if (before == null || !unsaid.has(before)) return op;
  const seen = new Set<string>();
  while (before != null && unsaid.has(before) && !seen.has(before)) {
    seen.add(before);
    before = unsaid.get(before)?.before;
  }
  return before == null ? rest : { ...rest, before };
}
