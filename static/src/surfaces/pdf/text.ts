/* The text of a page: where its words are, and which of them lie in an outline. Points of the upright page. */

import type { Point } from "../../core/types";
import { type Box, boxOf, contains } from "../canvas/geometry";

/** A run of text on one line: it begins at `at`, goes along `along` (of length 1) for `width`, and is `height` high. */
export interface Run {
  text: string;
  at: Point;
  along: Point;
  width: number;
  height: number;
}

interface Glyph {
  text: string;
  middle: Point;
  start: Point;
  end: Point;
}

interface Piece {
  text: string;
  start: Point;
  end: Point;
  along: Point;
  height: number;
}

/** How far above the base line the middle of a letter is, as a share of its height. */
const MIDDLE = 0.35;
/** A gap of this share of the height is a blank. */
const BLANK = 0.2;
/** Runs whose base lines are apart by less than this share of their height are one line. */
const SAME_LINE = 0.5;

const CJK = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]/;
const NARROW = /[ !'(),.:;I[\]fijlrt|]/;
const WIDE = /[%&@GMOQWmw\u2014]/;

/** How wide a sign is beside others of its font, roughly. */
function weight(sign: string): number {
  if (CJK.test(sign)) return 2;
  if (NARROW.test(sign)) return 0.6;
  return WIDE.test(sign) ? 1.5 : 1;
}

function glyphs(run: Run): Glyph[] {
  const signs = [...run.text];
  const weights = signs.map(weight);
  const total = weights.reduce((sum, one) => sum + one, 0) || 1;
  const [ux, uy] = run.along;
  // Up from the base line: a quarter turn against the clock from the way of the text.
  const rise = run.height * MIDDLE;
  let done = 0;
  return signs.map((text, at) => {
    const from = (done / total) * run.width;
    done += weights[at] ?? 0;
    const to = (done / total) * run.width;
    const half = (from + to) / 2;
    const point = (way: number, up: number): Point => [
      run.at[0] + ux * way + uy * up,
      run.at[1] + uy * way - ux * up,
    ];
    return { text, middle: point(half, rise), start: point(from, 0), end: point(to, 0) };
  });
}

/** The parts of the runs whose signs have their middle inside the outline, each without its blanks at the ends. */
function inside(runs: readonly Run[], outline: readonly Point[]): Piece[] {
  const box = boxOf(outline);
  return runs.flatMap((run) => {
    if (!near(run, box)) return [];
    const pieces: Piece[] = [];
    let open: Glyph[] = [];
    const close = () => {
      while (open.at(-1)?.text.trim() === "") open.pop();
      while (open[0]?.text.trim() === "") open.shift();
      const first = open[0];
      const last = open.at(-1);
      if (first && last) {
        const text = open.map((one) => one.text).join("");
        const { along, height } = run;
        pieces.push({ text, start: first.start, end: last.end, along, height });
      }
      open = [];
    };
    for (const glyph of glyphs(run)) {
      if (contains(outline, glyph.middle)) open.push(glyph);
      else close();
    }
    close();
    return pieces;
  });
}

function near(run: Run, box: Box): boolean {
  const [x, y] = run.at;
  const reach = run.width + run.height;
  return (
    x + reach >= box.minX && x - reach <= box.maxX && y + reach >= box.minY && y - reach <= box.maxY
  );
}

/** The text beneath an outline, line by line as it is read; the ends of lines are new lines. */
export function textBeneath(runs: readonly Run[], outline: readonly Point[]): string {
  const pieces = inside(runs, outline);
  const lines: Piece[][] = [];
  // Down the page by the base lines, as the first piece's text goes.
  const [ux, uy] = pieces[0]?.along ?? [1, 0];
  const down = ({ start: [x, y] }: Piece) => y * ux - x * uy;
  const across = ({ start: [x, y] }: Piece) => x * ux + y * uy;
  for (const piece of [...pieces].sort((a, b) => down(a) - down(b))) {
    const line = lines.at(-1);
    const last = line?.at(-1);
    if (line && last && Math.abs(down(piece) - down(last)) < SAME_LINE * last.height)
      line.push(piece);
    else lines.push([piece]);
  }
  return lines
    .map((line) => joined(line.sort((a, b) => across(a) - across(b))))
    .join("\n")
    .replace(/(?![\n\t])\p{Cc}/gu, "");
}

/** Pieces of one line; between two that do not touch there is a blank. */
function joined(line: readonly Piece[]): string {
  let text = "";
  let before: Piece | null = null;
  for (const piece of line) {
    if (before) {
      const gap = Math.hypot(piece.start[0] - before.end[0], piece.start[1] - before.end[1]);
      const tight = CJK.test(before.text.slice(-1)) && CJK.test(piece.text[0] ?? "");
      if (gap > (tight ? 1 : BLANK) * piece.height) text += " ";
    }
    text += piece.text;
    before = piece;
  }
  return text;
}
