/* Decisions about the whole package: give it back, send it back, pass what is left. */

import { useId, useState } from "preact/hooks";
import { passRest, type Result, rejectPackage, release } from "../core/actions";
import { closeDialog } from "../core/dialogs";
import { say } from "../core/flow";
import { type Key, t, tn } from "../core/i18n";
import { isDone } from "../core/sheet";
import { useSession } from "../ui/context";
import { Dialog } from "../ui/dialog";
import { Reasons } from "./reasons";

/** Keys that the server knows; `release.<key>` are their texts. */
const REASONS = ["too_hard", "unclear", "wrong_subject", "no_time", "technical"] as const;

function useRequest() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const run = async <T,>(work: Promise<Result<T>>, done: (value: T) => void) => {
    setBusy(true);
    setError("");
    const result = await work;
    setBusy(false);
    if (result.ok) done(result.value);
    else setError(result.message);
  };
  return { busy, error, run };
}

function Problem({ text }: { text: string }) {
  return text ? (
    <p class="notice bad" role="alert">
      {text}
    </p>
  ) : null;
}

export function ReleaseDialog() {
  const session = useSession();
  const { busy, error, run } = useRequest();
  const [reason, setReason] = useState("");
  const submit = (text: string) => {
    if (!text.trim() || busy) return;
    void run(release(session, text.trim()), () => location.assign(session.boot.home));
  };
  return (
    <Dialog title="release.title" onClose={closeDialog} onSubmit={() => submit(reason)}>
      <p class="muted">{t("release.help")}</p>
      <Reasons
        reasons={REASONS.map((key) => ({ value: key, text: t(`release.${key}`) }))}
        value={reason}
        onChange={setReason}
        onPick={submit}
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
          onClick={() => submit(reason)}
        >
          {t("release.action")}
        </button>
      </footer>
    </Dialog>
  );
}

export function RejectPackageDialog() {
  const session = useSession();
  const id = useId();
  const { busy, error, run } = useRequest();
  const [feedback, setFeedback] = useState("");
  const submit = () => {
    const text = feedback.trim();
    if (!text || busy) return;
    void run(rejectPackage(session, text), () => location.assign(session.boot.home));
  };
  return (
    <Dialog title="package.rejectTitle" onClose={closeDialog} onSubmit={submit}>
      <p class="muted">{t("package.rejectHelp")}</p>
      <div class="field">
        <label for={id}>{t("reject.feedback")}</label>
        <textarea
          id={id}
          rows={3}
          maxLength={2000}
          value={feedback}
          onInput={(event) => setFeedback(event.currentTarget.value)}
        />
      </div>
      <Problem text={error} />
      <footer>
        <button type="button" class="btn" onClick={closeDialog}>
          {t("dialog.cancel")}
        </button>
        <button
          type="button"
          class="btn btn-danger"
          disabled={busy || !feedback.trim()}
          onClick={submit}
        >
          {t("package.reject")}
        </button>
      </footer>
    </Dialog>
  );
}

export function PassRestDialog() {
  const session = useSession();
  const { busy, error, run } = useRequest();
  const rest = session.list.value.filter((item) => !isDone(item.state)).length;
  const submit = () => {
    if (rest === 0 || busy) return;
    void run(passRest(session), (passed) => {
      closeDialog();
      say(session, tn("passRest.done", passed));
    });
  };
  const title: Key = "passRest.title";
  return (
    <Dialog title={title} onClose={closeDialog} onSubmit={submit}>
      <p>{rest === 0 ? t("passRest.nothing") : tn("passRest.text", rest)}</p>
      <Problem text={error} />
      <footer>
        <button type="button" class="btn" onClick={closeDialog}>
          {t("dialog.cancel")}
        </button>
        <button
          type="button"
          class="btn btn-primary"
          autofocus
          disabled={busy || rest === 0}
          onClick={submit}
        >
          {t("verdict.passRest")}
        </button>
      </footer>
    </Dialog>
  );
}
