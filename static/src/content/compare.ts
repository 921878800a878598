/* What surfaces show beside the answer itself: hidden regions, and another answer to compare with. */

import { signal } from "@preact/signals";
import type { Element } from "../core/types";

export const hiddenIds = signal<ReadonlySet<string>>(new Set());
export const hiddenAll = signal(false);

/** The answer shown in dashed lines: the one that is judged, an earlier stage's, or one from the dataset. */
export const compared = signal<{ id: string; results: readonly Element[] } | null>(null);

/** Further answers laid over the picture, each in a colour of its own. */
export const overlays = signal<
  ReadonlyMap<string, { results: readonly Element[]; color: string; mark: string }>
>(new Map());

export function toggleOverlay(
  id: string,
  overlay: { results: readonly Element[]; color: string; mark: string },
): void {
  const next = new Map(overlays.peek());
  if (!next.delete(id)) next.set(id, overlay);
  overlays.value = next;
}

export function toggleHidden(id: string): void {
  const next = new Set(hiddenIds.peek());
  if (!next.delete(id)) next.add(id);
  hiddenIds.value = next;
}

export function toggleCompared(id: string, results: readonly Element[]): void {
  compared.value = compared.peek()?.id === id ? null : { id, results };
}

/** Brings a region into view; set by the view that shows regions. */
export const revealed = signal<(id: string) => void>(() => undefined);
