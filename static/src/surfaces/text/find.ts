/* Where a text holds other words. What is looked for is text, never a pattern. */

import type { Piece } from "./offsets";

export interface FindOptions {
  /** Capitals are other signs. */
  exact: boolean;
  /** Whole words only. */
  whole: boolean;
}

/** More are not of use to anybody, and would have to be drawn. */
export const MOST_FOUND = 20_000;

const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;

/** All places of the words, from first to last, none of which overlap; `isEdge`: whether a word begins or ends there. */
export function findAll(
  text: string,
  words: string,
  options: FindOptions,
  isEdge: (at: number) => boolean,
): Piece[] {
  if (words === "") return [];
  const pattern = new RegExp(words.replace(SPECIAL, "\\$&"), options.exact ? "gu" : "giu");
  const found: Piece[] = [];
  for (const { index, 0: hit } of text.matchAll(pattern)) {
    const end = index + hit.length;
    if (options.whole && !(isEdge(index) && isEdge(end))) continue;
    found.push({ start: index, end });
    if (found.length >= MOST_FOUND) break;
  }
  return found;
}

/** The number of the first piece at or after a place, round and round; -1 where there is none. */
export function nextOf(pieces: readonly Piece[], from: number, by: 1 | -1): number {
  if (pieces.length === 0) return -1;
  if (by > 0) {
    const at = pieces.findIndex((piece) => piece.start >= from);
    return at < 0 ? 0 : at;
  }
  const at = pieces.findLastIndex((piece) => piece.end <= from);
  return at < 0 ? pieces.length - 1 : at;
}
