/* Handing a package in: what is missing first, with a way to each; then what comes next. */

import { useLayoutEffect, useState } from "preact/hooks";
import { type Claim, claimNext, type Missing, openItems, submit, takeBack } from "../core/actions";
import { closeDialog } from "../core/dialogs";
import { forget, remember } from "../core/handed";
import { t, tn } from "../core/i18n";
import { pushScope } from "../core/keys";
import type { Session } from "../core/session";
import { Confirm, GuideBody } from "../panels/guide";
import { useSession } from "../ui/context";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icon";
import { Kbd } from "../ui/kbd";

const SHOWN = 50;

type Step =
  | { kind: "ask" }
  | { kind: "busy" }
  | { kind: "failed"; message: string; missing: readonly Missing[] }
  | { kind: "done"; next: string | null };

export function SubmitDialog() {
  const session = useSession();
  const open = openItems(session);
  const [step, setStep] = useState<Step>({ kind: "ask" });
  const [returnTo, setReturnTo] = useState("");
  const rejected = session.list.value.filter((item) => item.state === "rejected").length;
  const { why } = session.desk.may("submit");
  const hand = async () => {
    if (step.kind === "busy" || step.kind === "done" || why) return;
    setStep({ kind: "busy" });
    const result = await submit(session, returnTo);
    if (result.ok) {
      session.submitted.value = true;
      remember(handedNow(session));
      setStep({ kind: "done", next: result.value.next });
    } else {
      setStep({ kind: "failed", message: result.message, missing: result.missing ?? [] });
      void session.desk.ask();
    }
  };
  if (step.kind === "done") {
    return (
      <NextDialog
        title="submit.done"
        text={step.next === "returned" ? t("submit.returned") : t("submit.thanks")}
        atOnce={session.claimNext.peek()}
        withdraws
      />
    );
  }
  const missing = step.kind === "failed" ? step.missing : open;
  const blocked = missing.length > 0;
  return (
    <Dialog title="submit.title" onClose={closeDialog} onSubmit={() => void hand()}>
      {step.kind === "failed" && (
        <p class="notice bad" role="alert">
          {step.message}
        </p>
      )}
      {why && <p class="notice warn">{why}</p>}
      {blocked ? (
        <>
          <p>{tn("submit.missing", missing.length)}</p>
          <MissingList missing={missing} />
        </>
      ) : (
        <p>{t(session.inspecting ? "submit.askInspector" : "submit.ask")}</p>
      )}
      {rejected > 0 && session.mode === "acceptance" && (
        <ReturnTo value={returnTo} onChange={setReturnTo} />
      )}
      <footer>
        <button type="button" class="btn" onClick={closeDialog}>
          {t("dialog.cancel")}
        </button>
        <button
          type="button"
          class="btn btn-primary"
          autofocus={!blocked}
          disabled={step.kind === "busy" || why !== "" || (blocked && step.kind === "ask")}
          onClick={() => void hand()}
        >
          {t("submit.action")}
        </button>
      </footer>
    </Dialog>
  );
}

function handedNow({ assignment }: Session) {
  const { id, api, package: of, job } = assignment;
  return { assignment: id ?? 0, api, number: of.number, job: job.name, at: Date.now() };
}

interface NextProps {
  title: "submit.done" | "late.title";
  text: string;
  /** Take the next package without being asked. */
  atOnce?: boolean;
  /** The package of this page may be taken back. */
  withdraws?: boolean;
  onClose?: () => void;
}

/** The package has gone; where to go on. */
export function NextDialog({ title, text, atOnce, withdraws, onClose }: NextProps) {
  const session = useSession();
  const [claim, setClaim] = useState<Claim | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const take = async (where: "job" | "anywhere") => {
    if (busy) return;
    setBusy(true);
    const found = await claimNext(session, where);
    if (found.kind === "taken") location.assign(found.url);
    else {
      setBusy(false);
      setClaim(found);
    }
  };
  const withdraw = async () => {
    if (busy) return;
    setBusy(true);
    const result = await takeBack(session, session.assignment.api);
    if (result.ok) {
      forget();
      location.assign(result.value);
    } else {
      setBusy(false);
      setError(result.message);
    }
  };
  useLayoutEffect(() => {
    if (atOnce) void take("job");
    // Once, when it opens.
  }, []);
  useLayoutEffect(() =>
    withdraws
      ? pushScope("dialog", "submit.done", () => [
          { keys: ["z"], text: null, run: () => void withdraw() },
        ])
      : undefined,
  );
  if (claim?.kind === "guide") {
    return <GuideFirst message={claim.message} onRead={() => void take("job")} />;
  }
  const refusal =
    claim?.kind === "nothing" ? claim.reason : claim?.kind === "failed" ? claim.message : "";
  const note = error || refusal;
  const nothing = claim?.kind === "nothing";
  return (
    <Dialog
      title={title}
      onClose={onClose ?? (() => undefined)}
      firm={!onClose}
      onSubmit={() => void take("job")}
    >
      <p>{text}</p>
      {busy && <p class="muted">{t("submit.taking")}</p>}
      {note && (
        <p class="notice" role="status">
          {note}
        </p>
      )}
      <footer>
        {withdraws && (
          <button
            type="button"
            class="btn btn-quiet"
            aria-keyshortcuts="z"
            disabled={busy}
            onClick={() => void withdraw()}
          >
            {t("withdraw.action")}
            <Kbd name="z" />
          </button>
        )}
        <a class="btn" href={session.boot.home}>
          {t("submit.home")}
        </a>
        <button
          type="button"
          class="btn btn-primary"
          autofocus
          disabled={busy}
          onClick={() => void take(nothing ? "anywhere" : "job")}
        >
          {t(nothing ? "submit.anywhere" : "submit.next")}
        </button>
      </footer>
    </Dialog>
  );
}

/** The claim was refused: the guide is new or has changed. */
function GuideFirst({ message, onRead }: { message: string; onRead: () => void }) {
  const session = useSession();
  useLayoutEffect(() => {
    void session.desk.ask();
  }, [session]);
  return (
    <Dialog title="guide.title" onClose={() => undefined} firm wide>
      <p class="notice" role="status">
        {message}
      </p>
      <div class="guide-in-dialog">
        <GuideBody>
          <Confirm onDone={onRead} />
        </GuideBody>
      </div>
      <footer>
        <a class="btn" href={session.boot.home}>
          {t("submit.home")}
        </a>
      </footer>
    </Dialog>
  );
}

/** Where rejected work goes from acceptance. */
function ReturnTo({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <div class="field">
      <label for="return-to">{t("submit.returnTo")}</label>
      <select
        id="return-to"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        <option value="">{t("submit.returnBefore")}</option>
        <option value="labeling">{t("stage.labeling")}</option>
      </select>
    </div>
  );
}

function MissingList({ missing }: { missing: readonly Missing[] }) {
  const session = useSession();
  return (
    <ul class="missing" role="list">
      {missing.slice(0, SHOWN).map((one, index) => (
        <li key={`${one.position}-${index}`}>
          <button
            type="button"
            class="menu-item"
            onClick={() => {
              closeDialog();
              if (one.position !== null) void session.goTo(one.position);
            }}
          >
            <span class="num badge">{one.position}</span>
            <span>{one.message}</span>
            <Icon name="next" />
          </button>
        </li>
      ))}
      {missing.length > SHOWN && <li class="muted">{tn("submit.more", missing.length - SHOWN)}</li>}
    </ul>
  );
}
