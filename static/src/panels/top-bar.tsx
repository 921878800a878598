/* The head of the page: where one is, whether everything is saved, and handing in. */

import { ask } from "../core/dialogs";
import { guideOpen } from "../core/guide";
import { t } from "../core/i18n";
import { gridOf } from "../core/item-grid";
import type { Verb } from "../core/types";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { Icon } from "../ui/icon";
import { ClaimTime } from "./claim-time";
import { SaveState } from "./save-state";

export function TopBar() {
  const session = useSession();
  const { assignment, boot } = session;
  const total = session.list.value.length;
  const done = session.done.value;
  const log = session.sheet.value?.log;
  const grid = gridOf(session).on.value ? gridOf(session) : null;
  const frozen = session.frozen.value !== null;
  const may = (verb: Verb) => session.desk.may(verb);
  return (
    <header class="wb-top">
      {!boot.preview && (
        <a
          class="btn btn-quiet btn-icon"
          href={boot.back}
          aria-label={t("top.back")}
          title={t("top.back")}
        >
          <Icon name="back" />
        </a>
      )}
      <div class="wb-title">
        <h1 class="truncate" title={assignment.job.name}>
          {assignment.job.name}
        </h1>
        <p class="truncate" hidden={!boot.preview}>
          {t("preview.title")}
        </p>
        <p class="truncate" hidden={boot.preview}>
          {t("top.package", { number: assignment.package.number })}
          {" · "}
          {t(`stage.${assignment.stage}` as "stage.labeling")}
          {assignment.lot && (
            <>
              {" · "}
              <a href={assignment.lot.url}>{assignment.lot.name}</a>
            </>
          )}
          {assignment.round > 1 && (
            <>
              {" · "}
              {t("top.round", { n: assignment.round })}
            </>
          )}
        </p>
      </div>
      {session.mode === "read" ? (
        session.correcting.value === null && <span class="badge info">{t("top.readOnly")}</span>
      ) : (
        <div class="wb-progress">
          <progress class="progress" max={total} value={done} aria-label={t("top.progress")} />
          <span class="num">{t("top.done", { done, total })}</span>
        </div>
      )}
      <div class="wb-actions">
        <ClaimTime />
        {session.mode !== "read" && !boot.preview && <SaveState />}
        {(session.mode !== "read" || session.correcting.value !== null) && (
          <div class="tool-group">
            <Button
              text="edit.undo"
              icon="undo"
              quiet
              kind="quiet"
              keys="mod+z"
              disabled={grid ? !grid.canUndo.value : frozen || !log?.canUndo.value}
              onPress={() => (grid ?? session).undo()}
            />
            <Button
              text="edit.redo"
              icon="redo"
              quiet
              kind="quiet"
              keys="mod+shift+z"
              disabled={grid ? !grid.canRedo.value : frozen || !log?.canRedo.value}
              onPress={() => (grid ?? session).redo()}
            />
          </div>
        )}
        {assignment.id !== null && (
          <Button
            text="guide.action"
            icon="book"
            quiet
            kind="quiet"
            keys="F1"
            pressed={guideOpen.value}
            onPress={() => {
              guideOpen.value = !guideOpen.peek();
            }}
          />
        )}
        <Button
          text="pace.title"
          icon="pace"
          quiet
          kind="quiet"
          keys="mod+i"
          onPress={() => ask("pace")}
        />
        <Button
          text="settings.title"
          icon="settings"
          quiet
          kind="quiet"
          keys="mod+,"
          onPress={() => ask("settings")}
        />
        <Button
          text="help.title"
          icon="help"
          quiet
          kind="quiet"
          keys="?"
          onPress={() => ask("help")}
        />
        {session.mode !== "read" && session.active && !boot.preview && (
          <Button
            text="giveBack.title"
            icon="release"
            quiet
            kind="quiet"
            keys="shift+x"
            why={may("release").allowed ? "" : may("release").why}
            onPress={() => ask("give-back")}
          />
        )}
        {session.inspecting && session.active && (
          <Button
            text="package.reject"
            kind="danger"
            why={may("reject").allowed ? "" : may("reject").why}
            onPress={() => ask("reject-package")}
          />
        )}
        {session.mode === "read" && session.takesBack && (
          <Button
            text="withdraw.action"
            icon="undo"
            keys="z"
            why={may("withdraw").allowed ? "" : may("withdraw").why}
            onPress={() => ask("withdraw")}
          />
        )}
        {session.mode !== "read" && !boot.preview && (
          <Button
            text="submit.action"
            icon="send"
            kind="primary"
            keys="mod+Enter"
            disabled={!session.active}
            why={may("submit").allowed || !session.active ? "" : may("submit").why}
            onPress={() => ask("submit")}
          />
        )}
      </div>
    </header>
  );
}
