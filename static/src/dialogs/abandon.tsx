import { useState } from "preact/hooks";
import { closeDialog } from "../core/dialogs";
import { abandonAndNext } from "../core/flow";
import { t } from "../core/i18n";
import { useSession } from "../ui/context";
import { Dialog } from "../ui/dialog";
import { Reasons } from "./reasons";

/** Why the item cannot be labeled: one of the template's reasons, or the person's own words. */
export function AbandonDialog() {
  const session = useSession();
  const [reason, setReason] = useState("");
  const submit = () => {
    const text = reason.trim();
    if (!text) return;
    closeDialog();
    abandonAndNext(session, text);
  };
  return (
    <Dialog title="abandon.title" onClose={closeDialog} onSubmit={submit}>
      <p class="muted">{t("abandon.help")}</p>
      <Reasons
        reasons={session.template.abandon_reasons.map((text) => ({ value: text, text }))}
        value={reason}
        onChange={setReason}
        onPick={(text) => {
          closeDialog();
          abandonAndNext(session, text);
        }}
      />
      <footer>
        <button type="button" class="btn" onClick={closeDialog}>
          {t("dialog.cancel")}
        </button>
        <button type="button" class="btn btn-primary" disabled={!reason.trim()} onClick={submit}>
          {t("item.abandon")}
        </button>
      </footer>
    </Dialog>
  );
}
