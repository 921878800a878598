/* Questions about items: fetched when their item is open, kept while the page lives. */

import { signal } from "@preact/signals";
import { request } from "./api";
import { t } from "./i18n";
import type { Session } from "./session";
import type { Flag, FlagState } from "./types";

export interface Message {
  id: number;
  author: string | null;
  mine: boolean;
  text: string;
  is_answer: boolean;
  published: boolean;
  created_at: string;
}

export interface Thread {
  id: number;
  state: FlagState;
  author: string | null;
  mine: boolean;
  can: { write: boolean };
  messages: readonly Message[];
}

/** By the item's position. */
const threads = signal<ReadonlyMap<number, readonly Thread[]>>(new Map());

export function threadsAt(position: number): readonly Thread[] {
  return threads.value.get(position) ?? [];
}

/** Fetch the questions about an item, the one of its flag first; without effect where they cannot be had. */
export async function loadThreads(session: Session, position: number, flag: Flag): Promise<void> {
  const { id, api } = session.assignment;
  const found =
    id === null
      ? await request<Thread>(`/api/v1/threads/${flag.thread}`)
      : await request<{ results: Thread[] }>(`${api}/items/${position}/flag`);
  if (found.kind !== "ok") return;
  const list = "results" in found.body ? found.body.results : [found.body];
  threads.value = new Map(threads.peek()).set(position, list);
  const first = list[0];
  if (first) session.desk.setFlag(position, { thread: first.id, state: first.state });
}

/** Write into a question; what went wrong, or "". `write` stays the same until it has arrived. */
export async function reply(
  session: Session,
  position: number,
  thread: Thread,
  text: string,
  write: string,
): Promise<string> {
  const outcome = await request(`/api/v1/threads/${thread.id}/messages`, {
    method: "POST",
    body: { text, write },
  });
  if (outcome.kind === "refused") return outcome.detail;
  if (outcome.kind !== "ok") return t("save.unreachable");
  await loadThreads(session, position, { thread: thread.id, state: thread.state });
  return "";
}
