/* What surfaces show beside the answer itself: hidden and locked regions, and another answer to compare with. */

import { batch, signal } from "@preact/signals";
import type { Element } from "../core/types";

export const hiddenIds = signal<ReadonlySet<string>>(new Set());
export const hiddenAll = signal(false);
/** Shown, but neither met by the pointer nor changed. */
export const lockedIds = signal<ReadonlySet<string>>(new Set());

const NONE: ReadonlySet<string> = new Set();
const kept = new Map<number, { hidden: ReadonlySet<string>; locked: ReadonlySet<string> }>();
let shown: number | null = null;

/** Hide and lock what was hidden and locked of this item when it was open last. */
export function followView(position: number): void {
  if (shown !== null) {
    const now = { hidden: hiddenIds.peek(), locked: lockedIds.peek() };
    if (now.hidden.size + now.locked.size > 0) kept.set(shown, now);
    else kept.delete(shown);
  }
  shown = position;
  const then = kept.get(position);
  batch(() => {
    hiddenAll.value = false;
    hiddenIds.value = then?.hidden ?? NONE;
    lockedIds.value = then?.locked ?? NONE;
  });
}

/** The answer shown in dashed lines: the one that is judged, an earlier stage's, or one from the dataset. */
export const compared = signal<{ id: string; results: readonly Element[] } | null>(null);

export interface Laid {
  results: readonly Element[];
  color: string;
  /** Stands before each region's label. */
  mark: string;
  /** Where that stands: so many lines above the label, below zero under the region. */
  line?: number;
}

/** Further answers laid over the picture, each in a colour of its own. */
export const overlays = signal<ReadonlyMap<string, Laid>>(new Map());

export function toggleOverlay(id: string, overlay: Laid): void {
  const next = new Map(overlays.peek());
  if (!next.delete(id)) next.set(id, overlay);
  overlays.value = next;
}

export function toggleHidden(id: string): void {
  hiddenIds.value = toggled(hiddenIds.peek(), [id]);
}

/** The set with these, or without them if it has them all. */
export function toggled(set: ReadonlySet<string>, ids: readonly string[]): ReadonlySet<string> {
  const next = new Set(set);
  const all = ids.every((id) => set.has(id));
  for (const id of ids) {
    if (all) next.delete(id);
    else next.add(id);
  }
  return next;
}

export function toggleCompared(id: string, results: readonly Element[]): void {
  compared.value = compared.peek()?.id === id ? null : { id, results };
}

/** What brings regions into view, one for each view that shows any; each passes over what is not its own. */
const revealers = new Set<(id: string) => void>();

/** The view can bring its regions into view; call the result when it goes. */
export function offerReveal(reveal: (id: string) => void): () => void {
  revealers.add(reveal);
  return () => revealers.delete(reveal);
}

/** Bring a region into view. */
export function reveal(id: string): void {
  for (const one of revealers) one(id);
}
