/* What keeps an answer from being complete: required questions without an answer, regions without a required label. */

import { hiddenBeside, hiddenIn } from "./conditions";
import type { Document } from "./document";
import { t } from "./i18n";
import { pageId, pageOfId } from "./pages";
import { childrenOf } from "./regions";
import { answerOf, type Problem, topic } from "./registry";
import type { Obj, Question } from "./types";

export function problemsOf(document: Document, questions: readonly Question[]): Problem[] {
  const hidden = hiddenIn(document, questions);
  return questions.flatMap((question) => {
    const { questionId } = question;
    if (hidden.has(questionId)) return [];
    if (topic(question.type)?.regions) return regionProblems(document, question);
    const message = wrong(question, answerOf(document.value(questionId)));
    return message === null ? [] : [{ questionId, object: null, message }];
  });
}

/** What is wrong with the answer to a question, or null: it is missing, or not as its rules ask. */
export function wrong(question: Question, value: unknown): string | null {
  const spec = topic(question.type)?.value;
  if (!spec) return null;
  if (spec.isEmpty(value)) return question.mustFill ? required(question) : null;
  return spec.unfit?.(question, value) ?? null;
}

/** Whether `wrong` can find anything at all. */
function asks(question: Question): boolean {
  return question.mustFill === true || topic(question.type)?.value?.unfit !== undefined;
}

function regionProblems(document: Document, question: Question): Problem[] {
  const { questionId } = question;
  const { ids, byId, parts } = document.objects(questionId);
  if (ids.length === 0 && parts.size === 0) {
    return question.mustFill ? [{ questionId, object: null, message: required(question) }] : [];
  }
  return [
    ...lacking(
      document,
      questionId,
      (id) => childrenOf(question, byId.get(id) as Obj),
      ids,
      (id) => (byId.get(id) as Obj).labels,
    ),
    ...pageProblems(document, question),
  ];
}

/** Pages with anything on them that lack an answer of their own. */
function pageProblems(document: Document, question: Question): Problem[] {
  const { byId, parts } = document.objects(question.questionId);
  if (!question.pageChildren?.some(asks)) return [];
  const pages = new Set(parts.keys());
  for (const { page } of byId.values()) pages.add(pageId(page as number));
  const order = [...pages].sort((a, b) => (pageOfId(a) ?? 0) - (pageOfId(b) ?? 0));
  const labels = (id: string) => parts.get(id)?.labels ?? {};
  const { pageChildren } = question;
  return lacking(document, question.questionId, () => pageChildren, order, labels);
}

/** What is wrong with the answers to these, object by object. */
function lacking(
  document: Document,
  questionId: string,
  childrenFor: (id: string) => readonly Question[],
  ids: readonly string[],
  labelsOf: (id: string) => Obj["labels"],
): Problem[] {
  const needing = new Map<readonly Question[], Question[]>();
  return ids.flatMap((id) => {
    const children = childrenFor(id);
    // One list for many objects: it is sorted out once.
    const needed = needing.get(children) ?? children.filter(asks);
    needing.set(children, needed);
    if (needed.length === 0) return [];
    const labels = labelsOf(id);
    const found = needed.flatMap((child) => {
      const message = wrong(child, labels[child.questionId] ?? null);
      return message === null ? [] : [{ child: child.questionId, message }];
    });
    if (found.length === 0) return [];
    const hidden = hiddenBeside(children, labels, document);
    return found.flatMap(({ child, message }) =>
      hidden.has(child) ? [] : [{ questionId, object: id, message }],
    );
  });
}

function required(question: Question): string {
  return t("problem.required", { title: question.markTitle });
}
