/* Which objects may be joined by which relation: the same rule as the server's, said before anything is sent. */

import type { Document } from "./document";
import { t } from "./i18n";
import { describe } from "./regions";
import { topic } from "./registry";
import type { Obj, Question } from "./types";

type Labels = Readonly<Record<string, unknown>>;

/** What is chosen of an object by the first choice that is asked of it; nothing fits any pair. */
function kindsOf(children: readonly Question[] = [], labels: Labels): readonly string[] {
  const choice = choiceOf(children);
  return (choice && topic(choice.type)?.value?.chosen?.(labels[choice.questionId])) ?? [];
}

/** The first question that asks for options, not for their order. */
export function choiceOf(children: readonly Question[] = []): Question | undefined {
  return children.find(({ type, options }) => {
    const value = topic(type)?.value;
    return options !== undefined && value?.chosen !== undefined && !value.ordered;
  });
}

/** Whether some pair lets a relation with these labels go from one object to the other. */
export function isAllowed(question: Question, from: Obj, to: Obj, labels: Labels): boolean {
  const { pairs = [], children, relationChildren } = question;
  if (pairs.length === 0) return true;
  const a = kindsOf(children, from.labels);
  const b = kindsOf(children, to.labels);
  const how = kindsOf(relationChildren, labels);
  return pairs.some((pair) => fits(pair.from, a) && fits(pair.to, b) && fits(pair.relation, how));
}

function fits(listed: readonly string[], given: readonly string[]): boolean {
  return listed.length === 0 || given.length === 0 || given.some((key) => listed.includes(key));
}

/** Why a relation may not be, in words; null where it may. */
export function whyForbidden(
  question: Question,
  from: Obj,
  to: Obj,
  labels: Labels,
): string | null {
  if (isAllowed(question, from, to, labels)) return null;
  const ends = { from: nameOf(question, from), to: nameOf(question, to) };
  if (!isAllowed(question, from, to, {})) return t("relation.noneBetween", ends);
  const relation = nameOf(question, { id: "", type: "", labels }, question.relationChildren);
  return t("relation.notThis", { ...ends, relation });
}

function nameOf(question: Question, object: Obj, children = question.children): string {
  const { text } = describe({ ...question, children: [...(children ?? [])] }, object);
  return text || t("region.unlabeled");
}

/** Why the objects of a question may not become these, in words; null where they may. */
export function whyNotChange(
  question: Question,
  document: Document,
  next: readonly Obj[],
): string | null {
  const link = topic(question.type)?.regions?.link;
  if (!link || !question.pairs?.length) return null;
  const changed = new Map(next.map((object) => [object.id, object]));
  const { byId } = document.objects(question.questionId);
  const now = (id: string) => changed.get(id) ?? byId.get(id);
  for (const id of byId.keys()) {
    const object = now(id) as Obj;
    const ends = link.ends(object);
    if (!ends || ![id, ends.from, ends.to].some((one) => changed.has(one))) continue;
    const [from, to] = [now(ends.from), now(ends.to)];
    const why = from && to ? whyForbidden(question, from, to, object.labels) : null;
    if (why) return why;
  }
  return null;
}

/** The labels that a new relation begins with: those used last if they are allowed, else the only one that is. */
export function labelsBetween(question: Question, from: Obj, to: Obj, used: Labels): Labels {
  if (isAllowed(question, from, to, used)) return used;
  const choice = choiceOf(question.relationChildren);
  if (!choice) return {};
  const spec = topic(choice.type)?.value;
  const { [choice.questionId]: _, ...rest } = used;
  const values = (spec?.hotkeys(choice, new Set()) ?? []).map(({ apply }) => apply(null));
  const free = values.filter((value) =>
    isAllowed(question, from, to, { ...rest, [choice.questionId]: value }),
  );
  return free.length === 1 ? { ...rest, [choice.questionId]: free[0] } : rest;
}
