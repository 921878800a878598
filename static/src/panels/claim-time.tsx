/* How long the claim still stands if nothing more is done. */

import { type Left, span } from "../core/claim-time";
import { t } from "../core/i18n";
import { useSession } from "../ui/context";
import { Icon } from "../ui/icon";

export function timeText({ ms }: Left): string {
  const { hours, minutes, seconds } = span(ms);
  if (hours > 0) return t("claim.hours", { hours, minutes });
  return minutes >= 10
    ? t("claim.minutes", { minutes })
    : t("claim.seconds", { minutes, seconds: String(seconds).padStart(2, "0") });
}

export function ClaimTime() {
  const session = useSession();
  const left = session.desk.left.value;
  if (!left || !session.active) return null;
  const kind = left.phase === "last" || left.phase === "over" ? "bad" : "warn";
  return (
    <div
      class={left.prominent ? `claim-time badge ${kind}` : "claim-time"}
      data-claim={left.phase}
      title={t("claim.help")}
    >
      <Icon name="clock" />
      <span class="visually-hidden">{t("claim.label")}</span>
      <span class="num">{timeText(left)}</span>
    </div>
  );
}
