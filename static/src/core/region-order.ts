/* The order of regions: later ones lie on top, and what is read is read in this order. */

import { type Document, type Op, rearranged } from "./document";
import { setElement } from "./oplog";

/** Above this many moved objects the whole answer is written instead. */
const MANY = 500;

/**
 * Operations that bring a question's objects into another order, moving as few of them as can be; or `movers`, the
 * others of which stay among themselves as they are.
 */
export function reorderOps(
  document: Document,
  q: string,
  order: readonly string[],
  movers: ReadonlySet<string> | null = null,
): Op[] {
  const { ids, byId } = document.objects(q);
  if (ids.every((id, at) => order[at] === id)) return [];
  const place = new Map(ids.map((id, at) => [id, at]));
  const still = new Set(
    movers
      ? order.filter((id) => !movers.has(id))
      : rising(order.map((id) => place.get(id) ?? 0)).map((at) => order[at]),
  );
  const moved = ids.filter((id) => !still.has(id));
  if (moved.length > MANY) {
    return [setElement(document, q, rearranged(document.objects(q), order))];
  }
  const removed: Op[] = moved.map((id) => ({
    q,
    id,
    prev: byId.get(id),
    next: null,
    before: document.follower(q, id),
  }));
  const placed: Op[] = [];
  let before: string | null = null;
  let run: string[] = [];
  const settle = () => {
    for (const id of run) placed.push({ q, id, prev: null, next: byId.get(id), before });
    run = [];
  };
  // From the end: what stands still tells those ahead of it where they go.
  for (let at = order.length - 1; at >= 0; at--) {
    const id = order[at] as string;
    if (still.has(id)) {
      settle();
      before = id;
    } else run.unshift(id);
  }
  settle();
  return [...removed, ...placed];
}

/** Places of a longest rising run of different numbers: what need not move. */
export function rising(numbers: readonly number[]): number[] {
  const tails: number[] = [];
  const former: number[] = [];
  for (const [at, number] of numbers.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[tails[middle] as number] as number) < number) low = middle + 1;
      else high = middle;
    }
    former[at] = low > 0 ? (tails[low - 1] as number) : -1;
    tails[low] = at;
  }
  const found: number[] = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = former[at] as number) found.push(at);
  return found.reverse();
}

export type Move = "later" | "earlier" | "last" | "first";

/** The order after the chosen ones moved: one place on, as far as there is room, or to an end. */
export function moved(order: readonly string[], chosen: ReadonlySet<string>, move: Move): string[] {
  if (move === "first" || move === "last") {
    const these = order.filter((id) => chosen.has(id));
    const others = order.filter((id) => !chosen.has(id));
    return move === "first" ? [...these, ...others] : [...others, ...these];
  }
  const next = move === "later" ? [...order].reverse() : [...order];
  for (let at = 1; at < next.length; at++) {
    const id = next[at] as string;
    const ahead = next[at - 1] as string;
    if (chosen.has(id) && !chosen.has(ahead)) {
      next[at - 1] = id;
      next[at] = ahead;
    }
  }
  return move === "later" ? next.reverse() : next;
}

/** The order with these put before another one (null: at the end), in the order they have. */
export function placedBefore(
  order: readonly string[],
  chosen: ReadonlySet<string>,
  before: string | null,
): string[] {
  // What is dropped on one of the chosen goes before the next one that stays.
  let target = before;
  if (target !== null && chosen.has(target)) {
    const from = order.indexOf(target);
    target = order.slice(from).find((id) => !chosen.has(id)) ?? null;
  }
  const these = order.filter((id) => chosen.has(id));
  const others = order.filter((id) => !chosen.has(id));
  const at = target === null ? others.length : others.indexOf(target);
  return [...others.slice(0, at), ...these, ...others.slice(at)];
}
