import { describe, expect, it } from "vitest";
import { setElement } from "./oplog";
import { Session } from "./session";
import { inMemory } from "./store";
import type { Bootstrap, ItemPayload, ItemSummary } from "./types";
import "../topic/input";

const ITEMS = 300;

function payload(position: number): ItemPayload {
  return {
    position,
    data: {},
    media: {},
    version: 0,
    state: "open",
    verdict: "",
    feedback: "",
    feedback_object: "",
    error_type: "",
    severity: "",
    base: null,
    previous_feedback: [],
    prior: {},
    locked: false,
    results: null,
    abandoned: false,
  };
}

function made(): Session {
  const items: ItemSummary[] = Array.from({ length: ITEMS }, (_, at) => ({
    position: at + 1,
    state: "open",
    version: 0,
  }));
  const question = { questionId: "1", type: "INPUT", markTitle: "Text" };
  const boot = {
    assignment: {
      id: 7,
      mode: "labeling",
      template: { views: [], questions: [question], abandon_reasons: [] },
      items,
      can: {},
      api: "/api/v1/assignments/7",
      state: "claimed",
      package: { number: 1, item_count: ITEMS },
    },
    position: 1,
    item: payload(1),
    now: "2026-01-01T00:00:00Z",
    user: { id: 1, username: "a", name: "a", claim_next: false, shortcuts: {} },
  } as unknown as Bootstrap;
  const stays = () => new Promise<never>(() => undefined);
  return new Session(boot, inMemory(), stays);
}

describe("the open item", () => {
  it("has one sheet, however many others are looked at beside it", () => {
    const session = made();
    const open = session.sheet.peek();
    for (let position = 2; position <= ITEMS; position++) {
      session.items.put(payload(position));
      session.sheetAt(position);
    }
    const sheet = session.sheetAt(1);
    expect(sheet).toBe(open);
    const next = { questionId: "1", type: "survey/value", data: "said beside others" };
    if (sheet) sheet.log.commit([setElement(sheet.document, "1", next)]);
    expect(session.sheet.peek()?.document.value("1")).toEqual(next);
  });
});
