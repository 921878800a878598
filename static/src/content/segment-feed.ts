/* Keeps the segments of a timeline in step with a document. Several questions lie below each other: each has lanes of
   its own, one for each of its tracks. */

import { effect } from "@preact/signals";
import { colorOf } from "../core/colors";
import { type Document, objectsOf } from "../core/document";
import type { OpLog } from "../core/oplog";
import { describe, type RegionQuestion } from "../core/regions";
import { settings } from "../core/settings";
import type { Element, Obj } from "../core/types";
import type { Segment } from "../surfaces/timeline/types";
import { lockedIds } from "./compare";

/** Where a question's tracks lie among all lanes. */
export interface Lanes {
  question: RegionQuestion;
  first: number;
  names: readonly string[];
}

/** The lanes of these questions; one without a name of its own is called after its question where there are several. */
export function lanesOf(questions: readonly RegionQuestion[]): Lanes[] {
  let first = 0;
  return questions.map((question) => {
    const tracks = question.question.tracks ?? [];
    const alone = questions.length > 1 ? question.question.markTitle : "";
    const names = tracks.length > 0 ? tracks : [alone];
    const lanes = { question, first, names };
    first += names.length;
    return lanes;
  });
}

/** The question of a lane, and the track that it is of it. */
export function laneAt(
  lanes: readonly Lanes[],
  at: number,
): { question: RegionQuestion; track: number } | null {
  const found = lanes.find(({ first, names }) => at >= first && at < first + names.length);
  return found ? { question: found.question, track: at - found.first } : null;
}

export function segmentOf({ question, first, names }: Lanes, object: Obj): Segment | null {
  const range = question.spec.line?.range(object);
  if (!range) return null;
  const said = describe(question.question, { ...object, labels: object.labels ?? {} });
  return {
    id: object.id,
    start: range.start,
    end: range.end,
    track: first + Math.min(names.length - 1, range.track ?? 0),
    color: settings.colorBy.peek() === "region" ? colorOf(object.id) : said.color,
    text: said.text,
    note: said.typed,
    ...(lockedIds.peek().has(object.id) ? { locked: true } : {}),
  };
}

function segmentsOf(lanes: readonly Lanes[], document: Document): Segment[] {
  return lanes.flatMap((one) => {
    const { ids, byId } = document.objects(one.question.question.questionId);
    return ids.flatMap((id) => segmentOf(one, byId.get(id) as Obj) ?? []);
  });
}

/** The segments of results that are not the document's: another stage's, an earlier round's, a vote. */
export function segmentsOfResults(results: readonly Element[], lanes: readonly Lanes[]): Segment[] {
  return lanes.flatMap((one) => {
    const { question } = one.question;
    const element = results.find(({ questionId }) => questionId === question.questionId);
    return objectsOf(question, element).flatMap((object) => segmentOf(one, object) ?? []);
  });
}

export interface SegmentTarget {
  load(segments: readonly Segment[]): void;
  put(segments: readonly Segment[], gone?: readonly string[]): void;
}

/** Load the segments now and follow every operation until the result is called. */
export function feedSegments(
  target: SegmentTarget,
  log: OpLog,
  lanes: readonly Lanes[],
): () => void {
  const loadAll = () => target.load(segmentsOf(lanes, log.document));
  const unsubscribe = log.subscribe((ops) => {
    const own = ops.flatMap((op) => {
      const lane = lanes.find(({ question }) => question.question.questionId === op.q);
      return lane ? [{ op, lane }] : [];
    });
    if (own.some(({ op }) => op.id === null)) {
      loadAll();
      return;
    }
    const there = own.flatMap(({ op, lane }) =>
      op.next === null ? [] : (segmentOf(lane, op.next as Obj) ?? []),
    );
    const gone = own.flatMap(({ op }) => (op.next === null ? (op.id as string) : []));
    if (own.length > 0) target.put(there, gone);
  });
  const stop = effect(() => {
    void [lockedIds.value, settings.colorBy.value];
    loadAll();
  });
  return () => {
    unsubscribe();
    stop();
  };
}
