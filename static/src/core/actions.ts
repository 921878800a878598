/* What ends or moves a package, and what needs the server's word at once: these wait for the answer. */

import { type FieldError, type Outcome, request } from "./api";
import { t, tn } from "./i18n";
import type { Session } from "./session";
import { isDone } from "./sheet";
import type { Assignment } from "./types";

export interface Missing {
  position: number | null;
  message: string;
}

export interface Failure {
  ok: false;
  message: string;
  code?: string;
  missing?: Missing[];
}

export type Result<T = null> = { ok: true; value: T } | Failure;

/** Everything stored first: a package must not go without its last answers. */
async function settled(session: Session): Promise<Result> {
  if (await session.outbox.flush()) return { ok: true, value: null };
  return { ok: false, message: tn("submit.unsent", session.outbox.unsent.peek()) };
}

export function failed(outcome: Exclude<Outcome<unknown>, { kind: "ok" }>): Failure {
  if (outcome.kind === "refused") {
    const missing = outcome.errors.flatMap((error) => toMissing(error));
    const { code, detail: message } = outcome;
    return { ok: false, message, code, ...(missing.length > 0 ? { missing } : {}) };
  }
  if (outcome.kind === "signin") return { ok: false, message: t("save.signin") };
  return { ok: false, message: t("save.unreachable") };
}

function toMissing(error: FieldError): Missing[] {
  const named = /^items\[(\d+)\]/.exec(error.field ?? "")?.[1];
  const position = error.position ?? (named === undefined ? null : Number(named));
  return position === null ? [] : [{ position, message: error.message }];
}

/** Items that still need an answer or a verdict, as far as this page knows. */
export function openItems(session: Session): Missing[] {
  return session.list
    .peek()
    .filter((item) => !isDone(item.state))
    .map(({ position }) => ({
      position,
      message: t(session.inspecting ? "submit.noVerdict" : "submit.noAnswer"),
    }));
}

/** Hand the package in; `returnTo`: where it goes if something was rejected, without the stage before. */
export async function submit(
  session: Session,
  returnTo = "",
): Promise<Result<{ next: string | null }>> {
  const stored = await settled(session);
  if (!stored.ok) return stored;
  const outcome = await request<{ state: string; next: string | null }>(
    `${session.assignment.api}/submit`,
    { method: "POST", body: returnTo ? { return_to: returnTo } : {} },
  );
  return outcome.kind === "ok" ? { ok: true, value: { next: outcome.body.next } } : failed(outcome);
}

/** Give the package back, to stop or to take another one. */
export async function giveBack(
  session: Session,
  verb: "release" | "skip",
  reason: string,
): Promise<Result> {
  const stored = await settled(session);
  if (!stored.ok) return stored;
  const outcome = await request(`${session.assignment.api}/${verb}`, {
    method: "POST",
    body: { reason },
  });
  return outcome.kind === "ok" ? { ok: true, value: null } : failed(outcome);
}

/** Take a package back that has been handed in: the address of the page where work on it goes on. */
export async function takeBack(session: Session, api: string): Promise<Result<string>> {
  // What was done since in the package that is open now goes first.
  if (session.mode !== "read") {
    const stored = await settled(session);
    if (!stored.ok) return stored;
  }
  const outcome = await request<{ url: string }>(`${api}/withdraw`, { method: "POST", body: {} });
  return outcome.kind === "ok" ? { ok: true, value: outcome.body.url } : failed(outcome);
}

export async function rejectPackage(session: Session, feedback: string): Promise<Result> {
  const stored = await settled(session);
  if (!stored.ok) return stored;
  const outcome = await request(`${session.assignment.api}/reject`, {
    method: "POST",
    body: { feedback },
  });
  return outcome.kind === "ok" ? { ok: true, value: null } : failed(outcome);
}

/** Pass every drawn item without a verdict. */
export async function passRest(session: Session): Promise<Result<number>> {
  const stored = await settled(session);
  if (!stored.ok) return stored;
  const outcome = await request<{ passed: number }>(`${session.assignment.api}/pass-rest`, {
    method: "POST",
    body: {},
  });
  if (outcome.kind !== "ok") return failed(outcome);
  await refresh(session);
  return { ok: true, value: outcome.body.passed };
}

/** Read the list of items and the open one anew. */
export async function refresh(session: Session): Promise<void> {
  const outcome = await request<Assignment>(session.assignment.api);
  if (outcome.kind === "ok") session.list.value = outcome.body.items;
  session.forgetLoaded();
  await session.reload(session.position.peek());
}

/** What taking a package came to: its page, nothing and why, or a guide that must be read first. */
export type Claim =
  | { kind: "taken"; url: string }
  | { kind: "nothing"; reason: string }
  | { kind: "guide"; message: string }
  | { kind: "failed"; message: string };

/** Take the next package of the same job and stage, or of any of the person's jobs. */
export async function claimNext(
  session: Session,
  where: "job" | "anywhere" = "job",
): Promise<Claim> {
  const { job, stage } = session.assignment;
  const outcome = await request<{ assignment: { url: string } | null; reason?: string }>(
    where === "job" ? `/api/v1/jobs/${job.id}/claim` : "/api/v1/claim",
    { method: "POST", body: where === "job" ? { stage } : {} },
  );
  if (outcome.kind === "ok") {
    const { assignment, reason } = outcome.body;
    if (assignment) return { kind: "taken", url: assignment.url };
    return { kind: "nothing", reason: reason || t("submit.noMore") };
  }
  const { message, code } = failed(outcome);
  return { kind: code === "guide" ? "guide" : "failed", message };
}
