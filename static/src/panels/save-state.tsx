/* Saved, saving, or what keeps it from being saved. Never silent. */

import { ask } from "../core/dialogs";
import { t, tn } from "../core/i18n";
import { useSession } from "../ui/context";
import { Icon, type IconName } from "../ui/icon";

export function SaveState() {
  const { outbox } = useSession();
  const unsent = outbox.unsent.value;
  const trouble = outbox.trouble.value;
  const [kind, icon, text] = ((): [string, IconName, string] => {
    if (trouble?.kind === "offline") return ["warn", "cloud-off", tn("save.offline", unsent)];
    if (trouble?.kind === "signin") return ["bad", "lock", t("save.signin")];
    if (trouble?.kind === "conflict") return ["bad", "warn", t("save.conflict")];
    if (trouble?.kind === "refused") return ["bad", "warn", t("save.refused")];
    if (unsent > 0) return ["", "cloud", t("save.saving")];
    return ["ok", "check", t("save.saved")];
  })();
  return (
    <div
      class={`save-state ${kind}`}
      data-save={trouble?.kind ?? (unsent > 0 ? "saving" : "saved")}
    >
      <button
        type="button"
        class="save-what"
        title={t("unsent.title")}
        aria-haspopup="dialog"
        onClick={() => ask("unsent")}
      >
        <Icon name={icon} />
        <span>{text}</span>
      </button>
      {trouble?.kind === "offline" && (
        <button type="button" class="btn btn-s" onClick={() => outbox.retry()}>
          {t("save.retry")}
        </button>
      )}
    </div>
  );
}

/** What a screen reader is told: troubles at once, that all is saved after one, and every toast. */
export function LiveRegion() {
  const session = useSession();
  const trouble = session.outbox.trouble.value;
  const toast = session.toast.value;
  const text =
    trouble?.kind === "offline"
      ? tn("save.offline", session.outbox.unsent.peek())
      : trouble
        ? t(`save.${trouble.kind}`)
        : session.outbox.unsent.value === 0
          ? t("save.saved")
          : "";
  return (
    <>
      <p class="visually-hidden" role="status" aria-live="polite">
        {session.mode === "read" ? "" : text}
      </p>
      <p class="visually-hidden" role="status" aria-live="polite">
        {toast?.text ?? ""}
      </p>
    </>
  );
}
