import { describe, expect, it } from "vitest";
import type { Row } from "./outbox";
import { readUnsent } from "./unsent";

const lars = { id: 7, username: "lars" };
const server = "https://itag.example";

function row(more: Partial<Row> = {}): Row {
  const ops = [{ questionId: "1", id: null, value: null, fresh: false }];
  return {
    user: 7,
    assignment: 3,
    position: 2,
    version: 0,
    queue: [{ kind: "ops", ops }],
    write: null,
    at: 0,
    ...more,
  };
}
function file(more: object = {}): string {
  const whole = { kind: "itag-unsent", format: 1, server, user: lars, saved: "", rows: [row()] };
  return JSON.stringify({ ...whole, ...more });
}

describe("a file of unsent work", () => {
  it("is read by the person who saved it", () => {
    expect(readUnsent(file(), lars, server)).toEqual({ kind: "rows", rows: [row()] });
  });

  it("is nobody else's, and of no other server", () => {
    const mia = { id: 8, username: "mia" };
    expect(readUnsent(file(), mia, server)).toEqual({ kind: "person", username: "lars" });
    // Accounts of one number on two servers are not one person.
    const other = readUnsent(file(), { id: 7, username: "mia" }, server);
    expect(other).toEqual({ kind: "person", username: "lars" });
    expect(readUnsent(file({ server: "https://else" }), lars, server).kind).toBe("server");
    expect(readUnsent(file({ rows: [row({ user: 8 })] }), lars, server).kind).toBe("broken");
  });

  it("holds nothing but work on items", () => {
    const bad: unknown[] = [
      null,
      {},
      row({ position: 0 }),
      row({ assignment: -1 }),
      row({ version: 0.5 }),
      row({ queue: [] }),
      row({ queue: [null as never] }),
      row({ queue: [{ kind: "verb", verb: "../../submit" as never, body: {} }] }),
      row({ queue: [{ kind: "verb", verb: "pass", body: null as never }] }),
      row({ queue: [{ kind: "ops", ops: [{ questionId: 1 } as never] }] }),
    ];
    for (const rows of bad) {
      expect(readUnsent(file({ rows: [rows] }), lars, server).kind).toBe("broken");
    }
    for (const text of ["", "null", "[]", "{", file({ format: 2 }), file({ rows: {} })]) {
      expect(readUnsent(text, lars, server).kind).toBe("broken");
    }
  });
});
