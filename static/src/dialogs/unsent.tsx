/* What is saved and what is not; the latter as a file, and back from one. */

import { useId, useState } from "preact/hooks";
import { closeDialog } from "../core/dialogs";
import { t, tn } from "../core/i18n";
import type { Session } from "../core/session";
import { bringBack, readUnsent, saveFile, textOf } from "../core/unsent";
import { useSession } from "../ui/context";
import { Dialog } from "../ui/dialog";

/** So many items are listed. */
const SHOWN = 50;

export function UnsentDialog() {
  const session = useSession();
  const { outbox } = session;
  const id = useId();
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const unsent = outbox.unsent.value;
  const trouble = outbox.trouble.value;
  const rows = unsent > 0 ? outbox.waiting() : [];
  const open = async (file: File | undefined) => {
    if (!file || busy) return;
    setBusy(true);
    setNote(await fromFile(session, file));
    setBusy(false);
  };
  return (
    <Dialog title="unsent.title" onClose={closeDialog}>
      {trouble && (
        <p class="notice warn" role="status">
          {trouble.kind === "refused" ? trouble.detail : troubleText(session)}
        </p>
      )}
      {unsent === 0 ? (
        <p>{t("unsent.none")}</p>
      ) : (
        <>
          <p>{tn("unsent.some", unsent)}</p>
          <ul class="missing" role="list" data-unsent>
            {rows.slice(0, SHOWN).map((row) => (
              <li key={row.position}>
                <span class="num badge">{row.position}</span> {tn("unsent.steps", row.queue.length)}
              </li>
            ))}
            {rows.length > SHOWN && <li class="muted">{tn("submit.more", rows.length - SHOWN)}</li>}
          </ul>
        </>
      )}
      <p class="small muted">{t("unsent.about", { name: session.boot.user.username })}</p>
      <label class="field" for={id}>
        <span>{t("unsent.back")}</span>
        <input
          id={id}
          type="file"
          accept="application/json,.json"
          disabled={busy || session.otherTab.value}
          onChange={(event) => {
            const input = event.currentTarget;
            void open(input.files?.[0]).then(() => {
              input.value = "";
            });
          }}
        />
      </label>
      {note && (
        <p class="notice" role="status" data-brought>
          {note}
        </p>
      )}
      <footer>
        {trouble?.kind === "offline" && (
          <button type="button" class="btn" onClick={() => outbox.retry()}>
            {t("save.retry")}
          </button>
        )}
        <SaveAsFile />
        <button type="button" class="btn btn-primary" onClick={closeDialog}>
          {t("dialog.close")}
        </button>
      </footer>
    </Dialog>
  );
}

/** What waits, as a file. */
export function SaveAsFile() {
  const session = useSession();
  return (
    <button
      type="button"
      class="btn"
      disabled={session.outbox.unsent.value === 0}
      onClick={() => void saveFile(session)}
    >
      {t("unsent.file")}
    </button>
  );
}

function troubleText(session: Session): string {
  const trouble = session.outbox.trouble.peek();
  if (trouble?.kind === "offline") return tn("save.offline", session.outbox.unsent.peek());
  return trouble ? t(`save.${trouble.kind}`) : "";
}

/** What came of bringing a file back. */
async function fromFile(session: Session, file: File): Promise<string> {
  const text = await textOf(file);
  const read = readUnsent(text ?? "", session.boot.user, location.origin);
  if (read.kind === "person") return t("unsent.person", { name: read.username });
  if (read.kind === "server") return t("unsent.server", { server: read.server });
  if (read.kind === "broken") return t("unsent.broken");
  const { taken, skipped, waiting } = await bringBack(session, read.rows);
  const parts = [tn("unsent.taken", taken)];
  if (waiting > 0) parts.push(tn("unsent.waiting", waiting));
  if (skipped > 0) parts.push(tn("unsent.skipped", skipped));
  return parts.join(" ");
}
