/* A manager's correction of the answer in force: kept in the item's log until it is sent in one piece, with a reason. */

import { failed } from "./actions";
import { request } from "./api";
import { ask } from "./dialogs";
import { say } from "./flow";
import { t } from "./i18n";
import type { OpLog } from "./oplog";
import { coalesce } from "./outbox";
import { problemsOf } from "./problems";
import type { Session } from "./session";
import { queued } from "./sheet";
import type { Element, WireOp } from "./types";

/** The most characters of a reason. */
export const MOST_REASON = 200;

/** What the log has changed and not taken back, one operation per object, as the server takes it. */
export function collected(log: OpLog): WireOp[] {
  return coalesce(log.standing.map(queued)).map(({ fresh: _, ...op }) => op);
}

/** Why the open item's answer cannot be corrected, or "". */
export function whyNot(session: Session): string {
  const payload = session.payload.value;
  const why = session.boot.correct?.why ?? "";
  if (why || !payload) return why;
  return payload.state === "open" && !payload.disputed ? t("correct.unanswered") : "";
}

/** Why the open item cannot be abandoned, or "": what is not saved would be lost with it. */
export function whyNotAbandon(session: Session): string {
  return session.unsaved.value ? t("correct.first") : whyNot(session);
}

export function begin(session: Session): void {
  const why = whyNot(session);
  if (why) say(session, why, "warn");
  else if (session.sheet.peek() && session.correcting.peek() === null) session.correct(true);
}

/** Ask why, unless there is nothing to save or something required is missing. */
export function askSave(session: Session): void {
  const document = session.sheet.peek()?.document;
  if (!document || session.correcting.peek() === null) return;
  const problem = problemsOf(document, session.template.questions)[0];
  if (!session.unsaved.peek()) say(session, t("correct.clean"), "warn");
  else if (problem) {
    if (problem.object) session.selected.value = problem.object;
    say(session, problem.message, "bad");
  } else ask("correct");
}

export function askAbandon(session: Session): void {
  const why = whyNotAbandon(session);
  if (why) say(session, why, "warn");
  else if (session.sheet.peek()) ask("abandon-item");
}

/** Store the correction; what went wrong, or "". */
export async function save(session: Session, reason: string): Promise<string> {
  const sheet = session.sheet.peek();
  return sheet ? send(session, "correct", { ops: collected(sheet.log), reason }) : "";
}

/** Say that the item cannot be labeled; what went wrong, or "". */
export function abandon(session: Session, reason: string): Promise<string> {
  return send(session, "abandon", { reason });
}

async function send(
  session: Session,
  verb: "correct" | "abandon",
  body: Record<string, unknown>,
): Promise<string> {
  const position = session.position.peek();
  const outcome = await request<{ results: Element[]; abandoned: boolean }>(
    `${session.assignment.api}/items/${position}/${verb}`,
    { method: "POST", body },
  );
  if (outcome.kind !== "ok") return failed(outcome).message;
  const { results, abandoned } = outcome.body;
  const state = abandoned ? "abandoned" : "answered";
  say(session, t(abandoned ? "correct.abandoned" : "correct.saved"));
  await session.corrected(position, { results, abandoned, state });
  return "";
}

/** Begin at once where the address asks for it; the browser warns before what is not saved goes with the page. */
export function followCorrection(session: Session): void {
  if (!session.boot.correct) return;
  if (location.hash === "#correct") {
    history.replaceState(null, "", location.pathname);
    begin(session);
  }
  addEventListener("beforeunload", (event) => {
    if (session.unsaved.peek()) event.preventDefault();
  });
}
