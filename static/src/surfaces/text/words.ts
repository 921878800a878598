/* Where words, sentences and signs of a text begin and end, by the rules of Unicode; Chinese words by dictionary.
   Looked up block by block, when it is asked for: a long text opens without it. */

import type { Block } from "./blocks";
import type { Piece } from "./offsets";

export type Unit = "character" | "word" | "sentence";

interface Cut extends Piece {
  /** It is no blank and, of words, no punctuation. */
  solid: boolean;
}

const segmenters = new Map<string, Intl.Segmenter>();

function segmenter(granularity: "grapheme" | "word" | "sentence"): Intl.Segmenter {
  const known = segmenters.get(granularity) ?? new Intl.Segmenter(undefined, { granularity });
  segmenters.set(granularity, known);
  return known;
}

const GRANULARITY = { character: "grapheme", word: "word", sentence: "sentence" } as const;

export class Words {
  private readonly known = new Map<string, readonly Cut[]>();

  constructor(
    readonly text: string,
    readonly blocks: readonly Block[],
  ) {}

  /** The number of the block in which a place lies; a place between two lies in the later one. */
  blockAt(unit: number): number {
    let low = 0;
    let high = this.blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.blocks[middle] as Block).start <= unit) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  private cuts(unit: Unit, block: number): readonly Cut[] {
    const name = `${unit}/${block}`;
    const known = this.known.get(name);
    if (known) return known;
    const { start, text } = this.blocks[block] as Block;
    const found: Cut[] = [];
    for (const { segment, index, isWordLike } of segmenter(GRANULARITY[unit]).segment(text)) {
      const at = start + index;
      if (unit === "word" || unit === "character") {
        const solid = unit === "word" ? isWordLike === true : segment.trim() !== "";
        found.push({ start: at, end: at + segment.length, solid });
      } else {
        const bare = segment.trimEnd();
        found.push({ start: at, end: at + bare.length, solid: bare !== "" });
      }
    }
    this.known.set(name, found);
    return found;
  }

  /** The cut around a place, whatever it is. */
  private cutAt(unit: Unit, at: number): Cut | null {
    if (this.blocks.length === 0) return null;
    const cuts = this.cuts(unit, this.blockAt(at));
    return cuts.findLast((cut) => cut.start <= at) ?? null;
  }

  /** The word or sentence at a place, or the one that ends there; null where there is neither. */
  at(unit: Unit, at: number): Piece | null {
    const here = this.cutAt(unit, at);
    if (here?.solid && at < here.end) return pieceOnly(here);
    const before = at > 0 ? this.cutAt(unit, at - 1) : null;
    return before?.solid && before.end === at ? pieceOnly(before) : null;
  }

  /** Whether a word begins or ends at a place. */
  isEdge(at: number): boolean {
    if (at <= 0 || at >= this.text.length) return true;
    return this.cutAt("word", at)?.start === at;
  }

  /** The end of the next one after a place (1), or the beginning of the one before it (-1). */
  step(unit: Unit, from: number, by: 1 | -1): number {
    for (
      let block = this.blockAt(by > 0 ? from : Math.max(0, from - 1));
      block >= 0 && block < this.blocks.length;
      block += by
    ) {
      const cuts = this.cuts(unit, block);
      const wanted = (cut: Cut) => cut.solid || unit === "character";
      const found =
        by > 0
          ? cuts.find((cut) => wanted(cut) && cut.end > from)
          : cuts.findLast((cut) => wanted(cut) && cut.start < from);
      if (found) return by > 0 ? found.end : found.start;
    }
    return by > 0 ? this.text.length : 0;
  }

  /** A piece widened to whole words, without blanks at its ends; null where it holds nothing else. */
  snap(piece: Piece): Piece | null {
    const bare = this.trim(piece);
    if (!bare) return null;
    const first = this.cutAt("word", bare.start);
    const last = this.cutAt("word", bare.end - 1);
    return {
      start: first?.solid ? first.start : bare.start,
      end: last?.solid ? last.end : bare.end,
    };
  }

  /** A piece without blanks at its ends, and without half a character; null where it holds nothing else. */
  trim(piece: Piece): Piece | null {
    let start = this.settle(Math.min(piece.start, piece.end));
    let end = this.settle(Math.max(piece.start, piece.end));
    const { text } = this;
    while (start < end && isBlank(text[start])) start++;
    while (end > start && isBlank(text[end - 1])) end--;
    return start < end ? { start, end } : null;
  }

  /** A place that is inside the text and not between the halves of a character. */
  settle(at: number): number {
    const place = Math.min(this.text.length, Math.max(0, at));
    return isSecondHalf(this.text, place) ? place - 1 : place;
  }
}

function pieceOnly({ start, end }: Piece): Piece {
  return { start, end };
}

function isBlank(sign: string | undefined): boolean {
  return sign !== undefined && sign.trim() === "";
}

function isSecondHalf(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false;
  const [before, here] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return here >= 0xdc00 && here <= 0xdfff && before >= 0xd800 && before <= 0xdbff;
}
