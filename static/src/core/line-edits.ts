/* Regions on a line: spans of a text, segments of a recording. Each change is one step of undo. */

import { clamp, microseconds } from "../surfaces/timeline/view";
import { changeable } from "./chosen";
import type { Op } from "./document";
import { uuid } from "./ids";
import { setObject } from "./oplog";
import { findRegion, type Region } from "./region-actions";
import { labelsFor, type RegionQuestion } from "./regions";
import { type Range, topic } from "./registry";
import type { Session } from "./session";

export interface LineEdit extends Range {
  id: string;
}

/** Add regions with the labels used last, and choose them; the last one's id, or null where nothing may be changed. */
export function createOnLine(
  session: Session,
  target: RegionQuestion,
  ranges: readonly Range[],
): string | null {
  const document = session.sheet.peek()?.document;
  const { line } = target.spec;
  if (!line || !document || session.frozen.peek() !== null || ranges.length === 0) return null;
  const { questionId } = target.question;
  const made = ranges.map((range) =>
    line.create(uuid(), range, labelsFor(questionId), target.question),
  );
  session.commit(made.map((object) => setObject(document, questionId, object.id, object)));
  session.selected.many(made.map(({ id }) => id));
  return made.at(-1)?.id ?? null;
}

/** Put regions elsewhere on their line; those that stay where they are are not touched. */
export function changeOnLine(
  session: Session,
  edits: readonly LineEdit[],
  group: string | null = null,
): void {
  const document = session.sheet.peek()?.document;
  if (!document) return;
  const ops: Op[] = [];
  for (const { id, ...range } of edits) {
    const region = findRegion(session, id);
    const line = region?.question.spec.line;
    if (!region || !line) continue;
    const { question, object } = region;
    const now = line.range(object);
    const same =
      now?.start === range.start &&
      now.end === range.end &&
      (now.track ?? 0) === (range.track ?? now.track ?? 0);
    if (!now || same) continue;
    const track = range.track ?? now.track;
    const next = line.withRange(
      object,
      { ...range, ...(track === undefined ? {} : { track }) },
      question.question,
    );
    ops.push(setObject(document, question.question.questionId, id, next));
  }
  session.commit(ops, group);
}

/** The nearest moment that a segment may begin or end at, by the field that is shown: of a film those of its frames. */
export const moments = new Map<string, (time: number) => number>();

/** Put the chosen region on these seconds, as far as the recording goes. */
export function placeInTime(session: Session, range: Range): void {
  const region = changeable(session)[0];
  const document = session.sheet.peek()?.document;
  if (!region || !document || region.question.spec.line?.unit !== "second") return;
  const { questionId, field } = region.question.question;
  const { duration } = document.objects(questionId).shell;
  const longest = typeof duration === "number" && duration > 0 ? duration : Number.MAX_VALUE;
  const near = moments.get(field ?? "") ?? microseconds;
  const [a, b] = [near(range.start), near(range.end)];
  const [start, end] = [clamp(Math.min(a, b), 0, longest), clamp(Math.max(a, b), 0, longest)];
  changeOnLine(session, [{ ...range, id: region.object.id, start, end }]);
}

/** Cut a region in two: both have its labels, what was typed of it stays with the first one. */
export function splitOnLine(session: Session, { question, object }: Region, at: number): void {
  const document = session.sheet.peek()?.document;
  const { line } = question.spec;
  const range = line?.range(object);
  if (!document || !line || !range || session.frozen.peek() !== null) return;
  const { questionId, children = [] } = question.question;
  const typed = new Set(
    children.filter((one) => topic(one.type)?.value?.typed).map((one) => one.questionId),
  );
  const labels = Object.fromEntries(
    Object.entries(object.labels).filter(([child]) => !typed.has(child)),
  );
  const first = line.withRange(object, { ...range, end: at }, question.question);
  const id = uuid();
  const second = line.create(id, { ...range, start: at }, labels, question.question);
  const before = document.follower(questionId, object.id);
  session.commit([
    setObject(document, questionId, object.id, first),
    { ...setObject(document, questionId, id, second), before },
  ]);
  session.selected.value = id;
}
