/* Answers that are not in force here: earlier stages' and rounds', and what the dataset brought along. Read-only. */

import { compared, toggleCompared } from "../content/compare";
import { objectsOf } from "../core/document";
import { date, t, tryText } from "../core/i18n";
import { topic } from "../core/registry";
import type { Element, HistoryEntry, Question } from "../core/types";
import { useSession } from "../ui/context";

export function History() {
  const session = useSession();
  const entries = session.payload.value?.history ?? [];
  if (entries.length === 0) return null;
  return (
    <section class="panel">
      <h2 class="panel-title">{t("history.title")}</h2>
      <ol class="history" role="list">
        {[...entries].reverse().map((entry) => (
          <HistoryItem key={idOf(entry)} entry={entry} />
        ))}
      </ol>
    </section>
  );
}

/** Several corrections have neither an assignment nor different versions. */
function idOf(entry: HistoryEntry): string {
  return `history-${entry.assignment ?? entry.at}-${entry.version}`;
}

function HistoryItem({ entry }: { entry: HistoryEntry }) {
  const session = useSession();
  const id = idOf(entry);
  const votes = session.payload.value?.votes ?? [];
  // Nobody's turn: what votes were merged to, or a manager's word.
  const outside = t(votes.length > 0 ? "history.merged" : "history.manager");
  return (
    <li class="history-item">
      <p>
        <strong>{entry.stage ? t(`stage.${entry.stage}` as "stage.check") : outside}</strong>
        {entry.round > 0 && ` · ${t("top.round", { n: entry.round })}`}
        {entry.verdict && (
          <span class="badge">{tryText(`state.${entry.verdict}`, entry.verdict)}</span>
        )}
        {entry.late && <span class="badge warn">{t("history.late")}</span>}
        {entry.abandoned && <span class="badge warn">{t("state.abandoned")}</span>}
      </p>
      <p class="small muted">
        {entry.author ?? t("history.nobody")}
        {" · "}
        <time dateTime={entry.at}>{date(entry.at)}</time>
      </p>
      {entry.feedback && <p class="feedback-text">{entry.feedback}</p>}
      {entry.results && (
        <AnswerSummary id={id} results={entry.results} questions={session.template.questions} />
      )}
    </li>
  );
}

/** What a former holder saved after the package had gone: it does not count, but may help. */
export function Late() {
  const session = useSession();
  const late = session.payload.value?.late ?? [];
  if (late.length === 0) return null;
  return (
    <section class="panel">
      <h2 class="panel-title">{t("history.lateTitle")}</h2>
      {late.map((one, index) => (
        <div key={one.at} class="history-item">
          <p class="small muted">
            {one.author ?? t("history.nobody")}
            {" · "}
            <time dateTime={one.at}>{date(one.at)}</time>
          </p>
          <AnswerSummary
            id={`late-${index}`}
            results={one.results}
            questions={session.template.questions}
          />
        </div>
      ))}
    </section>
  );
}

/** An answer in words, with a switch that lays its regions over the picture. */
export function AnswerSummary({
  id,
  results,
  questions,
}: {
  id: string;
  results: readonly Element[];
  questions: readonly Question[];
}) {
  const regions = results.some((element) => {
    const question = questions.find((one) => one.questionId === element.questionId);
    const component = question && topic(question.type);
    return component?.regions || component?.layer;
  });
  return (
    <div class="answer-summary">
      {questions.map((question) => {
        const element = results.find((one) => one.questionId === question.questionId);
        return element ? (
          <p key={question.questionId}>
            <span class="muted">{question.markTitle}</span> {inWords(question, element)}
          </p>
        ) : null;
      })}
      {regions && (
        <button
          type="button"
          class="btn btn-s"
          aria-pressed={compared.value?.id === id}
          onClick={() => toggleCompared(id, results)}
        >
          {t("history.overlay")}
        </button>
      )}
    </div>
  );
}

/** What an element says, short. */
export function inWords(question: Question, element: Element): string {
  const component = topic(question.type);
  if (component?.value) return component.value.describe(question, element.data).text;
  return t("region.total", { n: objectsOf(question, element).length });
}

/** `label-…` keys that the dataset's line came with. */
export function Prior() {
  const session = useSession();
  const prior = Object.entries(session.payload.value?.prior ?? {});
  const readable = session.payload.value?.prior_results ?? {};
  if (prior.length === 0) return null;
  return (
    <details class="panel disclosure">
      <summary>{t("prior.title")}</summary>
      <p class="small muted">{t("prior.help")}</p>
      {prior.map(([key, value]) => (
        <div key={key} class="prior-one">
          <h3 class="mono">{key}</h3>
          {readable[key] ? (
            <AnswerSummary
              id={`prior-${key}`}
              results={readable[key]}
              questions={session.template.questions}
            />
          ) : (
            spoken(value).map(({ title, text }, index) => (
              <p key={`${title}-${index}`} class="small">
                <span class="muted">{title}</span> {text}
              </p>
            ))
          )}
          <details>
            <summary class="small">{t("prior.raw")}</summary>
            <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
          </details>
        </div>
      ))}
    </details>
  );
}

/** What an answer in a manifest says, as far as its shape is known: titles with their texts. */
export function spoken(value: unknown): { title: string; text: string }[] {
  const results = (value as { results?: unknown } | null)?.results;
  if (!Array.isArray(results)) return [];
  return results.flatMap((element: Record<string, unknown> | null) => {
    const title = typeof element?.markTitle === "string" ? element.markTitle : "";
    const pages = Array.isArray(element?.pages) ? (element.pages as { data?: unknown }[]) : null;
    const data = element?.data ?? element?.objects ?? pages?.flatMap((page) => page?.data ?? []);
    if (typeof data === "string") return [{ title, text: data }];
    if (!Array.isArray(data)) return [];
    const words = data.every((one) => typeof one === "string");
    return [{ title, text: words ? data.join(", ") : t("region.total", { n: data.length }) }];
  });
}
