/* Signing in again from within the page, and making sure that it is the same person. */

import { csrfToken, request } from "./api";
import { t } from "./i18n";
import type { Bootstrap } from "./types";

/** Sign the page's own user in; what went wrong, or null. */
export async function signIn(boot: Bootstrap, password: string): Promise<string | null> {
  try {
    // The form's page renews the token where the cookie has gone with the session.
    await fetch(boot.signin, { credentials: "same-origin", headers: { Accept: "text/html" } });
    const response = await fetch(boot.signin, {
      method: "POST",
      credentials: "same-origin",
      headers: {
        Accept: "application/json",
        "X-Requested-With": "XMLHttpRequest",
        "X-CSRFToken": csrfToken(),
        "Content-Type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ login: boot.user.username, password, remember: "on" }),
    });
    if (response.status >= 500) return t("save.unreachable");
    if (response.status === 429) return t("signin.tooMany");
    if (!response.ok) return t("signin.wrong");
  } catch {
    return t("save.unreachable");
  }
  return (await isSamePerson(boot)) ? null : t("signin.otherPerson");
}

/** Whether requests now go out under the name that the page was opened with. */
export async function isSamePerson(boot: Bootstrap): Promise<boolean> {
  const outcome = await request<{ id: number }>("/api/v1/me");
  // Where the server cannot say, nobody is accused.
  return (
    outcome.kind === "unreachable" || (outcome.kind === "ok" && outcome.body.id === boot.user.id)
  );
}
