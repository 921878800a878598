/* What was done and not yet acknowledged by the server.

   One row per (user, assignment, item) holds a queue of entries, oldest first. A row is written to the device before
   anything is sent and is dropped only on an answer, so a lost connection, a reload or a closed tab loses nothing. One
   request of an item is in flight at a time; it keeps its `write` uuid until it is answered, so that sending it twice
   does it once. Every entry stands on a version of the server's answer (`If-Match`). */

import { computed, signal } from "@preact/signals";
import { coalesce, type QueuedOp } from "./coalesce";
import { uuid } from "./ids";
import type { Element, Flag } from "./types";

export { coalesce, type QueuedOp };

export type VerbName =
  | "abandon"
  | "restore"
  | "unlock"
  | "pass"
  | "reject"
  | "adopt"
  /** A question about the item: it changes nothing of the answer. */
  | "flag";

export type Entry =
  | { kind: "ops"; ops: QueuedOp[] }
  | { kind: "verb"; verb: VerbName; body: Record<string, unknown> };

export interface Row {
  user: number;
  assignment: number;
  position: number;
  /** The server's version that the first entry stands on. */
  version: number;
  queue: Entry[];
  /** The uuid under which the first entry went out, until it is answered. */
  write: string | null;
  at: number;
}

export interface Store {
  load(user: number): Promise<Row[]>;
  put(row: Row): Promise<void>;
  remove(row: Row): Promise<void>;
}

export type Answer =
  | { kind: "stored"; version: number; state: string; verdict: string; late: boolean }
  /** A question reached the server. */
  | { kind: "noted"; flag: Flag }
  | { kind: "conflict"; version: number; results: Element[] | null }
  | { kind: "signin" }
  | { kind: "refused"; status: number; detail: string }
  | { kind: "unreachable"; retryAfter: number | null };

export type Transport = (
  row: Readonly<Row>,
  entry: Entry,
  write: string,
  options: { keepalive: boolean },
) => Promise<Answer>;

export type Trouble =
  | { kind: "offline" }
  | { kind: "signin" }
  | { kind: "refused"; position: number; status: number; detail: string }
  | { kind: "conflict"; position: number; version: number; results: Element[] | null };

export interface OutboxOptions {
  user: number;
  assignment: number;
  store: Store;
  transport: Transport;
  /** Told of every stored answer of this assignment. */
  onStored: (position: number, answer: Extract<Answer, { kind: "stored" }>, entry: Entry) => void;
  /** Told of every question of this assignment that arrived. */
  onNoted?: (position: number, flag: Flag) => void;
  debounce?: number;
  random?: () => number;
}

const FIRST_RETRY = 1000;
const LAST_RETRY = 30_000;
/** Bodies of keepalive requests share 64 KiB. */
const KEEPALIVE_BYTES = 60_000;

export class Outbox {
  private readonly rows = new Map<number, Row>();
  private readonly busy = new Set<number>();
  private readonly blocked = new Set<number>();
  private readonly waiters = new Set<() => void>();
  private writes: Promise<void> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private attempt = 0;
  private stopped = false;
  private readonly size = signal(0);
  private readonly flying = signal(0);
  /** What keeps entries from being stored, or null. */
  readonly trouble = signal<Trouble | null>(null);
  /** Entries on this device that the server has not acknowledged. */
  readonly unsent = computed(() => this.size.value);
  readonly sending = computed(() => this.flying.value > 0);

  constructor(private readonly options: OutboxOptions) {}

  /** Take over what an earlier visit left on this device. */
  async restore(): Promise<void> {
    const { user, assignment, store } = this.options;
    for (const row of await store.load(user)) {
      if (row.user === user && row.assignment === assignment) this.rows.set(row.position, row);
    }
    this.count();
    if (this.rows.size > 0) this.schedule(0);
  }

  /** What waits on this device, as it is now. */
  waiting(): Row[] {
    return [...this.rows.values()].map((row) => structuredClone(row));
  }

  /** Queue rows that were saved elsewhere, of items for which nothing waits here. */
  take(rows: readonly Row[]): void {
    for (const row of rows) {
      if (this.rows.has(row.position)) continue;
      const copy = structuredClone(row);
      this.rows.set(row.position, copy);
      this.changed(copy);
    }
    if (rows.length > 0) this.schedule(0);
  }

  /** What waits for an item, oldest first. */
  entries(position: number): readonly Entry[] {
    return this.rows.get(position)?.queue ?? [];
  }

  has(position: number): boolean {
    return this.rows.has(position);
  }

  /** Queue operations on an item that stood at `version` when its first unsent entry was made. */
  pushOps(position: number, ops: readonly QueuedOp[], version: number): void {
    const row = this.rowFor(position, version);
    const last = row.queue.at(-1);
    const open = last?.kind === "ops" && !(row.queue.length === 1 && row.write !== null);
    if (open) last.ops = coalesce([...last.ops, ...ops]);
    else row.queue.push({ kind: "ops", ops: coalesce(ops) });
    // A drawn and deleted box leaves nothing to say, unless it was the queue's only word.
    const tail = row.queue.at(-1);
    if (open && tail?.kind === "ops" && tail.ops.length === 0 && row.queue.length > 1) {
      row.queue.pop();
    }
    this.changed(row);
    // While offline the next try is already set; every stroke of work must not become one.
    if (this.trouble.value?.kind !== "offline") this.schedule(this.options.debounce ?? 300);
  }

  /** Queue a verdict or another verb on an item. */
  pushVerb(position: number, verb: VerbName, body: Record<string, unknown>, version: number): void {
    const row = this.rowFor(position, version);
    row.queue.push({ kind: "verb", verb, body });
    this.changed(row);
    this.schedule(0);
  }

  /** Send everything now; resolves true once all is stored, false as soon as something keeps it from being. */
  async flush(options: { keepalive?: boolean } = {}): Promise<boolean> {
    this.cancelTimer();
    this.pump(options.keepalive ?? false);
    if (options.keepalive) return this.rows.size === 0;
    return new Promise((resolve) => {
      const look = () => {
        const stuck = this.stopped || (this.trouble.value !== null && this.busy.size === 0);
        if (this.rows.size > 0 && !stuck) return;
        this.waiters.delete(look);
        resolve(this.rows.size === 0);
      };
      this.waiters.add(look);
      look();
    });
  }

  /** The server does not know the person any more, as something else of the page found out. */
  signedOut(): void {
    this.trouble.value ??= { kind: "signin" };
  }

  /** Try again at once: the connection came back, or the person signed in again. */
  retry(): void {
    const kind = this.trouble.value?.kind;
    if (kind === "offline" || kind === "signin") this.trouble.value = null;
    this.attempt = 0;
    this.schedule(0);
  }

  /** End a conflict: keep the person's entries on top of the server's version, or drop them. */
  resolveConflict(position: number, keep: "mine" | "theirs", serverVersion: number): void {
    const row = this.rows.get(position);
    this.blocked.delete(position);
    this.trouble.value = null;
    if (!row) return;
    if (keep === "theirs") {
      this.drop(row);
    } else {
      row.version = serverVersion;
      row.write = null;
      this.changed(row);
    }
    this.schedule(0);
  }

  /** Give up what the server refused of this item. */
  discard(position: number): void {
    const row = this.rows.get(position);
    this.blocked.delete(position);
    this.trouble.value = null;
    if (row) this.drop(row);
    this.schedule(0);
  }

  /** Send nothing any more (the tab became a reader). Rows stay on the device. */
  stop(): void {
    this.stopped = true;
    this.cancelTimer();
    this.wake();
  }

  private rowFor(position: number, version: number): Row {
    const { user, assignment } = this.options;
    let row = this.rows.get(position);
    if (!row) {
      row = { user, assignment, position, version, queue: [], write: null, at: Date.now() };
      this.rows.set(position, row);
    }
    if (this.blocked.has(position) && this.trouble.value?.kind === "refused") {
      // A further edit may be the correction of what was refused: both go out together.
      this.blocked.delete(position);
      this.trouble.value = null;
      row.write = null;
    }
    return row;
  }

  private changed(row: Row): void {
    row.at = Date.now();
    this.count();
    // Copied, since the row goes on changing while earlier writes wait for the device.
    const copy = structuredClone(row);
    this.writes = this.writes.then(() => this.options.store.put(copy));
  }

  private drop(row: Row): void {
    this.rows.delete(row.position);
    this.count();
    this.writes = this.writes.then(() => this.options.store.remove(row));
    this.wake();
  }

  private count(): void {
    let total = 0;
    for (const row of this.rows.values()) total += row.queue.length;
    this.size.value = total;
  }

  private wake(): void {
    for (const waiter of [...this.waiters]) waiter();
  }

  private cancelTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private schedule(delay: number): void {
    if (this.stopped) return;
    this.cancelTimer();
    this.timer = setTimeout(() => {
      this.timer = null;
      this.pump(false);
    }, delay);
  }

  private pump(keepalive: boolean): void {
    if (this.stopped || this.trouble.value?.kind === "signin") return;
    for (const row of this.rows.values()) {
      if (this.busy.has(row.position) || this.blocked.has(row.position)) continue;
      void this.send(row, keepalive);
    }
  }

  private async send(row: Row, keepalive: boolean): Promise<void> {
    const entry = row.queue[0];
    if (!entry) return this.drop(row);
    const fresh = row.write === null;
    row.write ??= uuid();
    this.busy.add(row.position);
    this.flying.value++;
    if (fresh) this.changed(row);
    // Away before the page goes: waiting for the device would come too late then.
    if (!keepalive) await this.writes.catch(() => undefined);
    const small = keepalive && JSON.stringify(entry).length < KEEPALIVE_BYTES;
    const answer = await this.options.transport(row, entry, row.write, { keepalive: small });
    this.busy.delete(row.position);
    this.flying.value--;
    this.settle(row, entry, answer);
    this.wake();
  }

  private settle(row: Row, entry: Entry, answer: Answer): void {
    const { position } = row;
    switch (answer.kind) {
      case "stored":
        row.version = answer.version;
        this.arrived(row);
        this.options.onStored(position, answer, entry);
        this.goOn(row);
        break;
      case "noted":
        this.arrived(row);
        this.options.onNoted?.(position, answer.flag);
        this.goOn(row);
        break;
      case "unreachable":
        this.trouble.value = { kind: "offline" };
        this.schedule(answer.retryAfter ?? this.backoff());
        break;
      case "signin":
        this.trouble.value = { kind: "signin" };
        break;
      case "conflict":
        this.blocked.add(position);
        this.trouble.value = { ...answer, position };
        break;
      case "refused":
        this.blocked.add(position);
        this.trouble.value = { ...answer, position };
        break;
    }
  }

  /** The first entry of the row is the server's now. */
  private arrived(row: Row): void {
    this.attempt = 0;
    if (this.trouble.value?.kind === "offline") this.trouble.value = null;
    row.write = null;
    row.queue.shift();
  }

  private goOn(row: Row): void {
    if (row.queue.length === 0) this.drop(row);
    else this.changed(row);
    if (this.rows.size > 0) this.schedule(0);
  }

  private backoff(): number {
    const wait = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** this.attempt++);
    return wait * (0.75 + (this.options.random ?? Math.random)() / 2);
  }
}
