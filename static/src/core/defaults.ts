/* Answers that questions begin with: of an item that nobody has answered yet, and of new regions.

   They are committed like every other change, as one step, so that they can be taken back. */

import { effect, untracked } from "@preact/signals";
import type { Document, Op } from "./document";
import { setElement } from "./oplog";
import { beginWith } from "./regions";
import { elementOf, topic } from "./registry";
import type { Session } from "./session";
import type { ItemPayload, Question } from "./types";

/** What a question of the whole item begins with, or null. */
function beginning(question: Question, data: ItemPayload["data"]): unknown {
  const spec = topic(question.type)?.value;
  if (!spec) return null;
  return question.default ?? spec.begins?.(question, data) ?? null;
}

/** The operations that give every question its default. */
export function defaultOps(
  document: Document,
  questions: readonly Question[],
  data: ItemPayload["data"],
): Op[] {
  return questions.flatMap((question) => {
    const spec = topic(question.type)?.value;
    const value = beginning(question, data);
    if (!spec || value === null || document.value(question.questionId) !== null) return [];
    const element = elementOf(question, spec, value);
    return element ? [setElement(document, question.questionId, element)] : [];
  });
}

/** Whether nothing has ever been answered to the item, here or elsewhere. */
export function isUntouched(session: Session): boolean {
  const sheet = session.sheet.peek();
  if (!sheet || session.mode !== "labeling" || session.frozen.peek() !== null) return false;
  const { version, results, position } = sheet.payload.peek();
  return (
    version === 0 &&
    (results === null || results.length === 0) &&
    sheet.log.last === null &&
    sheet.log.next === null &&
    sheet.document.toResults().length === 0 &&
    !session.outbox.has(position)
  );
}

/** From now on the defaults are the first step of every item that is opened and untouched. */
export function followDefaults(session: Session): () => void {
  const stops = [
    effect(() => beginWith(session.template.questions)),
    effect(() => {
      void [session.sheet.value, session.frozen.value];
      untracked(() => {
        const sheet = session.sheet.peek();
        if (!sheet || !isUntouched(session)) return;
        const { data } = sheet.payload.peek();
        session.commit(defaultOps(sheet.document, session.template.questions, data));
      });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
