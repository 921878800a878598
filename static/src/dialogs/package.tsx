/* Decisions about the whole package: give it back, take it back, send it back, pass what is left. */

import { useId, useState } from "preact/hooks";
import {
  claimNext,
  giveBack,
  passRest,
  type Result,
  rejectPackage,
  takeBack,
} from "../core/actions";
import { closeDialog } from "../core/dialogs";
import { say } from "../core/flow";
import { forget, handed } from "../core/handed";
import { type Key, t, tn } from "../core/i18n";
import { isDone } from "../core/sheet";
import { useSession } from "../ui/context";
import { Dialog, Problem } from "../ui/dialog";
import { Reasons } from "./reasons";

/** Keys that the server knows; `release.<key>` are their texts. */
const REASONS = ["too_hard", "unclear", "wrong_subject", "no_time", "technical"] as const;

function useRequest() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const run = async <T,>(work: Promise<Result<T>>, done: (value: T) => void | Promise<void>) => {
    setBusy(true);
    setError("");
    const result = await work;
    setBusy(false);
    if (result.ok) await done(result.value);
    else setError(result.message);
  };
  return { busy, error, run };
}

/** Give the package back with a reason: to take another one, or to stop. Both draw on one allowance. */
export function GiveBackDialog() {
  const session = useSession();
  const { busy, error, run } = useRequest();
  const [reason, setReason] = useState("");
  const skips = session.desk.may("skip").allowed;
  const [verb, setVerb] = useState<"skip" | "release">(skips ? "skip" : "release");
  const left = session.desk.skipsLeft.value;
  const submit = (text: string) => {
    if (!text.trim() || busy) return;
    void run(giveBack(session, verb, text.trim()), async () => {
      session.submitted.value = true;
      const next = verb === "skip" ? await claimNext(session) : null;
      location.assign(next?.kind === "taken" ? next.url : session.boot.home);
    });
  };
  return (
    <Dialog title="giveBack.title" onClose={closeDialog} onSubmit={() => submit(reason)}>
      <p class="muted">{t("giveBack.help")}</p>
      {skips && (
        <div class="two" role="radiogroup" aria-label={t("giveBack.title")}>
          {(["skip", "release"] as const).map((one) => (
            <label key={one} class="check-line">
              <input
                type="radio"
                name="give-back"
                checked={verb === one}
                onChange={() => setVerb(one)}
              />
              {t(`giveBack.${one}`)}
            </label>
          ))}
        </div>
      )}
      <Reasons
        reasons={REASONS.map((key) => ({ value: key, text: t(`release.${key}`) }))}
        value={reason}
        onChange={setReason}
        onPick={submit}
      />
      <p class="small" data-skips-left={left}>
        {session.assignment.is_return ? t("giveBack.returned") : tn("giveBack.left", left)}
      </p>
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
          {t(`giveBack.${verb}Action`)}
        </button>
      </footer>
    </Dialog>
  );
}

/** Take a package back that was handed in: the one of this page, or the one before it. */
export function WithdrawDialog() {
  const session = useSession();
  const { busy, error, run } = useRequest();
  const before = session.takesBack ? null : handed.peek();
  const number = before?.number ?? session.assignment.package.number;
  const submit = () => {
    if (busy) return;
    void run(takeBack(session, before?.api ?? session.assignment.api), (url) => {
      forget();
      location.assign(url);
    });
  };
  return (
    <Dialog title="withdraw.title" onClose={closeDialog} onSubmit={submit}>
      <p>{t("withdraw.text", { number })}</p>
      <Problem text={error} />
      <footer>
        <button type="button" class="btn" onClick={closeDialog}>
          {t("dialog.cancel")}
        </button>
        <button type="button" class="btn btn-primary" autofocus disabled={busy} onClick={submit}>
          {t("withdraw.action")}
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
