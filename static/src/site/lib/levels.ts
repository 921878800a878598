/* Labels below labels, as rows with a depth: what a form shows of a tree. */

/** The server's MAX_DEPTH. */
export const MOST_LEVELS = 5;

export interface Level {
  depth: number;
}

/** Depths of which none is more than one below the row before. */
export function level<R extends Level>(rows: readonly R[]): void {
  let before = -1;
  for (const row of rows) {
    row.depth = Math.max(0, Math.min(row.depth, before + 1, MOST_LEVELS - 1));
    before = row.depth;
  }
}

/** How many rows from this one on belong together: it and all below it. */
export function branchLength(rows: readonly Level[], at: number): number {
  const depth = rows[at]?.depth ?? 0;
  const end = rows.findIndex((row, index) => index > at && row.depth <= depth);
  return (end < 0 ? rows.length : end) - at;
}

/** Whether a row, with all below it, can go one level down (1) or up (-1). */
export function canShift(rows: readonly Level[], at: number, by: 1 | -1): boolean {
  const row = rows[at];
  const before = rows[at - 1];
  if (!row) return false;
  if (by < 0) return row.depth > 0;
  const branch = rows.slice(at, at + branchLength(rows, at));
  const deepest = Math.max(...branch.map((one) => one.depth));
  return before !== undefined && row.depth <= before.depth && deepest + 1 < MOST_LEVELS;
}

/** How deep a pasted line stands: a tab or two blanks a level. */
export function depthOf(line: string): number {
  const blanks = /^[\t ]*/.exec(line)?.[0] ?? "";
  const tabs = blanks.split("\t").length - 1;
  return tabs + Math.floor((blanks.length - tabs) / 2);
}

/** The rows as a tree; `make` builds an option with what is below it. */
export function nested<R extends Level, T>(
  rows: readonly R[],
  make: (row: R, children: T[]) => T,
): T[] {
  const found: T[] = [];
  for (let at = 0; at < rows.length; ) {
    const length = branchLength(rows, at);
    found.push(make(rows[at] as R, nested(rows.slice(at + 1, at + length), make)));
    at += length;
  }
  return found;
}
