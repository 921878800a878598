/* The foot of the page: the decisions about the open item, each with its key. */

import { toggleModify } from "../core/app-keys";
import { ask } from "../core/dialogs";
import { confirmAndNext, passAndNext, stepOrSay, whyNotPass } from "../core/flow";
import { t } from "../core/i18n";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { CorrectionButtons } from "./correction";
import { AskButton } from "./thread";

export function ActionBar() {
  const session = useSession();
  const payload = session.payload.value;
  const list = session.list.value;
  const position = session.position.value;
  const at = list.findIndex((item) => item.position === position);
  const active = session.active && payload !== null;
  return (
    <footer class="wb-foot">
      <div class="row">
        <Button
          text="item.prev"
          icon="prev"
          keys="a"
          disabled={at <= 0}
          onPress={() => stepOrSay(session, -1)}
        />
        <span class="wb-place num" data-testid="place">
          {t("item.place", { at: at + 1, total: list.length })}
        </span>
        <Button
          text="item.next"
          icon="next"
          keys="d"
          disabled={at < 0 || at === list.length - 1}
          onPress={() => stepOrSay(session, 1)}
        />
        <AskButton />
      </div>
      {session.mode === "labeling" && (
        <div class="row">
          <Button
            text="item.abandon"
            icon="ban"
            keys="x"
            disabled={!active || session.frozen.value !== null}
            onPress={() => ask("abandon")}
          />
          <Button
            text="item.confirm"
            icon="check"
            kind="primary"
            keys="Enter"
            disabled={!active}
            onPress={() => confirmAndNext(session)}
          />
        </div>
      )}
      <CorrectionButtons />
      {session.inspecting && (
        <div class="row">
          <Button
            text="verdict.passRest"
            keys="shift+p"
            kind="quiet"
            disabled={!active}
            onPress={() => ask("pass-rest")}
          />
          <Button
            text="verdict.modify"
            icon="edit"
            keys="m"
            disabled={!active}
            pressed={session.modifying.value === position}
            onPress={() => toggleModify(session)}
          />
          <Button
            text="verdict.reject"
            icon="flag"
            kind="danger"
            keys="r"
            disabled={!active}
            onPress={() => ask("reject")}
          />
          <Button
            text="verdict.pass"
            icon="check"
            kind="primary"
            keys="p"
            disabled={!active}
            why={whyNotPass(payload)}
            onPress={() => passAndNext(session)}
          />
        </div>
      )}
    </footer>
  );
}
