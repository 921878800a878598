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

export type Result<T = null> =
  | { ok: true; value: T }
  | { ok: false; message: string; missing?: Missing[] };

/** Everything stored first: a package must not go without its last answers. */
async function settled(session: Session): Promise<Result> {
  if (await session.outbox.flush()) return { ok: true, value: null };
  return { ok: false, message: tn("submit.unsent", session.outbox.unsent.peek()) };
}

function failed(outcome: Exclude<Outcome<unknown>, { kind: "ok" }>): Result<never> {
  if (outcome.kind === "refused") {
    const missing = outcome.errors.flatMap((error) => toMissing(error));
    return { ok: false, message: outcome.detail, ...(missing.length > 0 ? { missing } : {}) };
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

export async function release(session: Session, reason: string): Promise<Result> {
  const stored = await settled(session);
  if (!stored.ok) return stored;
  const outcome = await request(`${session.assignment.api}/release`, {
    method: "POST",
    body: { reason },
  });
  return outcome.kind === "ok" ? { ok: true, value: null } : failed(outcome);
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

/** Take the next package of the same job and stage: the address of its page, or null where none waits. */
export async function claimNext(session: Session): Promise<Result<string | null>> {
  const outcome = await request<{ assignment: { url: string } | null; reason?: string }>(
    `/api/v1/jobs/${session.assignment.job.id}/claim`,
    { method: "POST", body: { stage: session.assignment.stage } },
  );
  if (outcome.kind !== "ok") return failed(outcome);
  return { ok: true, value: outcome.body.assignment?.url ?? null };
}
