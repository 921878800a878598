/* What is wrong with a template, at the part that it is about. */

import type { FieldError } from "../core/api";
import { type Draft, NESTS, type Nest, type QuestionPart } from "./model";

export interface Fault {
  /** The part, or null for the template as a whole. */
  uid: string | null;
  /** What of it: `markTitle`, `options[2].label`. */
  member: string;
  message: string;
}

/** The server's faults, found in the draft that it was asked about. */
export function faultsOf(draft: Draft, errors: readonly FieldError[]): Fault[] {
  return errors.map(({ field = "", message }) => ({ ...locate(draft, field), message }));
}

function locate(draft: Draft, field: string): { uid: string | null; member: string } {
  const view = /^views\[(\d+)\]\.?(.*)$/.exec(field);
  if (view) {
    const found = draft.views[Number(view[1])];
    if (found) return { uid: found.uid, member: view[2] ?? "" };
  }
  let inside: readonly QuestionPart[] = draft.questions;
  let rest = field;
  let found: QuestionPart | null = null;
  let nest: string = "questions";
  for (;;) {
    const step = /^(\w+)\[(\d+)\]\.?(.*)$/.exec(rest);
    if (!step || step[1] !== nest) break;
    const next: QuestionPart | undefined = inside[Number(step[2])];
    if (!next) break;
    found = next;
    rest = step[3] ?? "";
    const deeper = /^(\w+)\[/.exec(rest)?.[1];
    if (!deeper || !(NESTS as readonly string[]).includes(deeper)) break;
    nest = deeper;
    inside = next.nests[deeper as Nest];
  }
  return found ? { uid: found.uid, member: rest } : { uid: null, member: field };
}
