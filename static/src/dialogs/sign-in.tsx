/* The session has ended: sign in again without leaving the page, and what waits is sent. */

import { useId, useState } from "preact/hooks";
import { t, tn } from "../core/i18n";
import { signIn } from "../core/sign-in";
import { useSession } from "../ui/context";
import { Dialog } from "../ui/dialog";
import { SaveAsFile } from "./unsent";

export function SignInDialog() {
  const session = useSession();
  const ids = { name: useId(), password: useId() };
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const submit = async () => {
    if (!password || busy) return;
    setBusy(true);
    const result = await signIn(session.boot, password);
    setBusy(false);
    setPassword("");
    if (result === null) session.outbox.retry();
    else setError(result);
  };
  return (
    <Dialog title="signin.title" onClose={() => undefined} firm onSubmit={() => void submit()}>
      <p>{tn("signin.text", session.outbox.unsent.value)}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div class="field">
          <label for={ids.name}>{t("signin.name")}</label>
          <input
            id={ids.name}
            type="text"
            readOnly
            autocomplete="username"
            value={session.boot.user.username}
          />
        </div>
        <div class="field">
          <label for={ids.password}>{t("signin.password")}</label>
          <input
            id={ids.password}
            type="password"
            autocomplete="current-password"
            autofocus
            value={password}
            aria-invalid={error !== ""}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
          {error && (
            <p class="error" role="alert">
              {error}
            </p>
          )}
        </div>
        <footer>
          <a class="btn btn-quiet" href={session.boot.signin} target="_blank" rel="noopener">
            {t("signin.page")}
          </a>
          <SaveAsFile />
          <button type="button" class="btn" onClick={() => session.outbox.retry()}>
            {t("signin.again")}
          </button>
          <button type="submit" class="btn btn-primary" disabled={busy || !password}>
            {t("signin.action")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
