/* What was said of the item: the feedback that sent it back, and in inspection the verdict so far. */

import { compared, reveal, toggleCompared } from "../content/compare";
import { ask } from "../core/dialogs";
import { date, t, tryText } from "../core/i18n";
import type { ItemPayload } from "../core/types";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { Icon } from "../ui/icon";

/** Why earlier rounds rejected the item; each region named there can be gone to. */
export function PreviousFeedback() {
  const session = useSession();
  const payload = session.payload.value;
  const said = payload?.previous_feedback ?? [];
  const { returned } = session.assignment;
  if (said.length === 0 && !returned?.feedback) return null;
  return (
    <section class="panel feedback" aria-label={t("feedback.title")}>
      <h2 class="panel-title">
        <Icon name="flag" />
        {t("feedback.title")}
      </h2>
      {returned?.feedback && (
        <article class="feedback-one">
          <p class="small muted">
            {t("feedback.package")}
            {" · "}
            {t(`stage.${returned.stage}` as "stage.check")}
          </p>
          <p class="feedback-text">{returned.feedback}</p>
        </article>
      )}
      {said.map((one, index) => (
        <article key={`${one.stage}-${one.round}-${index}`} class="feedback-one">
          <p class="small muted">
            {t(`stage.${one.stage}` as "stage.check")}
            {" · "}
            {t("top.round", { n: one.round })}
            {(one.error_type || one.severity) && " · "}
            <Marks type={one.error_type} severity={one.severity} />
          </p>
          <p class="feedback-text">{one.feedback}</p>
          {one.object && <GoTo id={one.object} />}
        </article>
      ))}
    </section>
  );
}

/** What was decided of this person's answer, and the way to say that it was wrong. */
export function JudgedMine() {
  const session = useSession();
  const judged = session.payload.value?.appeal;
  if (!judged) return null;
  const { appeal } = judged;
  const shown = session.payload.value?.previous_feedback ?? [];
  return (
    <section class="panel" aria-label={t("appeal.panel")} data-judged={judged.verdict}>
      <h2 class="panel-title">
        {t("appeal.panel")}
        <span class={`badge ${judged.verdict === "rejected" ? "bad" : "info"}`}>
          {tryText(`state.${judged.verdict}`, judged.verdict)}
        </span>
      </h2>
      {judged.feedback && shown.length === 0 && <p class="feedback-text">{judged.feedback}</p>}
      {appeal && (
        <p class="small" data-appeal={appeal.state}>
          {t(`appeal.state.${appeal.state}`)} {appeal.note}
        </p>
      )}
      {!appeal && (
        <>
          <Button
            text="appeal.action"
            icon="ask"
            keys="shift+r"
            class="btn-s"
            {...(judged.can ? {} : { why: judged.reason })}
            onPress={() => ask("appeal")}
          />
          <p class="small muted">
            {judged.can ? t("appeal.until", { until: date(judged.until) }) : judged.reason}
          </p>
        </>
      )}
    </section>
  );
}

/** In inspection: whose answer this is, and what was decided. */
export function Verdict() {
  const session = useSession();
  const payload = session.payload.value;
  if (!payload || !session.inspecting) return null;
  const { base } = payload;
  const unsampled = payload.state === "unsampled";
  return (
    <section class="panel verdict" data-verdict={payload.verdict || "none"}>
      <h2 class="panel-title">
        {t("verdict.title")}
        <span class={`badge ${badge(payload)}`}>{t(`state.${payload.state}`)}</span>
      </h2>
      <p class="small muted">
        {base?.author ? t("verdict.by", { name: base.author }) : t("verdict.byLabeler")}
        {base && base.stage !== "labeling" && (
          <>
            {" · "}
            {t(`stage.${base.stage}` as "stage.check")}
          </>
        )}
      </p>
      {unsampled && <p class="small">{t("verdict.unsampled")}</p>}
      {base?.abandoned && (
        <p class="notice warn small">
          <Icon name="ban" />
          <span>{t("verdict.abandoned", { reason: base.reason ?? "" })}</span>
        </p>
      )}
      {payload.verdict === "rejected" && (
        <div class="feedback-one">
          <p class="feedback-text">{payload.feedback}</p>
          <p class="small muted">
            <Marks type={payload.error_type} severity={payload.severity} />
          </p>
          {payload.feedback_object && <GoTo id={payload.feedback_object} />}
        </div>
      )}
      {payload.verdict === "modified" && base && (
        <div class="row">
          <button
            type="button"
            class="btn btn-s"
            aria-pressed={compared.value?.id === "base"}
            onClick={() => toggleCompared("base", base.results ?? [])}
          >
            {t("verdict.compare")}
          </button>
          {session.active && (
            <button type="button" class="btn btn-s btn-quiet" onClick={() => session.verb("pass")}>
              {t("verdict.takeBack")}
            </button>
          )}
        </div>
      )}
    </section>
  );
}

function badge(payload: ItemPayload): string {
  switch (payload.state) {
    case "passed":
      return "ok";
    case "rejected":
      return "bad";
    case "modified":
      return "info";
    default:
      return "";
  }
}

function Marks({ type, severity }: { type?: string | undefined; severity?: string | undefined }) {
  const words = [
    type ? tryText(`error.${type}`, type) : "",
    severity ? tryText(`severity.${severity}`, severity) : "",
  ].filter(Boolean);
  return words.length > 0 ? <span>{words.join(" · ")}</span> : null;
}

function GoTo({ id }: { id: string }) {
  const session = useSession();
  const exists = session.sheet.value?.document.ownerOf(id) != null;
  if (!exists) return <p class="small muted">{t("feedback.gone")}</p>;
  return (
    <button
      type="button"
      class="btn btn-s"
      onClick={() => {
        session.selected.value = id;
        reveal(id);
      }}
    >
      <Icon name="target" />
      {t("feedback.goTo")}
    </button>
  );
}
