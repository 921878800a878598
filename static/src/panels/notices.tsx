/* What stands in the way of work or soon will, and the way out where there is one. */

import { ask } from "../core/dialogs";
import { guideOpen } from "../core/guide";
import { forget, handed } from "../core/handed";
import { t, tryText } from "../core/i18n";
import { takeOver } from "../core/tabs";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { Icon } from "../ui/icon";
import { timeText } from "./claim-time";
import { CorrectionBar } from "./correction";

export function Notices() {
  return (
    <>
      <Frozen />
      <CorrectionBar />
      <JobState />
      <ClaimEnds />
      <GuideChanged />
      <HandedIn />
      <Refused />
    </>
  );
}

/** Why the open item cannot be changed. */
function Frozen() {
  const session = useSession();
  const payload = session.payload.value;
  switch (session.frozen.value) {
    case "other-tab":
      return (
        <div class="notice warn" role="alert">
          <Icon name="warn" />
          <p>{t("tabs.other")}</p>
          <Button text="tabs.takeOver" class="btn-s" onPress={takeOver} />
        </div>
      );
    case "late":
      return <Ended />;
    case "locked":
      return (
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
      );
    case "abandoned":
      return (
        <div class="notice warn">
          <Icon name="ban" />
          <p>{t("abandoned.text", { reason: payload?.reason ?? "" })}</p>
          <Button text="abandoned.restore" class="btn-s" onPress={() => session.verb("restore")} />
        </div>
      );
    default:
      return null;
  }
}

/** The package has gone: how, what becomes of the work, and where to go on. */
function Ended() {
  const session = useSession();
  return (
    <div class="notice warn" role="alert" data-notice="ended">
      <Icon name="warn" />
      <div>
        <p>{t("late.text")}</p>
        <p class="small">{tryText(`ended.${session.desk.state.value}`, t("ended.other"))}</p>
      </div>
      <Button text="late.again" class="btn-s" onPress={() => ask("again")} />
      <a class="btn btn-s" href={session.boot.home}>
        {t("late.home")}
      </a>
    </div>
  );
}

/** The job is paused or offline: what goes on and what does not. */
function JobState() {
  const session = useSession();
  const state = session.desk.jobState.value;
  if (session.mode === "read" || session.late.value) return null;
  if (state !== "paused" && state !== "offline") return null;
  return (
    <div class={state === "offline" ? "notice warn" : "notice"} role="status" data-notice={state}>
      <Icon name={state === "offline" ? "cloud-off" : "pause"} />
      <p>{t(`job.${state}`)}</p>
    </div>
  );
}

/** Half, or nine tenths, or all of the claim time has gone without anything done. */
function ClaimEnds() {
  const session = useSession();
  const left = session.desk.left.value;
  if (!left || left.phase === "fresh" || !session.active) return null;
  const offline = session.outbox.trouble.value?.kind === "offline";
  const over = left.phase === "over";
  return (
    <div
      class={left.phase === "half" ? "notice" : "notice warn"}
      role={left.phase === "half" ? "status" : "alert"}
      data-notice="claim"
    >
      <Icon name="clock" />
      <p>
        {over
          ? t(offline ? "claim.overOffline" : "claim.over")
          : t(left.phase === "half" ? "claim.half" : "claim.last", { left: timeText(left) })}
      </p>
    </div>
  );
}

/** A version of the guide that this person has not confirmed. */
function GuideChanged() {
  const session = useSession();
  const known = session.desk.guide.value;
  if (!known || known.confirmed || session.mode === "read" || guideOpen.value) return null;
  return (
    <div class="notice" role="status" data-notice="guide">
      <Icon name="book" />
      <p>{t("guide.changed", { version: known.version })}</p>
      <Button
        text="guide.read"
        binding="guide.action"
        keys="F1"
        class="btn-s"
        onPress={() => {
          guideOpen.value = true;
        }}
      />
    </div>
  );
}

/** The package before this one can still be taken back. */
function HandedIn() {
  const one = handed.value;
  if (!one) return null;
  return (
    <div class="notice ok" role="status" data-notice="handed">
      <Icon name="check" />
      <p>{t("withdraw.offer", { number: one.number, job: one.job })}</p>
      <Button text="withdraw.action" class="btn-s" onPress={() => ask("withdraw")} />
      <Button text="dialog.close" icon="cross" quiet kind="quiet" onPress={forget} />
    </div>
  );
}

/** The server did not take a change. */
function Refused() {
  const session = useSession();
  const trouble = session.outbox.trouble.value;
  if (trouble?.kind !== "refused") return null;
  return (
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
  );
}
