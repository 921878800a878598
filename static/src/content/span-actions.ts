/* What people do with spans of a text, from mouse, keys or the search. Each is one step of undo. */

import { uuid } from "../core/ids";
import { changeOnLine } from "../core/line-edits";
import { setObject } from "../core/oplog";
import { drawingQuestion } from "../core/region-actions";
import { describe, labelsFor, type RegionQuestion } from "../core/regions";
import type { Session } from "../core/session";
import type { Obj, View } from "../core/types";
import { type Offsets, type Piece, pieceOf, rangeOf } from "../surfaces/text/offsets";
import type { Span } from "../surfaces/text/spans";
import { lockedIds } from "./compare";

/** A text that is shown, with what its answers count it by. */
export interface Shown {
  text: string;
  offsets: Offsets;
}

/** So much of what was typed of a span stands under it; the list has all of it. */
const PLATE = 24;

/** The object as a span to draw; null where it is none, or lies outside of the text. */
export function spanOf(
  { question, spec }: RegionQuestion,
  object: Obj,
  { text, offsets }: Shown,
): Span | null {
  const range = spec.line?.range(object);
  if (!range) return null;
  const piece = pieceOf(offsets, range);
  if (piece.end <= piece.start || piece.end > text.length) return null;
  const said = describe(question, object);
  const signs = [...said.typed];
  const typed = signs.length > PLATE ? `${signs.slice(0, PLATE - 1).join("")}…` : said.typed;
  const label = [said.text, typed].filter(Boolean).join(" · ");
  return { id: object.id, ...piece, color: said.color, label };
}

/** Make spans of pieces with these labels, by default those used last; they are chosen then. */
export function makeSpans(
  session: Session,
  view: View,
  shown: Shown,
  pieces: readonly Piece[],
  options: {
    labels?: Record<string, unknown>;
    target?: RegionQuestion;
    group?: string;
    choose?: boolean;
  } = {},
): string[] {
  const target = options.target ?? drawingQuestion(session, view);
  const document = session.sheet.peek()?.document;
  const line = target?.spec.line;
  if (!line || !document || session.frozen.peek() !== null) return [];
  const { question } = target;
  const labels = options.labels ?? labelsFor(question.questionId);
  const made = pieces.flatMap((piece) => {
    const range = rangeOf(shown.text, shown.offsets, piece);
    return range ? [line.create(uuid(), range, { ...labels }, question)] : [];
  });
  const ids = made.map(({ id }) => id);
  const ops = made.map((object) => setObject(document, question.questionId, object.id, object));
  session.commit(ops, options.group ?? null);
  if (options.choose !== false && ids.length > 0) session.selected.many(ids, ids[0]);
  return ids;
}

/** Put a span elsewhere in its text; what is locked stays. */
export function changeSpan(
  session: Session,
  { text, offsets }: Shown,
  id: string,
  piece: Piece,
  group: string | null = null,
): void {
  const range = rangeOf(text, offsets, piece);
  if (range && !lockedIds.peek().has(id)) changeOnLine(session, [{ ...range, id }], group);
}

/** The pieces on which no span of the question lies already. */
export function unmarked(
  session: Session,
  target: RegionQuestion | null,
  { offsets }: Shown,
  pieces: readonly Piece[],
): Piece[] {
  const document = session.sheet.peek()?.document;
  const line = target?.spec.line;
  if (!line || !document) return [];
  const taken = new Set<string>();
  for (const object of document.objects(target.question.questionId).byId.values()) {
    const range = line.range(object);
    if (!range) continue;
    const { start, end } = pieceOf(offsets, range);
    taken.add(`${start}/${end}`);
  }
  return pieces.filter(({ start, end }) => !taken.has(`${start}/${end}`));
}
