/* Whose answer was rejected or changed may say once that it was right. */

import { request } from "./api";
import { t } from "./i18n";
import type { Session } from "./session";

/** Appeal against the verdict on this person's answer to the open item; what went wrong, or "". */
export async function appeal(session: Session, text: string): Promise<string> {
  const position = session.position.peek();
  const outcome = await request(`${session.assignment.api}/items/${position}/appeal`, {
    method: "POST",
    body: { text },
  });
  if (outcome.kind === "refused") return outcome.detail;
  if (outcome.kind !== "ok") return t("save.unreachable");
  await session.reload(position);
  return "";
}
