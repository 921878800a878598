/* The outbox on the device: IndexedDB, or memory where the browser refuses it (private windows). */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Row, Store } from "./outbox";

interface Schema extends DBSchema {
  outbox: { key: [number, number, number]; value: Row; indexes: { user: number } };
}

const NAME = "itag";
/** Raised only together with a migration of the rows that are there: they may be the only copy of somebody's work. */
const VERSION = 1;

export interface OpenStore extends Store {
  /** Whether rows outlive the page. */
  lasting: boolean;
}

export async function openStore(): Promise<OpenStore> {
  try {
    const db = await openDB<Schema>(NAME, VERSION, {
      upgrade(database, from) {
        if (from < 1) {
          const rows = database.createObjectStore("outbox", {
            keyPath: ["user", "assignment", "position"],
          });
          rows.createIndex("user", "user");
        }
      },
      blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
    });
    return onDevice(db);
  } catch {
    return inMemory();
  }
}

function onDevice(db: IDBPDatabase<Schema>): OpenStore {
  return {
    lasting: true,
    load: async (user) => (await db.getAllFromIndex("outbox", "user", user)).filter(isRow),
    put: async (row) => void (await db.put("outbox", row)),
    remove: (row) => db.delete("outbox", [row.user, row.assignment, row.position]),
  };
}

export function inMemory(): OpenStore {
  const rows = new Map<string, Row>();
  const key = (row: Row) => `${row.user}/${row.assignment}/${row.position}`;
  return {
    lasting: false,
    load: async (user) => [...rows.values()].filter((row) => row.user === user),
    put: async (row) => void rows.set(key(row), row),
    remove: async (row) => void rows.delete(key(row)),
  };
}

/** Whether what the device gave back is a row of ours: another version of the page may have written it. */
export function isRow(value: unknown): value is Row {
  const row = value as Partial<Row> | null;
  return (
    typeof row === "object" &&
    row !== null &&
    [row.user, row.assignment, row.position, row.version].every(Number.isInteger) &&
    (row.write === null || typeof row.write === "string") &&
    Array.isArray(row.queue) &&
    row.queue.length > 0 &&
    row.queue.every(
      (entry) =>
        (entry.kind === "ops" && Array.isArray(entry.ops)) ||
        (entry.kind === "verb" && typeof entry.verb === "string" && typeof entry.body === "object"),
    )
  );
}
