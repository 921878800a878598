/* What heads a question wherever it stands. */

import { t } from "../core/i18n";
import type { Question } from "../core/types";

/** The title of a question, that it must be answered, and its line of help. */
export function QuestionTitle({ question }: { question: Question }) {
  return (
    <>
      <h2 class="panel-title">
        {question.markTitle}
        {question.mustFill && (
          <span class="required" title={t("question.required")}>
            <span aria-hidden="true">*</span>
            <span class="visually-hidden">{t("question.required")}</span>
          </span>
        )}
      </h2>
      {question.help && <p class="panel-hint">{question.help}</p>}
    </>
  );
}
