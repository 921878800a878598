/* Handing a package in: what is missing first, with a way to each; then what comes next. */

import { useState } from "preact/hooks";
import { claimNext, type Missing, openItems, submit } from "../core/actions";
import { closeDialog } from "../core/dialogs";
import { t, tn } from "../core/i18n";
import { useSession } from "../ui/context";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icon";

const SHOWN = 50;

type Step =
  | { kind: "ask" }
  | { kind: "busy" }
  | { kind: "failed"; message: string; missing: readonly Missing[] }
  | { kind: "done"; next: string | null; note: string };

export function SubmitDialog() {
  const session = useSession();
  const open = openItems(session);
  const [step, setStep] = useState<Step>({ kind: "ask" });
  const [returnTo, setReturnTo] = useState("");
  const rejected = session.list.value.filter((item) => item.state === "rejected").length;
  const hand = async () => {
    if (step.kind === "busy" || step.kind === "done") return;
    setStep({ kind: "busy" });
    const result = await submit(session, returnTo);
    if (result.ok) {
      session.submitted.value = true;
      setStep({ kind: "done", next: result.value.next, note: "" });
    } else {
      setStep({ kind: "failed", message: result.message, missing: result.missing ?? [] });
    }
  };
  const next = async () => {
    const result = await claimNext(session);
    if (!result.ok) setStep({ kind: "done", next: null, note: result.message });
    else if (result.value) location.assign(result.value);
    else setStep({ kind: "done", next: null, note: t("submit.noMore") });
  };
  if (step.kind === "done") {
    return (
      <Dialog title="submit.done" onClose={() => undefined} firm onSubmit={() => void next()}>
        <p>{step.next === "returned" ? t("submit.returned") : t("submit.thanks")}</p>
        {step.note && (
          <p class="notice" role="status">
            {step.note}
          </p>
        )}
        <footer>
          <a class="btn" href={session.boot.home}>
            {t("submit.home")}
          </a>
          {!step.note && (
            <button type="button" class="btn btn-primary" autofocus onClick={() => void next()}>
              {t("submit.next")}
            </button>
          )}
        </footer>
      </Dialog>
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
          disabled={step.kind === "busy" || (blocked && step.kind === "ask")}
          onClick={() => void hand()}
        >
          {t("submit.action")}
        </button>
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
