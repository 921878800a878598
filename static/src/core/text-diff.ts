/* What was changed in a text, word by word. */

export interface Piece {
  kind: "same" | "gone" | "new";
  text: string;
}

/** Texts that differ in more words than this are not compared word by word. */
const MOST = 400;

/** Words with the blanks after them; where words are not parted by blanks, single characters. */
function words(text: string): string[] {
  return (
    text.match(
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}_]+|\s+|./gsu,
    ) ?? []
  );
}

/** The text as it was and as it is, in pieces; null where they differ in too much. */
export function differences(before: string, after: string): Piece[] | null {
  if (before === after) return before === "" ? [] : [{ kind: "same", text: before }];
  const [a, b] = [words(before), words(after)];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (
    tail < a.length - head &&
    tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  ) {
    tail++;
  }
  const middle = shortest(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  if (middle === null) return null;
  return joined([
    { kind: "same", text: a.slice(0, head).join("") },
    ...middle,
    { kind: "same", text: a.slice(a.length - tail).join("") },
  ]);
}

/** Myers' greedy way: the fewest words taken out and put in. */
function shortest(a: readonly string[], b: readonly string[]): Piece[] | null {
  const traces: Map<number, number>[] = [];
  let reach = new Map([[1, 0]]);
  for (let edits = 0; edits <= Math.min(MOST, a.length + b.length); edits++) {
    traces.push(new Map(reach));
    for (let line = -edits; line <= edits; line += 2) {
      const down = line === -edits || (line !== edits && at(reach, line - 1) < at(reach, line + 1));
      let x = down ? at(reach, line + 1) : at(reach, line - 1) + 1;
      while (x < a.length && x - line < b.length && a[x] === b[x - line]) x++;
      reach.set(line, x);
      if (x >= a.length && x - line >= b.length) return backwards(traces, a, b);
    }
    reach = new Map(reach);
  }
  return null;
}

function at(reach: ReadonlyMap<number, number>, line: number): number {
  return reach.get(line) ?? -1;
}

function backwards(
  traces: readonly ReadonlyMap<number, number>[],
  a: readonly string[],
  b: readonly string[],
): Piece[] {
  const pieces: Piece[] = [];
  let [x, y] = [a.length, b.length];
  for (let edits = traces.length - 1; edits >= 0; edits--) {
    const reach = traces[edits] as ReadonlyMap<number, number>;
    const line = x - y;
    const down = line === -edits || (line !== edits && at(reach, line - 1) < at(reach, line + 1));
    const before = down ? line + 1 : line - 1;
    const [fromX, fromY] = [at(reach, before), at(reach, before) - before];
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      pieces.push({ kind: "same", text: a[--x] as string });
      y--;
    }
    if (edits === 0) break;
    if (down) pieces.push({ kind: "new", text: b[--y] as string });
    else pieces.push({ kind: "gone", text: a[--x] as string });
  }
  return pieces.reverse();
}

/** What was taken out stands before what was put in, and neighbours of one kind are one piece. */
function joined(pieces: readonly Piece[]): Piece[] {
  const found: Piece[] = [];
  let gone = "";
  let fresh = "";
  const close = () => {
    if (gone) found.push({ kind: "gone", text: gone });
    if (fresh) found.push({ kind: "new", text: fresh });
    gone = "";
    fresh = "";
  };
  for (const { kind, text } of pieces) {
    if (kind === "gone") gone += text;
    else if (kind === "new") fresh += text;
    else if (text !== "") {
      close();
      const last = found.at(-1);
      if (last?.kind === "same") last.text += text;
      else found.push({ kind, text });
    }
  }
  close();
  return found;
}
