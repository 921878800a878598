/* Entries of the outbox as requests to the API. */

import { request } from "./api";
import type { Answer, Entry, Row, Transport } from "./outbox";
import type { Element, FlagState } from "./types";
import type { WorkTime } from "./worktime";

interface Stored {
  version: number;
  state: string;
  verdict: string;
  late: boolean;
}

/**
 * Sends an entry. `isMe`: whether requests still go out under the name that the page was opened with. Somebody else's
 * session is refused by the server like a stranger's; the person is asked to sign in again instead.
 */
export function makeTransport(time: WorkTime, isMe: () => Promise<boolean>): Transport {
  return async (row, entry, write, { keepalive }) => {
    const item = `/api/v1/assignments/${row.assignment}/items/${row.position}`;
    const answer =
      entry.kind === "ops"
        ? await save(item, row, entry, write, keepalive, time)
        : await tell(item, entry, write, keepalive);
    const unknown = answer.kind === "refused" && (answer.status === 403 || answer.status === 404);
    return unknown && !keepalive && !(await isMe()) ? { kind: "signin" } : answer;
  };
}

async function tell(
  item: string,
  entry: Extract<Entry, { kind: "verb" }>,
  write: string,
  keepalive: boolean,
): Promise<Answer> {
  const options = { method: "POST", body: { ...entry.body, write }, keepalive };
  if (entry.verb !== "flag") {
    return answerOf(await request<Stored>(`${item}/${entry.verb}`, options));
  }
  const outcome = await request<{ id: number; state: FlagState }>(`${item}/flag`, options);
  if (outcome.kind !== "ok") return answerOf(outcome);
  const { id: thread, state } = outcome.body;
  return { kind: "noted", flag: { thread, state } };
}

async function save(
  item: string,
  row: Row,
  entry: Extract<Entry, { kind: "ops" }>,
  write: string,
  keepalive: boolean,
  time: WorkTime,
): Promise<Answer> {
  const seconds = time.take();
  const ops = entry.ops.map(({ fresh: _, ...op }) => op);
  const answer = answerOf(
    await request<Stored>(item, {
      method: "PATCH",
      headers: { "If-Match": `"${row.version}"` },
      body: { write, ops, seconds },
      keepalive,
    }),
  );
  if (answer.kind !== "stored") time.giveBack(seconds);
  return answer;
}

function answerOf(outcome: Awaited<ReturnType<typeof request<Stored>>>): Answer {
  switch (outcome.kind) {
    case "ok":
      return { kind: "stored", ...outcome.body };
    case "refused": {
      const { status, code, detail, body } = outcome;
      if (status === 409 && code === "version_conflict") {
        const { version, results } = body as { version: number; results: Element[] | null };
        return { kind: "conflict", version, results };
      }
      return { kind: "refused", status, detail };
    }
    default:
      return outcome;
  }
}
