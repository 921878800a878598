/* Keeps the shapes of a surface in step with a document: their places, words, order and locks. */

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Op } from "../core/document";
import type { OpLog } from "../core/oplog";
import { type RegionQuestion, reads, type Shown, shapeOf, shapesOf } from "../core/regions";
import { settings } from "../core/settings";
import type { Obj } from "../core/types";
import type { Shape } from "../surfaces/canvas/shapes";
import { lockedIds } from "./compare";

export interface ShapeTarget {
  load(shapes: readonly Shape[]): void;
  put(shape: Shape): void;
  remove(id: string): void;
}

const NONE: ReadonlySignal<ReadonlySet<string>> = signal(new Set());

/** Load the shapes now and follow every operation until the result is called. `hidden`: questions not asked now. */
export function feedShapes(
  target: ShapeTarget,
  log: OpLog,
  all: readonly RegionQuestion[],
  shown: Shown = () => true,
  hidden: ReadonlySignal<ReadonlySet<string>> = NONE,
): () => void {
  const { document } = log;
  const asked = () => all.filter((one) => !hidden.peek().has(one.question.questionId));
  let questions = asked();
  const find = (q: string | null) => questions.find((one) => one.question.questionId === q);
  const put = (question: RegionQuestion, object: Obj) => {
    const { plane } = question.spec;
    if (!plane || !shown(object)) {
      target.remove(object.id);
      return;
    }
    const { questionId } = question.question;
    const rank = reads(question.question)
      ? document.objects(questionId).ids.indexOf(object.id) + 1
      : null;
    target.put(shapeOf(question, plane, object, rank));
  };
  const loadAll = () => target.load(shapesOf(document, questions, shown));
  loadAll();
  const unsubscribe = log.subscribe((ops) => {
    if (ops.some((op) => find(op.q) && changesOrder(op, find(op.q)))) {
      loadAll();
      return;
    }
    for (const op of ops) {
      const question = find(op.q);
      if (!question || op.id === null) continue;
      if (op.next === null) target.remove(op.id);
      else put(question, op.next as Obj);
    }
  });
  let locked = lockedIds.peek();
  const stop = effect(() => {
    const now = lockedIds.value;
    for (const id of new Set([...locked, ...now])) {
      if (locked.has(id) === now.has(id)) continue;
      const question = find(document.ownerOf(id));
      const object = question && document.object(question.question.questionId, id);
      if (question && object) put(question, object);
    }
    locked = now;
  });
  let colors = settings.colorBy.peek();
  const recolor = effect(() => {
    if (settings.colorBy.value === colors) return;
    colors = settings.colorBy.value;
    loadAll();
  });
  let without = hidden.peek();
  const ask = effect(() => {
    if (hidden.value === without) return;
    without = hidden.value;
    questions = asked();
    loadAll();
  });
  return () => {
    unsubscribe();
    ask();
    stop();
    recolor();
  };
}

/** Whether others stand elsewhere after it: under or over another one, or under another number. */
function changesOrder(op: Op, question: RegionQuestion | undefined): boolean {
  if (op.id === null) return true;
  if (op.prev === null) return op.before !== null;
  return op.next === null && question !== undefined && reads(question.question);
}
