/* Words to those who lead the job: a question about the item, or an appeal against a verdict. */

import { useId, useState } from "preact/hooks";
import { appeal } from "../core/appeals";
import { closeDialog } from "../core/dialogs";
import { say } from "../core/flow";
import { date, type Key, t, tryText } from "../core/i18n";
import { useSession } from "../ui/context";
import { Dialog, Problem } from "../ui/dialog";

const MOST = 4000;

/** Flag the item as unsure, with a question; work goes on. */
export function FlagDialog() {
  const session = useSession();
  const flagged = session.payload.peek()?.flag != null;
  return (
    <Words
      title="flag.title"
      help={t(flagged ? "flag.more" : "flag.help")}
      label="flag.question"
      action="flag.send"
      onSend={async (text) => {
        session.flag(text);
        say(session, t("flag.sent"));
        return "";
      }}
    />
  );
}

export function AppealDialog() {
  const session = useSession();
  const judged = session.payload.peek()?.appeal;
  if (!judged) return null;
  return (
    <Words
      title="appeal.title"
      help={t("appeal.help", { until: date(judged.until) })}
      quote={judged.feedback || tryText(`state.${judged.verdict}`, judged.verdict)}
      label="appeal.text"
      action="appeal.action"
      onSend={async (text) => {
        const problem = await appeal(session, text);
        if (!problem) say(session, t("appeal.sent"));
        return problem;
      }}
    />
  );
}

interface Props {
  title: Key;
  /** The most characters. */
  most?: number;
  help: string;
  quote?: string;
  label: Key;
  action: Key;
  /** Sends the words; what went wrong, or "". */
  onSend: (text: string) => Promise<string>;
}

export function Words({ title, most = MOST, help, quote, label, action, onSend }: Props) {
  const id = useId();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const send = async () => {
    if (!text.trim() || busy) return;
    setBusy(true);
    const problem = await onSend(text.trim());
    setBusy(false);
    setError(problem);
    if (!problem) closeDialog();
  };
  return (
    <Dialog title={title} onClose={closeDialog} onSubmit={() => void send()}>
      <p class="muted">{help}</p>
      {quote && <blockquote class="feedback-text">{quote}</blockquote>}
      <div class="field">
        <label for={id}>{t(label)}</label>
        <textarea
          id={id}
          rows={4}
          maxLength={most}
          autofocus
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <Problem text={error} />
      <footer>
        <button type="button" class="btn" onClick={closeDialog}>
          {t("dialog.cancel")}
        </button>
        <button
          type="button"
          class="btn btn-primary"
          disabled={busy || !text.trim()}
          onClick={() => void send()}
        >
          {t(action)}
        </button>
      </footer>
    </Dialog>
  );
}
