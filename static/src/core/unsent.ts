/* Work that cannot be sent, as a file: saved from this device, brought back on this or another one.

   A file belongs to one person of one server. Whoever else is signed in cannot bring it back, so nothing in it is ever
   stored under another name; what it says of an item goes through the outbox like any other work, on the version that
   it was made on. */

import { sendLeftovers } from "./leftovers";
import type { Entry, Row, VerbName } from "./outbox";
import type { Session } from "./session";
import { isRow } from "./store";

const KIND = "itag-unsent";
const FORMAT = 1;
/** Files above this are not ours. */
const MOST_BYTES = 64 * 1024 * 1024;
const VERBS: ReadonlySet<string> = new Set<VerbName>([
  "abandon",
  "restore",
  "unlock",
  "pass",
  "reject",
  "adopt",
  "flag",
]);

export interface UnsentFile {
  kind: typeof KIND;
  format: typeof FORMAT;
  server: string;
  user: { id: number; username: string };
  saved: string;
  rows: Row[];
}

export type Read =
  | { kind: "rows"; rows: Row[] }
  /** It is somebody else's. */
  | { kind: "person"; username: string }
  /** It is of another server. */
  | { kind: "server"; server: string }
  | { kind: "broken" };

export interface Back {
  /** Entries that wait here now, or have been sent. */
  taken: number;
  /** Items for which something newer waits on this device. */
  skipped: number;
  /** Entries that the server has not taken yet. */
  waiting: number;
}

/** Everything of this person that waits on the device, of every package. */
export async function unsentRows(session: Session): Promise<Row[]> {
  const here = session.outbox.waiting();
  const known = new Set(here.map((row) => `${row.assignment}/${row.position}`));
  const kept = await session.store.load(session.boot.user.id);
  return [...here, ...kept.filter((row) => !known.has(`${row.assignment}/${row.position}`))];
}

export function asFile(session: Session, rows: Row[]): UnsentFile {
  const { id, username } = session.boot.user;
  return {
    kind: KIND,
    format: FORMAT,
    server: location.origin,
    user: { id, username },
    saved: new Date().toISOString(),
    rows,
  };
}

/** Hand the file to the browser's downloads. */
export async function saveFile(session: Session): Promise<void> {
  const file = asFile(session, await unsentRows(session));
  const blob = new Blob([JSON.stringify(file)], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `itag-unsent-${file.user.username}-${file.saved.slice(0, 19).replace(/\D/g, "")}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** What a file says, if this person may bring it back here. */
export function readUnsent(
  text: string,
  user: { id: number; username: string },
  server: string,
): Read {
  let file: Partial<UnsentFile> | null;
  try {
    file = JSON.parse(text) as Partial<UnsentFile> | null;
  } catch {
    return { kind: "broken" };
  }
  if (typeof file !== "object" || file?.kind !== KIND || file.format !== FORMAT) {
    return { kind: "broken" };
  }
  if (file.server !== server) return { kind: "server", server: String(file.server).slice(0, 100) };
  if (file.user?.id !== user.id || file.user.username !== user.username) {
    return { kind: "person", username: String(file.user?.username ?? "").slice(0, 100) };
  }
  const { rows } = file;
  const good = Array.isArray(rows) && rows.every((row) => isOurs(row, user.id));
  return good ? { kind: "rows", rows } : { kind: "broken" };
}

function isOurs(value: unknown, user: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { queue } = value as Partial<Row>;
  if (!Array.isArray(queue) || queue.some((entry) => typeof entry !== "object" || !entry)) {
    return false;
  }
  if (!isRow(value)) return false;
  return (
    value.user === user &&
    value.assignment > 0 &&
    value.position > 0 &&
    value.version >= 0 &&
    value.queue.every(isEntry)
  );
}

function isEntry(entry: Entry): boolean {
  if (entry.kind === "verb") return VERBS.has(entry.verb) && entry.body !== null;
  return entry.ops.every(
    (op) =>
      typeof op === "object" &&
      op !== null &&
      typeof op.questionId === "string" &&
      (op.id === null || typeof op.id === "string") &&
      typeof op.fresh === "boolean",
  );
}

/** Queue what a file holds; what this device has of the same item is newer and stays. */
export async function bringBack(session: Session, rows: readonly Row[]): Promise<Back> {
  const { boot, outbox, store, transport } = session;
  const mine = session.active ? (boot.assignment.id ?? 0) : 0;
  const here = new Set(
    (await unsentRows(session)).map((row) => `${row.assignment}/${row.position}`),
  );
  const fresh = rows.filter((row) => !here.has(`${row.assignment}/${row.position}`));
  const positions = new Set(session.list.peek().map((item) => item.position));
  const own = fresh.filter((row) => row.assignment === mine && positions.has(row.position));
  const others = fresh.filter((row) => row.assignment !== mine);
  for (const row of others) await store.put(row);
  outbox.take(own);
  if (own.length > 0) {
    session.rebuild();
    await outbox.flush();
  }
  await sendLeftovers(boot.user.id, mine, store, transport);
  const taken = [...own, ...others];
  const waits = new Set(
    (await unsentRows(session)).map((row) => `${row.assignment}/${row.position}`),
  );
  const count = (some: readonly Row[]) => some.reduce((sum, row) => sum + row.queue.length, 0);
  return {
    taken: count(taken),
    skipped: rows.length - taken.length,
    waiting: count(taken.filter((row) => waits.has(`${row.assignment}/${row.position}`))),
  };
}

/** The text of a file of a likely size, or null. */
export async function textOf(file: File): Promise<string | null> {
  if (file.size > MOST_BYTES) return null;
  return file.text().catch(() => null);
}
