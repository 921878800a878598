/* Several people's answers to the open item side by side, for whoever decides between them. */

import { overlays } from "../content/compare";
import { t } from "../core/i18n";
import { topic } from "../core/registry";
import type { Vote } from "../core/types";
import {
  adoptVote,
  disagreeing,
  isAdopted,
  orderedOf,
  overlayId,
  showVote,
  voteColor,
} from "../core/votes";
import { useSession } from "../ui/context";
import { Kbd } from "../ui/kbd";
import { inWords } from "./history";

export function Votes() {
  const session = useSession();
  const payload = session.payload.value;
  const votes = payload?.votes ?? [];
  if (votes.length === 0) return null;
  const split = disagreeing(votes, orderedOf(session.template.questions));
  return (
    <section class="panel votes" aria-label={t("votes.title")}>
      <h2 class="panel-title">
        {t("votes.title")}
        {payload?.disputed && payload.verdict !== "modified" && (
          <span class="badge warn" data-disputed>
            {t("votes.disputed")}
          </span>
        )}
      </h2>
      <div class="vote-list">
        {votes.map((vote) => (
          <VoteCard key={vote.voter} vote={vote} split={split} />
        ))}
      </div>
    </section>
  );
}

function VoteCard({ vote, split }: { vote: Vote; split: ReadonlySet<string> }) {
  const session = useSession();
  const { voter } = vote;
  const shown = overlays.value.has(overlayId(voter));
  const regions = session.template.questions.some(
    (question) =>
      (topic(question.type)?.regions || topic(question.type)?.layer) &&
      vote.results.some((element) => element.questionId === question.questionId),
  );
  const sheet = session.sheet.value;
  const changed = session.payload.value?.verdict === "modified" && sheet !== null;
  if (changed) void sheet.document.changed.value;
  const adopted = isAdopted(
    vote,
    changed ? sheet.document.toResults() : null,
    orderedOf(session.template.questions),
  );
  const name = vote.author ?? t("votes.voter", { n: voter });
  return (
    <article class="vote" data-vote={voter} data-adopted={adopted || undefined}>
      <h3>
        <span class="swatch" style={{ "--color": voteColor(voter) }} />
        <span class="truncate">{name}</span>
        {adopted && <span class="badge ok">{t("votes.isAdopted")}</span>}
      </h3>
      {vote.abandoned && <p class="badge warn">{t("state.abandoned")}</p>}
      {session.template.questions.map((question) => {
        const element = vote.results.find((one) => one.questionId === question.questionId);
        const differs = split.has(question.questionId);
        if (!element && !differs) return null;
        return (
          <p key={question.questionId} class={differs ? "vote-differs" : ""}>
            <span class="muted small">{question.markTitle}</span>{" "}
            <span>{element ? inWords(question, element) : t("conflict.nothing")}</span>
            {differs && <span class="visually-hidden"> {t("votes.differs")}</span>}
          </p>
        );
      })}
      <div class="row">
        {regions && (
          <button
            type="button"
            class="btn btn-s"
            aria-pressed={shown}
            aria-keyshortcuts={`Shift+${voter}`}
            onClick={() => showVote(session, voter)}
          >
            {t("votes.look")}
            <Kbd name={`shift+${voter}`} />
          </button>
        )}
        {session.active && (
          <button
            type="button"
            class="btn btn-s"
            aria-keyshortcuts={`Alt+${voter}`}
            disabled={adopted && changed}
            onClick={() => adoptVote(session, voter)}
          >
            {t("votes.adoptThis")}
            <Kbd name={`alt+${voter}`} />
          </button>
        )}
      </div>
    </article>
  );
}
