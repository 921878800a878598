/* Which questions are asked: one with a condition, only while another one's answer meets it (`showIf`).

   What was answered to a question that is hidden now stays in the draft; it misses nothing and is not handed in. The
   server decides the same way: templates_app/conditions.py. */

import type { Document } from "./document";
import { answerOf, topic } from "./registry";
import type { Question } from "./types";

const NONE: ReadonlySet<string> = new Set();

/** What conditions can ask for in an answer. */
function chosenOf(question: Question, value: unknown): readonly string[] {
  return topic(question.type)?.value?.chosen?.(value) ?? [];
}

/** Those of these questions that are not asked. `outside`: what is chosen in a question that is not among them, null
    where that is not known: then whatever hangs on it is asked. */
export function hiddenOf(
  questions: readonly Question[],
  said: (question: Question) => unknown,
  outside: (questionId: string) => readonly string[] | null = () => [],
): ReadonlySet<string> {
  if (questions.every(({ showIf }) => showIf === undefined)) return NONE;
  const byId = new Map(questions.map((question) => [question.questionId, question]));
  const known = new Map<string, boolean>();
  const shown = (question: Question): boolean => {
    const { questionId, showIf } = question;
    const found = known.get(questionId);
    if (found !== undefined) return found;
    // Templates with conditions in a circle are refused; here they would hide each other.
    known.set(questionId, false);
    known.set(questionId, showIf === undefined || meets(showIf.questionId, showIf.is));
    return known.get(questionId) as boolean;
  };
  const meets = (other: string, is: readonly string[]): boolean => {
    const question = byId.get(other);
    if (question && !shown(question)) return false;
    const chosen = question ? chosenOf(question, said(question)) : outside(other);
    return chosen === null || chosen.some((key) => is.includes(key));
  };
  return new Set(
    questions.filter((question) => !shown(question)).map(({ questionId }) => questionId),
  );
}

/** The questions of the whole item that are not asked with this answer. */
export function hiddenIn(document: Document, questions: readonly Question[]): ReadonlySet<string> {
  return hiddenOf(questions, ({ questionId }) => answerOf(document.value(questionId)));
}

/** Those of the questions asked of an object that these labels hide, or, in a document, what is chosen for the item. */
export function hiddenBeside(
  children: readonly Question[],
  labels: Readonly<Record<string, unknown>>,
  document: Document | null = null,
): ReadonlySet<string> {
  return hiddenOf(
    children,
    ({ questionId }) => labels[questionId] ?? null,
    (questionId) => document && chosenIn(document, questionId),
  );
}

/** What is chosen in a question of the whole item, as long as it is asked. */
function chosenIn(document: Document, questionId: string): readonly string[] {
  const question = document.questions.find((one) => one.questionId === questionId);
  if (!question || hiddenIn(document, document.questions).has(questionId)) return [];
  return chosenOf(question, answerOf(document.value(questionId)));
}

/** Those of an object's questions that are asked. */
export function askedBeside(
  children: readonly Question[],
  labels: Readonly<Record<string, unknown>>,
  document: Document | null = null,
): readonly Question[] {
  const hidden = hiddenBeside(children, labels, document);
  return hidden.size > 0 ? children.filter(({ questionId }) => !hidden.has(questionId)) : children;
}
