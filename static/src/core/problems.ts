/* What keeps an answer from being complete: required questions without an answer, regions without a required label. */

import type { Document } from "./document";
import { t } from "./i18n";
import { pageId, pageOfId } from "./pages";
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
  const { ids, byId, parts } = document.objects(questionId);
  if (ids.length === 0 && parts.size === 0) {
    return question.mustFill ? [{ questionId, object: null, message: required(question) }] : [];
  }
  return [
    ...lacking(questionId, question.children, ids, (id) => (byId.get(id) as Obj).labels),
    ...pageProblems(document, question),
  ];
}

/** Pages with anything on them that lack an answer of their own. */
function pageProblems(document: Document, question: Question): Problem[] {
  const { byId, parts } = document.objects(question.questionId);
  if (!question.pageChildren?.some((child) => child.mustFill)) return [];
  const pages = new Set(parts.keys());
  for (const { page } of byId.values()) pages.add(pageId(page as number));
  const order = [...pages].sort((a, b) => (pageOfId(a) ?? 0) - (pageOfId(b) ?? 0));
  const labels = (id: string) => parts.get(id)?.labels ?? {};
  return lacking(question.questionId, question.pageChildren, order, labels);
}

/** What of these that is required is not answered, object by object. */
function lacking(
  questionId: string,
  children: readonly Question[] = [],
  ids: readonly string[],
  labelsOf: (id: string) => Obj["labels"],
): Problem[] {
  const needed = children.filter((child) => child.mustFill);
  if (needed.length === 0) return [];
  return ids.flatMap((id) => {
    const labels = labelsOf(id);
    return needed
      .filter((child) => topic(child.type)?.value?.isEmpty(labels[child.questionId] ?? null))
      .map((child) => ({ questionId, object: id, message: required(child) }));
  });
}

function required(question: Question): string {
  return t("problem.required", { title: question.markTitle });
}
