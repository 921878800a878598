/* What can be done with the chosen regions: the frequent ones as signs, all of them by name with their keys. */

import { signal } from "@preact/signals";
import { useId } from "preact/hooks";
import { lockedIds } from "../content/compare";
import { duplicateChosen, lockChosen, moveChosen } from "../core/chosen";
import { t } from "../core/i18n";
import { keysOf } from "../core/keys";
import { deleteRegion } from "../core/region-actions";
import { regionEditBindings } from "../core/region-keys";
import { reads, regionQuestions } from "../core/regions";
import { settings } from "../core/settings";
import { Button, keepFocus } from "../ui/button";
import { useSession } from "../ui/context";
import { Kbd } from "../ui/kbd";

const open = signal(false);

export function RegionTools() {
  const session = useSession();
  const list = useId();
  const chosen = session.selection.value;
  const none = chosen.size === 0;
  const locked = !none && [...chosen].every((id) => lockedIds.value.has(id));
  const questions = regionQuestions(session.template.questions);
  const read = questions.some(({ question }) => reads(question));
  const planar = questions.some(({ spec }) => spec.plane);
  return (
    <>
      <span class="panel-tools">
        {planar && (
          <>
            <Button
              text={read ? "region.readEarlier" : "region.backward"}
              icon="up"
              quiet
              kind="quiet"
              keys="mod+ArrowUp"
              disabled={none}
              onPress={() => moveChosen(session, "earlier")}
            />
            <Button
              text={read ? "region.readLater" : "region.forward"}
              icon="down"
              quiet
              kind="quiet"
              keys="mod+ArrowDown"
              disabled={none}
              onPress={() => moveChosen(session, "later")}
            />
            <Button
              text="region.duplicate"
              icon="copy"
              quiet
              kind="quiet"
              keys="mod+d"
              disabled={none}
              onPress={() => duplicateChosen(session)}
            />
          </>
        )}
        <Button
          text="region.lock"
          icon={locked ? "lock" : "unlock"}
          quiet
          kind="quiet"
          keys="shift+k"
          pressed={locked}
          disabled={none}
          onPress={() => lockChosen(session)}
        />
        <Button
          text="region.delete"
          icon="trash"
          quiet
          kind="quiet"
          keys="Delete"
          disabled={none}
          onPress={() => deleteRegion(session)}
        />
        <button
          type="button"
          class="btn btn-quiet btn-icon"
          aria-expanded={open.value}
          aria-controls={list}
          aria-label={t("region.more")}
          title={t("region.more")}
          onMouseDown={keepFocus}
          onClick={() => {
            open.value = !open.value;
          }}
        >
          <span aria-hidden="true">⋯</span>
        </button>
      </span>
      {open.value && <AllActions id={list} columns={read} />}
    </>
  );
}

function AllActions({ id, columns }: { id: string; columns: boolean }) {
  const session = useSession();
  void [session.selection.value, session.frozen.value];
  return (
    <div id={id} class="region-actions">
      {regionEditBindings(session).map((binding) => (
        <button
          key={binding.text}
          type="button"
          class="region-action"
          disabled={binding.when?.() === false}
          onMouseDown={keepFocus}
          onClick={(event) => binding.run(event as unknown as Parameters<typeof binding.run>[0])}
        >
          <span>{binding.text && t(binding.text)}</span>
          {keysOf(binding)[0] && <Kbd name={keysOf(binding)[0] as string} />}
        </button>
      ))}
      {columns && (
        <label class="check-line small">
          <input
            type="checkbox"
            checked={settings.columns.value}
            onChange={(event) => {
              settings.columns.value = event.currentTarget.checked;
            }}
          />
          {t("region.columns")}
        </label>
      )}
    </div>
  );
}
