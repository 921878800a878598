/* What keeps an answer from being complete: required questions without an answer, regions without a required label. */

import type { Document } from "./document";
import { t } from "./i18n";
import { answerOf, type Problem, topic } from "./registry";
import type { Obj, Question } from "./types";

export function problemsOf(document: Document, questions: readonly Question[]): Problem[] {
  return questions.flatMap((question) => {
    const { questionId } = question;
    const component = topic(question.type);
    if (component?.regions) return regionProblems(document, question);
    const spec = component?.value;
    if (!spec || !question.mustFill) return [];
    if (!spec.isEmpty(answerOf(document.value(questionId)))) return [];
    return [{ questionId, object: null, message: required(question) }];
  });
}

function regionProblems(document: Document, question: Question): Problem[] {
  const { questionId } = question;
  const { ids, byId } = document.objects(questionId);
  if (ids.length === 0) {
    return question.mustFill ? [{ questionId, object: null, message: required(question) }] : [];
  }
  const needed = (question.children ?? []).filter((child) => child.mustFill);
  if (needed.length === 0) return [];
  return ids.flatMap((id) => {
    const { labels } = byId.get(id) as Obj;
    return needed
      .filter((child) => topic(child.type)?.value?.isEmpty(labels[child.questionId] ?? null))
      .map((child) => ({ questionId, object: id, message: required(child) }));
  });
}

function required(question: Question): string {
  return t("problem.required", { title: question.markTitle });
}
