/* The same item was saved elsewhere: both answers side by side, and the person decides. */

import { objectsOf } from "../core/document";
import { t } from "../core/i18n";
import type { Trouble } from "../core/outbox";
import { topic } from "../core/registry";
import type { Element, Obj, Question } from "../core/types";
import { inWords } from "../panels/history";
import { useSession } from "../ui/context";
import { Dialog } from "../ui/dialog";

export function ConflictDialog({ trouble }: { trouble: Extract<Trouble, { kind: "conflict" }> }) {
  const session = useSession();
  const { position, version } = trouble;
  const mine = session.draft(position);
  const theirs = trouble.results ?? [];
  const keep = async (side: "mine" | "theirs") => {
    session.outbox.resolveConflict(position, side, version);
    if (side === "theirs") await session.reload(position);
    else session.rebase(position, theirs, version);
  };
  const { questions } = session.template;
  return (
    <Dialog title="conflict.title" onClose={() => undefined} firm wide>
      <p>{t("conflict.text", { position })}</p>
      <div class="two conflict">
        <Side title={t("conflict.mine")} results={mine} other={theirs} questions={questions}>
          <button type="button" class="btn btn-primary" onClick={() => void keep("mine")}>
            {t("conflict.keepMine")}
          </button>
        </Side>
        <Side title={t("conflict.theirs")} results={theirs} other={mine} questions={questions}>
          <button type="button" class="btn" onClick={() => void keep("theirs")}>
            {t("conflict.takeTheirs")}
          </button>
        </Side>
      </div>
    </Dialog>
  );
}

interface SideProps {
  title: string;
  results: readonly Element[];
  other: readonly Element[];
  questions: readonly Question[];
  children: preact.ComponentChildren;
}

function Side({ title, results, other, questions, children }: SideProps) {
  return (
    <section class="card">
      <h3>{title}</h3>
      {questions.map((question) => {
        const element = results.find((one) => one.questionId === question.questionId);
        const against = other.find((one) => one.questionId === question.questionId);
        return (
          <div key={question.questionId}>
            <p class="small muted">{question.markTitle}</p>
            <p>{element ? inWords(question, element) : t("conflict.nothing")}</p>
            {topic(question.type)?.regions && (
              <Difference
                mine={objectsOf(question, element)}
                theirs={objectsOf(question, against)}
              />
            )}
          </div>
        );
      })}
      {children}
    </section>
  );
}

/** How many objects one side has that the other lacks, or has otherwise. */
function Difference({ mine, theirs }: { mine: Obj[]; theirs: Obj[] }) {
  const texts = (objects: Obj[]) =>
    new Map(objects.map((object) => [object.id, JSON.stringify(object)]));
  const here = texts(mine);
  const there = texts(theirs);
  let only = 0;
  let other = 0;
  for (const [id, text] of here) {
    if (!there.has(id)) only++;
    else if (there.get(id) !== text) other++;
  }
  return <p class="small">{t("conflict.difference", { only, other })}</p>;
}
