import { useId, useState } from "preact/hooks";
import { closeDialog } from "../core/dialogs";
import { rejectAndNext } from "../core/flow";
import { type Key, t, tryText } from "../core/i18n";
import { selectedRegion } from "../core/region-actions";
import { describe } from "../core/regions";
import { useSession } from "../ui/context";
import { Dialog } from "../ui/dialog";

/** The last words said in this visit: the same mistake is often made more than once. */
const said: string[] = [];

export function RejectDialog() {
  const session = useSession();
  const ids = { text: useId(), list: useId(), type: useId(), severity: useId(), pin: useId() };
  const payload = session.payload.peek();
  const { feedback_lists: lists } = session.assignment;
  const region = selectedRegion(session);
  const [feedback, setFeedback] = useState(payload?.verdict === "rejected" ? payload.feedback : "");
  const [errorType, setErrorType] = useState(payload?.error_type ?? "");
  const [severity, setSeverity] = useState(payload?.severity ?? "");
  const [pinned, setPinned] = useState(region !== null);
  const submit = () => {
    const text = feedback.trim();
    if (!text) return;
    if (!said.includes(text)) said.unshift(text);
    closeDialog();
    rejectAndNext(session, {
      feedback: text,
      ...(pinned && region ? { object: region.object.id } : {}),
      ...(errorType ? { error_type: errorType } : {}),
      ...(severity ? { severity } : {}),
    });
  };
  return (
    <Dialog title="reject.title" onClose={closeDialog} onSubmit={submit}>
      {payload?.verdict === "modified" && <p class="notice warn">{t("reject.drops")}</p>}
      <div class="field">
        <label for={ids.text}>{t("reject.feedback")}</label>
        <textarea
          id={ids.text}
          rows={3}
          required
          maxLength={2000}
          autofocus
          value={feedback}
          onInput={(event) => setFeedback(event.currentTarget.value)}
        />
      </div>
      {said.length > 0 && (
        <div class="row" role="group" aria-label={t("reject.said")}>
          {said.slice(0, 4).map((text) => (
            <button
              key={text}
              type="button"
              class="chip truncate"
              onClick={() => setFeedback(text)}
            >
              {text}
            </button>
          ))}
        </div>
      )}
      {region && (
        <label class="check-line">
          <input
            type="checkbox"
            checked={pinned}
            onChange={(event) => setPinned(event.currentTarget.checked)}
          />
          {t("reject.pin", {
            label: describe(region.question.question, region.object).text || t("region.unlabeled"),
          })}
        </label>
      )}
      <div class="two">
        <Choice
          id={ids.type}
          label="reject.type"
          names={lists.error_types}
          prefix="error"
          value={errorType}
          onChange={setErrorType}
        />
        <Choice
          id={ids.severity}
          label="reject.severity"
          names={lists.severities}
          prefix="severity"
          value={severity}
          onChange={setSeverity}
        />
      </div>
      <footer>
        <button type="button" class="btn" onClick={closeDialog}>
          {t("dialog.cancel")}
        </button>
        <button type="button" class="btn btn-primary" disabled={!feedback.trim()} onClick={submit}>
          {t("verdict.reject")}
        </button>
      </footer>
    </Dialog>
  );
}

interface ChoiceProps {
  id: string;
  label: Key;
  names: readonly string[];
  prefix: "error" | "severity";
  value: string;
  onChange: (value: string) => void;
}

function Choice({ id, label, names, prefix, value, onChange }: ChoiceProps) {
  return (
    <div class="field">
      <label for={id}>{t(label)}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">{t("reject.unsaid")}</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {tryText(`${prefix}.${name}`, name)}
          </option>
        ))}
      </select>
    </div>
  );
}
