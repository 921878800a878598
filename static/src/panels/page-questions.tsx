/* What is asked of each page of a document, for the page that is looked at. */

import { t } from "../core/i18n";
import { answerPage, pagedQuestions, pageHotkeys, pageLabels } from "../core/page-answers";
import { pageOf } from "../core/pages";
import { topic } from "../core/registry";
import type { Question } from "../core/types";
import { useSession } from "../ui/context";
import { QuestionTitle } from "./question-title";

export function PageQuestions() {
  const session = useSession();
  return (
    <>
      {pagedQuestions(session).map((question) => (
        <OfPage key={question.questionId} question={question} />
      ))}
    </>
  );
}

function OfPage({ question }: { question: Question }) {
  const session = useSession();
  const document = session.sheet.value?.document;
  const page = pageOf(question.field ?? "").value;
  if (!document) return null;
  void document.questionVersion(question.questionId).value;
  const labels = pageLabels(session, question, page);
  const hotkeys = pageHotkeys(question);
  return (
    <section class="panel" data-page-answers={page}>
      <p class="panel-hint">{t("pdf.page", { n: page })}</p>
      {(question.pageChildren ?? []).map((child) => {
        const spec = topic(child.type)?.value;
        if (!spec) return null;
        return (
          <div key={child.questionId} class="stack-s">
            <QuestionTitle question={child} />
            <spec.Field
              question={child}
              value={labels[child.questionId] ?? null}
              frozen={session.frozen.value !== null}
              name={`page-${page}`}
              hotkeys={hotkeys.get(child.questionId) ?? []}
              onChange={(next, group) =>
                answerPage(session, question, child, () => next, group ?? null)
              }
            />
          </div>
        );
      })}
    </section>
  );
}
