import { describe, expect, it } from "vitest";
import "../topic/choice";
import type { Entry, VerbName } from "./outbox";
import { Sheet } from "./sheet";
import type { Element, ItemPayload, Template } from "./types";

const template: Template = {
  views: [],
  questions: [{ questionId: "1", type: "RADIO", markTitle: "Kind", mustFill: true }],
  abandon_reasons: [],
};
const said = (data: string): Element[] => [{ questionId: "1", type: "survey/value", data }];
const payload: ItemPayload = {
  position: 1,
  data: {},
  media: {},
  results: null,
  version: 0,
  state: "open",
  abandoned: false,
  verdict: "",
  feedback: "",
  feedback_object: "",
  error_type: "",
  severity: "",
  base: null,
  previous_feedback: [],
  prior: {},
  locked: false,
  disputed: true,
  votes: ["car", "bus"].map((data, index) => ({
    voter: index + 1,
    author: null,
    results: said(data),
    abandoned: false,
    adopted: false,
  })),
};
const verb = (name: VerbName, body: Record<string, unknown>): Entry => ({
  kind: "verb",
  verb: name,
  body,
});
const change = (value: Element | null): Entry => ({
  kind: "ops",
  ops: [{ questionId: "1", id: null, value, fresh: false }],
});

describe("a sheet with unsent work", () => {
  it("has the vote that was adopted, and what was changed after it", () => {
    const adopted = new Sheet(payload, template, "check", [verb("adopt", { vote: 2 })]);
    expect(adopted.document.toResults()).toEqual(said("bus"));
    expect(adopted.payload.value).toMatchObject({ state: "modified", verdict: "modified" });
    expect(adopted.payload.value.votes?.map((vote) => vote.adopted)).toEqual([false, true]);
    const entries = [verb("adopt", { vote: 2 }), change(said("van")[0] as Element)];
    const changed = new Sheet(payload, template, "check", entries);
    expect(changed.document.toResults()).toEqual(said("van"));
  });

  it("is flagged by a question, which decides nothing", () => {
    const flagged = new Sheet(payload, template, "labeling", [verb("flag", { text: "Which?" })]);
    expect(flagged.payload.value.flag).toEqual({ thread: 0, state: "open" });
    expect(flagged.payload.value.state).toBe("open");
    const known = { ...payload, flag: { thread: 4, state: "answered" as const } };
    const again = new Sheet(known, template, "labeling", [verb("flag", { text: "And?" })]);
    expect(again.payload.value.flag).toEqual({ thread: 4, state: "open" });
  });
});
