/* The job's guide: fetched when it is first looked at, and confirmed version by version. */

import { signal } from "@preact/signals";
import { request } from "./api";
import { t } from "./i18n";
import type { Session } from "./session";

export interface Guide {
  version: number;
  /** Clean HTML; empty for a PDF. */
  html: string;
  /** The address of the PDF, or null. */
  file: string | null;
  note: string;
  confirmed: boolean;
}

export interface PublishedAnswer {
  id: number;
  question: string;
  answer: string;
  published_at: string;
}

/** Whether the guide lies open beside the work. */
export const guideOpen = signal(false);
export const guide = signal<Guide | null>(null);
export const answers = signal<readonly PublishedAnswer[]>([]);
export const guideProblem = signal("");

/** Fetch the guide and the published answers, the guide only if another version is known of. */
export async function loadGuide(session: Session): Promise<void> {
  const api = `/api/v1/jobs/${session.assignment.job.id}`;
  const known = session.desk.guide.peek();
  const stale =
    guide.peek() === null || (known !== null && known.version !== guide.peek()?.version);
  const [text, said] = await Promise.all([
    stale && known ? request<Guide>(`${api}/guide`) : null,
    request<{ results: PublishedAnswer[] }>(`${api}/answers`),
  ]);
  if (text?.kind === "ok") guide.value = text.body;
  guideProblem.value = text && text.kind !== "ok" ? t("guide.unreachable") : "";
  if (said.kind === "ok") answers.value = said.body.results;
}

/** Say that the guide was read; what went wrong, or "". */
export async function confirmGuide(session: Session): Promise<string> {
  const shown = guide.peek();
  if (!shown) return t("guide.unreachable");
  const outcome = await request(`/api/v1/jobs/${session.assignment.job.id}/guide/confirm`, {
    method: "POST",
    body: { version: shown.version },
  });
  if (outcome.kind === "refused") return outcome.detail;
  if (outcome.kind !== "ok") return t("guide.unreachable");
  guide.value = { ...shown, confirmed: true };
  const known = session.desk.guide.peek();
  if (known?.version === shown.version) session.desk.guide.value = { ...known, confirmed: true };
  return "";
}

/* Where each version was left, so that it opens there again. */

const place = (job: number, version: number) => `itag.guide.${job}.${version}`;

export function leftAt(job: number, version: number): number {
  try {
    return Number(sessionStorage.getItem(place(job, version))) || 0;
  } catch {
    return 0;
  }
}

export function leaveAt(job: number, version: number, top: number): void {
  try {
    sessionStorage.setItem(place(job, version), String(Math.round(top)));
  } catch {
    // It opens at its beginning then.
  }
}
