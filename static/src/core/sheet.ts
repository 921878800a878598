/* One item as it is worked on: its payload, its document and operation log, and what drafts make of them. */

import { signal } from "@preact/signals";
import { Document, type Op, type ShellOf } from "./document";
import { OpLog } from "./oplog";
import type { Entry, QueuedOp } from "./outbox";
import { problemsOf } from "./problems";
import { topic } from "./registry";
import type { Element, ItemPayload, ItemState, Mode, Question, Template, Vote } from "./types";

export class Sheet {
  readonly payload;
  document: Document;
  readonly log: OpLog;
  /** The answer that is judged, or null where nothing is compared with. */
  readonly baseResults: readonly Element[];

  constructor(payload: ItemPayload, template: Template, mode: Mode, entries: readonly Entry[]) {
    const inspecting = mode === "check" || mode === "acceptance";
    this.baseResults = payload.base?.results ?? [];
    const own = inspecting ? payload.verdict === "modified" : payload.results !== null;
    const results = own ? (payload.results ?? []) : this.baseResults;
    this.document = new Document(template.questions, shellsFor(payload), results);
    let state = payload;
    for (const entry of entries) {
      if (entry.kind === "ops") replay(this.document, entry.ops);
      const vote = adoptedBy(entry, payload);
      if (vote) this.document = new Document(template.questions, shellsFor(payload), vote.results);
      state = expected(state, entry, mode, this.complete);
    }
    this.payload = signal(state);
    this.log = new OpLog(this.document);
  }

  /** Whether everything required is answered. */
  get complete(): boolean {
    return problemsOf(this.document, this.document.questions).length === 0;
  }

  get position(): number {
    return this.payload.peek().position;
  }
}

/** Shells of object answers, from the size of the picture they sit on. */
export function shellsFor(payload: ItemPayload): ShellOf {
  return (question: Question) => {
    const regions = topic(question.type)?.regions;
    return regions ? regions.shell(question, payload.media[question.field ?? ""]) : null;
  };
}

/** The vote that this entry makes the answer. */
function adoptedBy(entry: Entry, payload: ItemPayload): Vote | null {
  if (entry.kind !== "verb" || entry.verb !== "adopt") return null;
  return payload.votes?.find((vote) => vote.voter === entry.body.vote) ?? null;
}

/** Carry out operations from the outbox on a document that has no log yet. */
function replay(document: Document, ops: readonly QueuedOp[]): void {
  for (const op of ops) {
    document.apply({
      q: op.questionId,
      id: op.id,
      prev: op.id === null ? document.value(op.questionId) : document.part(op.questionId, op.id),
      next: op.value,
      before: op.before ?? null,
    });
  }
}

/** An operation as it is queued for the server. */
export function queued(op: Op): QueuedOp {
  const inserted = op.id !== null && op.prev === null && op.next !== null;
  return {
    questionId: op.q,
    id: op.id,
    value: op.next,
    ...(inserted && op.before !== null ? { before: op.before } : {}),
    fresh: op.id !== null && op.prev === null,
  };
}

/** The item as it will be once the server has stored this entry; its answer corrects what is guessed wrong. */
export function expected(
  payload: ItemPayload,
  entry: Entry,
  mode: Mode,
  complete: boolean,
): ItemPayload {
  if (entry.kind === "ops") {
    if (mode === "labeling") return { ...payload, state: complete ? "answered" : "open" };
    return { ...payload, state: "modified", verdict: "modified", feedback: "" };
  }
  const { body } = entry;
  const text = (name: string) => (typeof body[name] === "string" ? (body[name] as string) : "");
  switch (entry.verb) {
    case "abandon":
      return mode === "labeling"
        ? { ...payload, state: "abandoned", abandoned: true, reason: text("reason") }
        : { ...payload, state: "modified", verdict: "modified", abandoned: true };
    case "restore":
      return {
        ...payload,
        state: mode !== "labeling" ? "modified" : complete ? "answered" : "open",
        abandoned: false,
        reason: "",
      };
    case "unlock":
      return { ...payload, state: "open", locked: false };
    case "pass":
      return { ...payload, state: "passed", verdict: "passed", feedback: "", feedback_object: "" };
    case "reject":
      return {
        ...payload,
        state: "rejected",
        verdict: "rejected",
        feedback: text("feedback"),
        feedback_object: text("object"),
        error_type: text("error_type"),
        severity: text("severity"),
      };
    case "adopt": {
      const vote = adoptedBy(entry, payload);
      return {
        ...payload,
        state: "modified",
        verdict: "modified",
        feedback: "",
        feedback_object: "",
        abandoned: vote?.abandoned ?? false,
        votes: (payload.votes ?? []).map((one) => ({ ...one, adopted: one === vote })),
      };
    }
    case "flag":
      return { ...payload, flag: { thread: payload.flag?.thread ?? 0, state: "open" } };
  }
}

/** Whether the item needs nothing more before its package can be submitted. */
export function isDone(state: ItemState): boolean {
  return state !== "open";
}
