/* Which questions the open item asks at this moment. */

import { computed, type ReadonlySignal } from "@preact/signals";
import { hiddenIn } from "./conditions";
import { type RegionQuestion, regionQuestions } from "./regions";
import type { Session } from "./session";
import type { View } from "./types";

const NONE: ReadonlySet<string> = new Set();

const kept = new WeakMap<Session, ReadonlySignal<ReadonlySet<string>>>();

/** The questions that the open item hides; the same set until it hides others. */
export function hiddenNow(session: Session): ReadonlySignal<ReadonlySet<string>> {
  let found = kept.get(session);
  if (!found) {
    let last = NONE;
    found = computed(() => {
      const { questions } = session.template;
      if (questions.every(({ showIf }) => showIf === undefined)) return NONE;
      const document = session.sheet.value?.document;
      if (!document) return last;
      void document.changed.value;
      const now = hiddenIn(document, questions);
      if (now.size !== last.size || [...now].some((id) => !last.has(id))) last = now;
      return last;
    });
    kept.set(session, found);
  }
  return found;
}

/** The questions answered by regions that are asked now, of one view or of all. */
export function askedRegions(session: Session, view?: View): RegionQuestion[] {
  const hidden = hiddenNow(session).value;
  return regionQuestions(session.template.questions, view).filter(
    ({ question }) => !hidden.has(question.questionId),
  );
}
