import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Answer, coalesce, type Entry, Outbox, type QueuedOp, type Row } from "./outbox";
import { inMemory, isRow } from "./store";

const op = (id: string | null, value: unknown, more: Partial<QueuedOp> = {}): QueuedOp => ({
  questionId: "1",
  id,
  value,
  fresh: false,
  ...more,
});

interface Sent {
  position: number;
  version: number;
  write: string;
  entry: Entry;
}

/** A server by hand: what it was sent, and what it answers. */
function setup(user = 1) {
  const sent: Sent[] = [];
  const stored: number[] = [];
  let reply: (sent: Sent) => Answer | Promise<Answer> = ({ version }) => ok(version + 1);
  const store = inMemory();
  const make = () =>
    new Outbox({
      user,
      assignment: 7,
      store,
      random: () => 0.5,
      transport: async (row: Row, entry, write) => {
        const one = {
          position: row.position,
          version: row.version,
          write,
          entry: structuredClone(entry),
        };
        sent.push(one);
        return reply(one);
      },
      onStored: (position) => stored.push(position),
    });
  return {
    sent,
    stored,
    store,
    make,
    outbox: make(),
    answer: (next: typeof reply) => {
      reply = next;
    },
  };
}

const ok = (version: number): Answer => ({
  kind: "stored",
  version,
  state: "answered",
  verdict: "",
  late: false,
});
const offline: Answer = { kind: "unreachable", retryAfter: null };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("outbox", () => {
  it("sends edits in one request after a pause, with the version they stand on", async () => {
    const { outbox, sent, stored } = setup();
    outbox.pushOps(1, [op("a", { x: 1 })], 4);
    outbox.pushOps(1, [op("a", { x: 2 })], 4);
    outbox.pushOps(1, [op("b", { x: 3 })], 4);
    expect(outbox.unsent.value).toBe(1);
    await pass(299);
    expect(sent).toHaveLength(0);
    await pass(1);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ position: 1, version: 4 });
    expect(sent[0]?.entry).toEqual({ kind: "ops", ops: [op("a", { x: 2 }), op("b", { x: 3 })] });
    expect(stored).toEqual([1]);
    expect(outbox.unsent.value).toBe(0);
  });

  it("keeps one request of an item in flight and goes on from the version it answered", async () => {
    const { outbox, sent, answer } = setup();
    let release: (answer: Answer) => void = () => undefined;
    answer(() => new Promise((resolve) => (release = resolve)));
    outbox.pushOps(1, [op("a", 1)], 0);
    await pass(300);
    outbox.pushOps(1, [op("a", 2)], 0);
    await pass(1000);
    expect(sent).toHaveLength(1);
    release(ok(1));
    answer(() => ok(2));
    await pass(10);
    expect(sent.map((one) => one.version)).toEqual([0, 1]);
    expect(sent[0]?.write).not.toBe(sent[1]?.write);
    expect(outbox.unsent.value).toBe(0);
  });

  it("sends several items side by side", async () => {
    const { outbox, sent } = setup();
    outbox.pushOps(1, [op("a", 1)], 0);
    outbox.pushOps(2, [op("b", 1)], 5);
    await pass(300);
    expect(sent.map((one) => [one.position, one.version])).toEqual([
      [1, 0],
      [2, 5],
    ]);
  });

  it("tries again with the same uuid and ever longer pauses while the server is not reached", async () => {
    const { outbox, sent, answer } = setup();
    answer(() => offline);
    outbox.pushOps(1, [op("a", 1)], 0);
    await pass(300);
    expect(outbox.trouble.value).toEqual({ kind: "offline" });
    await pass(1000);
    expect(sent).toHaveLength(2);
    await pass(1999);
    expect(sent).toHaveLength(2);
    await pass(1);
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map((one) => one.write)).size).toBe(1);
    answer(({ version }) => ok(version + 1));
    outbox.retry();
    await pass(1);
    expect(outbox.trouble.value).toBeNull();
    expect(outbox.unsent.value).toBe(0);
  });

  it("does not hammer the server with every edit made offline, nor change what may have arrived", async () => {
    const { outbox, sent, answer } = setup();
    answer(() => offline);
    outbox.pushOps(1, [op("a", 1)], 0);
    await pass(300);
    for (let n = 2; n < 6; n++) {
      outbox.pushOps(1, [op("a", n)], 0);
      await pass(100);
    }
    expect(sent).toHaveLength(1);
    answer(({ version }) => ok(version + 1));
    await pass(2000);
    expect(sent.map((one) => one.entry)).toEqual([
      { kind: "ops", ops: [op("a", 1)] },
      { kind: "ops", ops: [op("a", 1)] },
      { kind: "ops", ops: [op("a", 5)] },
    ]);
  });

  it("survives a reload: rows come back with their uuid", async () => {
    const { outbox, sent, answer, make } = setup();
    answer(() => offline);
    outbox.pushOps(3, [op("a", 1)], 2);
    await pass(300);
    outbox.stop();
    answer(({ version }) => ok(version + 1));
    const later = make();
    await later.restore();
    expect(later.entries(3)).toEqual([{ kind: "ops", ops: [op("a", 1)] }]);
    await pass(1);
    expect(sent.at(-1)).toMatchObject({ position: 3, version: 2, write: sent[0]?.write });
    expect(later.unsent.value).toBe(0);
    const last = make();
    await last.restore();
    expect(last.unsent.value).toBe(0);
  });

  it("never takes up another person's or another assignment's rows", async () => {
    const { store, make } = setup(1);
    const row = { position: 1, version: 0, queue: [{ kind: "ops", ops: [] }], write: null, at: 0 };
    await store.put({ ...row, user: 2, assignment: 7 } as Row);
    await store.put({ ...row, user: 1, assignment: 8 } as Row);
    const outbox = make();
    await outbox.restore();
    expect(outbox.unsent.value).toBe(0);
  });

  it("waits for a signed-out person, then sends", async () => {
    const { outbox, sent, answer } = setup();
    answer(() => ({ kind: "signin" }));
    outbox.pushOps(1, [op("a", 1)], 0);
    await pass(300);
    expect(outbox.trouble.value).toEqual({ kind: "signin" });
    outbox.pushOps(1, [op("a", 2)], 0);
    await pass(60_000);
    expect(sent).toHaveLength(1);
    answer(({ version }) => ok(version + 1));
    outbox.retry();
    await pass(10);
    expect(outbox.unsent.value).toBe(0);
  });

  it("asks on a conflict; mine goes on top of the server's version under a new uuid", async () => {
    const { outbox, sent, answer } = setup();
    answer(() => ({ kind: "conflict", version: 9, results: [] }));
    outbox.pushOps(1, [op("a", 1)], 0);
    await pass(300);
    expect(outbox.trouble.value).toMatchObject({ kind: "conflict", position: 1, version: 9 });
    await pass(60_000);
    expect(sent).toHaveLength(1);
    answer(({ version }) => ok(version + 1));
    outbox.resolveConflict(1, "mine", 9);
    await pass(1);
    expect(sent[1]).toMatchObject({ version: 9 });
    expect(sent[1]?.write).not.toBe(sent[0]?.write);
  });

  it("drops the own side when the server's is taken", async () => {
    const { outbox, answer, make } = setup();
    answer(() => ({ kind: "conflict", version: 9, results: [] }));
    outbox.pushOps(1, [op("a", 1)], 0);
    await pass(300);
    outbox.resolveConflict(1, "theirs", 9);
    await pass(1);
    expect(outbox.unsent.value).toBe(0);
    const later = make();
    await later.restore();
    expect(later.unsent.value).toBe(0);
  });

  it("keeps what was refused until it is corrected or discarded, and other items go on", async () => {
    const { outbox, sent, answer } = setup();
    answer(({ position, version }) =>
      position === 1 ? { kind: "refused", status: 400, detail: "outside" } : ok(version + 1),
    );
    outbox.pushOps(1, [op("a", 1)], 0);
    outbox.pushOps(2, [op("b", 1)], 0);
    await pass(300);
    expect(outbox.trouble.value).toMatchObject({ kind: "refused", position: 1, detail: "outside" });
    expect(outbox.unsent.value).toBe(1);
    answer(({ version }) => ok(version + 1));
    outbox.pushOps(1, [op("a", 2)], 0);
    await pass(300);
    expect(sent.at(-1)?.entry).toEqual({ kind: "ops", ops: [op("a", 2)] });
    expect(outbox.unsent.value).toBe(0);
    answer(() => ({ kind: "refused", status: 400, detail: "no" }));
    outbox.pushOps(1, [op("a", 3)], 0);
    await pass(300);
    outbox.discard(1);
    expect(outbox.unsent.value).toBe(0);
    expect(outbox.trouble.value).toBeNull();
  });

  it("sends verdicts after the edits that came before them", async () => {
    const { outbox, sent } = setup();
    outbox.pushOps(1, [op("a", 1)], 0);
    outbox.pushVerb(1, "reject", { feedback: "x" }, 0);
    await pass(10);
    expect(sent.map((one) => one.entry.kind)).toEqual(["ops", "verb"]);
  });

  it("flushes: true once everything is stored, false when something keeps it", async () => {
    const { outbox, answer } = setup();
    outbox.pushOps(1, [op("a", 1)], 0);
    const stored = outbox.flush();
    await pass(1);
    expect(await stored).toBe(true);
    answer(() => offline);
    outbox.pushOps(1, [op("a", 2)], 1);
    const failed = outbox.flush();
    await pass(1);
    expect(await failed).toBe(false);
    expect(await setup().outbox.flush()).toBe(true);
  });

  it("heeds Retry-After", async () => {
    const { outbox, sent, answer } = setup();
    answer(() => ({ kind: "unreachable", retryAfter: 7000 }));
    outbox.pushOps(1, [op("a", 1)], 0);
    await pass(300 + 6999);
    expect(sent).toHaveLength(1);
    await pass(1);
    expect(sent).toHaveLength(2);
  });
});

describe("coalesce", () => {
  it("keeps the last value of each object and leaves out what came and went", () => {
    expect(
      coalesce([
        op("a", 1, { fresh: true }),
        op("b", 1),
        op("a", 2),
        op("c", 1, { fresh: true }),
        op("c", null),
      ]),
    ).toEqual([op("a", 2, { fresh: true }), op("b", 1)]);
  });

  it("keeps the deletion of what the server has, and the place of what is put back", () => {
    expect(coalesce([op("a", 1), op("a", null)])).toEqual([op("a", null)]);
    expect(coalesce([op("a", null), op("a", 1, { before: "b" })])).toEqual([
      op("a", 1, { before: "b" }),
    ]);
  });

  it("does not mix questions", () => {
    const other = { ...op(null, 1), questionId: "2" };
    expect(coalesce([op(null, 1), other])).toEqual([op(null, 1), other]);
  });
});

describe("a question", () => {
  it("waits with the work and leaves the answer's version as it is", async () => {
    const { outbox, sent, answer } = setup();
    answer(() => offline);
    outbox.pushOps(1, [op("a", 1)], 4);
    outbox.pushVerb(1, "flag", { text: "Which?" }, 4);
    outbox.pushOps(1, [op("a", 2)], 4);
    await pass(300);
    expect(outbox.unsent.value).toBe(3);
    answer(({ version, entry }) =>
      entry.kind === "verb"
        ? { kind: "noted", flag: { thread: 9, state: "open" } }
        : ok(version + 1),
    );
    outbox.retry();
    await pass(1000);
    expect(outbox.unsent.value).toBe(0);
    const done = sent.slice(-3);
    expect(done.map(({ version }) => version)).toEqual([4, 5, 5]);
    expect(new Set(done.map(({ write }) => write)).size).toBe(3);
  });
});

describe("rows from the device", () => {
  it("are taken only in the shape this page writes", () => {
    const row = { user: 1, assignment: 1, position: 1, version: 0, write: null, at: 0 };
    expect(isRow({ ...row, queue: [{ kind: "ops", ops: [] }] })).toBe(true);
    expect(isRow({ ...row, queue: [] })).toBe(false);
    expect(isRow({ ...row, queue: [{ kind: "else" }] })).toBe(false);
    expect(isRow({ ...row, user: "1", queue: [{ kind: "ops", ops: [] }] })).toBe(false);
    expect(isRow(null)).toBe(false);
  });
});
