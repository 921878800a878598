/* Why the open item cannot be changed, and the way out where there is one. */

import { t } from "../core/i18n";
import { takeOver } from "../core/tabs";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { Icon } from "../ui/icon";

export function Notices() {
  const session = useSession();
  const payload = session.payload.value;
  const frozen = session.frozen.value;
  const trouble = session.outbox.trouble.value;
  return (
    <>
      {frozen === "other-tab" && (
        <div class="notice warn" role="alert">
          <Icon name="warn" />
          <p>{t("tabs.other")}</p>
          <Button text="tabs.takeOver" class="btn-s" onPress={takeOver} />
        </div>
      )}
      {frozen === "late" && (
        <div class="notice warn" role="alert">
          <Icon name="warn" />
          <p>{t("late.text")}</p>
          <a class="btn btn-s" href={session.boot.home}>
            {t("late.home")}
          </a>
        </div>
      )}
      {frozen === "locked" && (
        <div class="notice">
          <Icon name="lock" />
          <p>{t("locked.text")}</p>
          <Button
            text="locked.unlock"
            icon="unlock"
            class="btn-s"
            onPress={() => session.verb("unlock")}
          />
        </div>
      )}
      {frozen === "abandoned" && (
        <div class="notice warn">
          <Icon name="ban" />
          <p>{t("abandoned.text", { reason: payload?.reason ?? "" })}</p>
          <Button text="abandoned.restore" class="btn-s" onPress={() => session.verb("restore")} />
        </div>
      )}
      {trouble?.kind === "refused" && (
        <div class="notice bad" role="alert">
          <Icon name="warn" />
          <div>
            <p>{t("refused.text", { position: trouble.position })}</p>
            <p class="small">{trouble.detail}</p>
          </div>
          <Button
            text="refused.discard"
            class="btn-s"
            onPress={() => {
              const { position } = trouble;
              session.outbox.discard(position);
              void session.reload(position);
            }}
          />
        </div>
      )}
    </>
  );
}
