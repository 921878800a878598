/* Questions that are asked once for each page of a document: their answers, and the keys that give them. */

import { hotkeysOf } from "./hotkeys";
import type { Binding } from "./keys";
import { setObject } from "./oplog";
import { pageId, pageOf } from "./pages";
import { withLabel } from "./regions";
import type { Session } from "./session";
import type { Question } from "./types";

/** The questions with something to ask of each page. */
export function pagedQuestions(session: Session): Question[] {
  return session.template.questions.filter(({ pageChildren }) => (pageChildren ?? []).length > 0);
}

/** What is said of a page. */
export function pageLabels(
  session: Session,
  question: Question,
  page: number,
): Record<string, unknown> {
  const document = session.sheet.peek()?.document;
  return document?.object(question.questionId, pageId(page))?.labels ?? {};
}

/** Answer a page's question for the page that is looked at. */
export function answerPage(
  session: Session,
  question: Question,
  child: Question,
  change: (value: unknown) => unknown,
  group: string | null = null,
): void {
  const document = session.sheet.peek()?.document;
  if (!document || session.frozen.peek() !== null) return;
  const page = pageOf(question.field ?? "").peek();
  const id = pageId(page);
  const labels = pageLabels(session, question, page);
  const next = withLabel(labels, child.questionId, change(labels[child.questionId] ?? null));
  const part = Object.keys(next).length > 0 ? { id, type: "page", labels: next } : null;
  const prev = document.object(question.questionId, id);
  if (!prev && !part) return;
  session.commit([setObject(document, question.questionId, id, part)], group && `${group}/${id}`);
}

/** The hot keys of a question's page answers: those of options, with Alt. */
export function pageHotkeys(question: Question) {
  const found = hotkeysOf(question.pageChildren ?? []);
  return new Map(
    [...found].map(([id, keys]) => [id, keys.map((one) => ({ ...one, key: `alt+${one.key}` }))]),
  );
}

export function pageAnswerKeys(session: Session): Binding[] {
  return pagedQuestions(session).flatMap((question) => {
    const keys = pageHotkeys(question);
    return (question.pageChildren ?? []).flatMap((child) =>
      (keys.get(child.questionId) ?? []).map(
        (hotkey): Binding => ({
          keys: [hotkey.key],
          text: null,
          label: hotkey.text,
          // With votes these keys adopt one.
          when: () =>
            session.frozen.peek() === null && (session.payload.peek()?.votes ?? []).length === 0,
          run: () => answerPage(session, question, child, hotkey.apply),
        }),
      ),
    );
  });
}
