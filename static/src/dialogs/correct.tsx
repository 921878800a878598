/* What a manager's correction asks: why, why an item is abandoned, and whether to drop what is not saved. */

import { useState } from "preact/hooks";
import { abandon, MOST_REASON, save } from "../core/correction";
import { closeDialog } from "../core/dialogs";
import { t } from "../core/i18n";
import { useSession } from "../ui/context";
import { Dialog, Problem } from "../ui/dialog";
import { Reasons } from "./reasons";
import { Words } from "./say";

export function CorrectDialog() {
  const session = useSession();
  return (
    <Words
      title="correct.save"
      help={t("correct.help")}
      label="correct.reason"
      action="correct.save"
      most={MOST_REASON}
      onSend={(reason) => save(session, reason)}
    />
  );
}

/** One of the template's reasons, or the manager's own words; the answer so far stays with the item. */
export function AbandonItemDialog() {
  const session = useSession();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const send = async (text: string) => {
    if (!text || busy) return;
    setBusy(true);
    const problem = await abandon(session, text);
    setBusy(false);
    setError(problem);
    if (!problem) closeDialog();
  };
  const submit = () => void send(reason.trim());
  return (
    <Dialog title="abandon.title" onClose={closeDialog} onSubmit={submit}>
      <p class="muted">{t("correct.abandonHelp")}</p>
      <Reasons
        reasons={session.template.abandon_reasons.map((text) => ({ value: text, text }))}
        value={reason}
        onChange={setReason}
        onPick={(text) => void send(text)}
      />
      <Problem text={error} />
      <footer>
        <button type="button" class="btn" onClick={closeDialog}>
          {t("dialog.cancel")}
        </button>
        <button
          type="button"
          class="btn btn-primary"
          disabled={busy || !reason.trim()}
          onClick={submit}
        >
          {t("correct.abandon")}
        </button>
      </footer>
    </Dialog>
  );
}

/** Another item was asked for while the correction of this one is not saved. */
export function LeaveDialog({ target }: { target: number }) {
  const session = useSession();
  const stay = () => {
    session.leaving.value = null;
  };
  return (
    <Dialog title="correct.leave" onClose={stay}>
      <p>{t("correct.leaveText", { position: session.position.value })}</p>
      <footer>
        <button type="button" class="btn" onClick={stay}>
          {t("correct.stay")}
        </button>
        <button
          type="button"
          class="btn btn-danger"
          onClick={() => {
            stay();
            session.correct(false);
            void session.goTo(target);
          }}
        >
          {t("correct.discardGo")}
        </button>
      </footer>
    </Dialog>
  );
}
