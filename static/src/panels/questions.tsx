/* The questions of the template that are answered for the item as a whole. */

import { wholeKeys, wholeQuestions } from "../core/answer-keys";
import { hiddenNow } from "../core/asked";
import { answer, goesOn, pickOption } from "../core/flow";
import { t } from "../core/i18n";
import { placedQuestions } from "../core/layout";
import { answerOf, type Hotkey, topic } from "../core/registry";
import { settings } from "../core/settings";
import type { Question } from "../core/types";
import { useSession } from "../ui/context";
import { QuestionTitle } from "./question-title";
import { RegionLabels } from "./region-labels";
import { Regions } from "./regions";

export function WholeQuestions() {
  const session = useSession();
  const all = wholeQuestions(session);
  const hotkeys = wholeKeys(session);
  const placed = placedQuestions(session.template);
  const hidden = hiddenNow(session).value;
  const questions = all.filter(
    ({ questionId }) => !placed.has(questionId) && !hidden.has(questionId),
  );
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

/** A question that stands on the stage. */
export function PlacedQuestion({ question }: { question: Question }) {
  const session = useSession();
  if (hiddenNow(session).value.has(question.questionId)) return null;
  if (topic(question.type)?.regions) {
    return (
      <>
        <RegionLabels only={question} />
        <Regions only={question} />
      </>
    );
  }
  const hotkeys = wholeKeys(session).get(question.questionId) ?? [];
  return <WholeQuestion question={question} hotkeys={hotkeys} />;
}

function WholeQuestion({ question, hotkeys }: { question: Question; hotkeys: readonly Hotkey[] }) {
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
        onChange={(next, group) => {
          if (goesOn(session) && hotkeys[0]?.completes)
            pickOption(session, question, () => next, true);
          else answer(session, question, next, group);
        }}
      />
    </section>
  );
}
