/* What changed since the last round, one line each; the picture can show it too. */

import { changeAt, changesShown, changeText, goToChange, openChanges } from "../core/changes";
import { t, tn } from "../core/i18n";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";

/** So many lines are shown; the keys go through all. */
const SHOWN = 100;

export function Changes() {
  const session = useSession();
  const found = openChanges(session);
  if (!found) return null;
  const { list, reference, before, after } = found;
  const regions = list.some((change) => change.id !== null);
  return (
    <section class="panel changes" aria-label={t("changes.title")} data-changes={list.length}>
      <h2 class="panel-title">
        {t("changes.title")}
        <span class="badge">{tn("changes.count", list.length)}</span>
      </h2>
      <p class="small muted">{reference.text}</p>
      {list.length > 0 && (
        <ol class="change-list" role="list">
          {list.slice(0, SHOWN).map((change, index) => (
            <li key={`${change.question.questionId}/${change.id}/${index}`}>
              <button
                type="button"
                class="menu-item change"
                data-change={change.kind}
                aria-current={changeAt.value === index || undefined}
                onClick={() => goToChange(session, list, index)}
              >
                <span class="badge">{t(`changes.kind.${change.kind}`)}</span>
                <span class="truncate">{changeText(change, before, after)}</span>
              </button>
            </li>
          ))}
        </ol>
      )}
      {list.length > SHOWN && <p class="small muted">{tn("submit.more", list.length - SHOWN)}</p>}
      {list.length > 0 && (
        <div class="row">
          {regions && (
            <Button
              text="changes.show"
              keys=";"
              class="btn-s"
              pressed={changesShown.value}
              onPress={() => {
                changesShown.value = !changesShown.peek();
              }}
            />
          )}
          <Button
            text="changes.next"
            keys="."
            class="btn-s"
            onPress={() => goToChange(session, list, (changeAt.peek() + 1) % list.length)}
          />
        </div>
      )}
    </section>
  );
}
