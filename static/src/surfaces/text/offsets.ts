/* Answers count the characters of a text, the page counts UTF-16 units: one more for each character outside the
   basic plane. Nothing is normalised, and a carriage return counts. */

export class Offsets {
  /** Where the characters of two units begin, in units. */
  private readonly pairs: number[] = [];

  constructor(text: string) {
    // Most texts have none, which one pass of the engine tells.
    if (!/[\ud800-\udbff][\udc00-\udfff]/.test(text)) return;
    for (const { index } of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g))
      this.pairs.push(index);
  }

  /** How many characters begin before this unit. */
  toCharacter(unit: number): number {
    return unit - this.before((at) => (this.pairs[at] as number) < unit);
  }

  /** The unit at which the character of this number begins. */
  toUnit(character: number): number {
    return character + this.before((at) => (this.pairs[at] as number) - at < character);
  }

  /** How many pairs are before a place, by a test that holds for the first of them only. */
  private before(isBefore: (at: number) => boolean): number {
    let low = 0;
    let high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A piece of a text in UTF-16 units, without its end. */
export interface Piece {
  start: number;
  end: number;
}

/** The piece of a range of characters, of which the last is included. */
export function pieceOf(offsets: Offsets, range: { start: number; end: number }): Piece {
  return { start: offsets.toUnit(range.start), end: offsets.toUnit(range.end + 1) };
}

/** The range of characters of a piece, and its words; null where it has none. */
export function rangeOf(
  text: string,
  offsets: Offsets,
  piece: Piece,
): { start: number; end: number; text: string } | null {
  const start = offsets.toCharacter(piece.start);
  const end = offsets.toCharacter(piece.end) - 1;
  if (end < start) return null;
  const whole = pieceOf(offsets, { start, end });
  return { start, end, text: text.slice(whole.start, whole.end) };
}
