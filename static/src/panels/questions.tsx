/* The questions of the template: for the whole item, and the labels of regions. */

import { wholeQuestions } from "../core/app-keys";
import { answer, goesOn, pickOption } from "../core/flow";
import { hotkeysOf } from "../core/hotkeys";
import { t } from "../core/i18n";
import { drawingQuestion, selectedRegion, setLabel } from "../core/region-actions";
import { drawing, labelsFor, regionQuestions, stickyLabels } from "../core/regions";
import { answerOf, topic } from "../core/registry";
import { settings } from "../core/settings";
import type { Question } from "../core/types";
import { useSession } from "../ui/context";

export function WholeQuestions() {
  const session = useSession();
  const questions = wholeQuestions(session);
  const hotkeys = hotkeysOf(questions);
  if (questions.length === 0) return null;
  const single = questions.length === 1 && session.template.questions.length === 1;
  return (
    <>
      {questions.map((question) => (
        <WholeQuestion
          key={question.questionId}
          question={question}
          hotkeys={hotkeys.get(question.questionId) ?? []}
        />
      ))}
      {single &&
        session.mode === "labeling" &&
        (hotkeys.get(questions[0]?.questionId ?? "") ?? [])[0]?.completes && (
          <label class="check-line small">
            <input
              type="checkbox"
              checked={settings.autoNext.value}
              onChange={(event) => {
                settings.autoNext.value = event.currentTarget.checked;
              }}
            />
            {t("settings.autoNext")}
          </label>
        )}
    </>
  );
}

function WholeQuestion({
  question,
  hotkeys,
}: {
  question: Question;
  hotkeys: ReturnType<typeof hotkeysOf> extends Map<string, infer H> ? H : never;
}) {
  const session = useSession();
  const spec = topic(question.type)?.value;
  const document = session.sheet.value?.document;
  if (!spec || !document) return null;
  void document.questionVersion(question.questionId).value;
  const value = answerOf(document.value(question.questionId));
  const frozen = session.frozen.value !== null;
  return (
    <section class="panel" data-topic={question.questionId}>
      <QuestionTitle question={question} />
      <spec.Field
        question={question}
        value={value}
        frozen={frozen}
        name="whole"
        hotkeys={hotkeys}
        onChange={(next) => {
          if (goesOn(session))
            pickOption(session, question, () => next, hotkeys[0]?.completes === true);
          else answer(session, question, next);
        }}
      />
    </section>
  );
}

/** The title of a question, and that it must be answered. */
function QuestionTitle({ question }: { question: Question }) {
  return (
    <h2 class="panel-title">
      {question.markTitle}
      {question.mustFill && (
        <span class="required" title={t("question.required")}>
          <span aria-hidden="true">*</span>
          <span class="visually-hidden">{t("question.required")}</span>
        </span>
      )}
    </h2>
  );
}

/** Labels of the chosen region; without one, of the region that is drawn next. */
export function RegionLabels() {
  const session = useSession();
  const all = regionQuestions(session.template.questions);
  void [session.selected.value, drawing.value];
  const document = session.sheet.value?.document;
  if (all.length === 0 || !document) return null;
  void document.changed.value;
  const region = selectedRegion(session);
  const question = (region?.question ?? drawingQuestion(session))?.question;
  if (!question) return null;
  const frozen = session.frozen.value !== null;
  const labels =
    region?.object.labels ??
    stickyLabels.value[question.questionId] ??
    labelsFor(question.questionId);
  const children = question.children ?? [];
  const hotkeys = hotkeysOf(children);
  if (frozen && !region) return null;
  return (
    <section class="panel" data-topic={question.questionId}>
      {all.length > 1 && !region && (
        <div class="tabs" role="group" aria-label={t("region.question")}>
          {all.map((one) => (
            <button
              key={one.question.questionId}
              type="button"
              aria-pressed={one.question === question}
              onClick={() => {
                drawing.value = one.question.questionId;
              }}
            >
              {one.question.markTitle}
            </button>
          ))}
        </div>
      )}
      <p class="panel-hint">{region ? t("region.labelsOfChosen") : t("region.labelsOfNext")}</p>
      {children.map((child) => {
        const spec = topic(child.type)?.value;
        if (!spec) return null;
        return (
          <div key={child.questionId} class="stack-s">
            <QuestionTitle question={child} />
            <spec.Field
              question={child}
              value={labels[child.questionId] ?? null}
              frozen={frozen}
              name={region ? region.object.id : "next"}
              hotkeys={hotkeys.get(child.questionId) ?? []}
              onChange={(next) => setLabel(session, child, () => next)}
            />
          </div>
        );
      })}
    </section>
  );
}
