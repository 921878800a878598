/* What people do with relations between objects, from mouse, keys or lists. Each is one step of undo. */

import { computed, signal } from "@preact/signals";
import { lockedIds, reveal } from "../content/compare";
import { askedRegions } from "./asked";
import type { Document } from "./document";
import { say } from "./flow";
import { t } from "./i18n";
import { uuid } from "./ids";
import { setObject } from "./oplog";
import { labelsBetween, whyForbidden } from "./pairs";
import { findRegion, type Region } from "./region-actions";
import { describe, labelsFor, relationKey } from "./regions";
import type { LinkSpec } from "./registry";
import type { Session } from "./session";
import type { Obj, Question } from "./types";

/** The relation that is being made by keys: from where, and to where it would go now. */
export const relating = signal<{ from: string; to: string | null } | null>(null);

/** Where it begins; the same as long as it does, wherever it would go. */
export const beganAt = computed(() => relating.value?.from ?? null);

/** Whether relations are asked for at all. */
export function relates(question: Question): boolean {
  return (question.relationChildren ?? []).length > 0;
}

/** How the question's objects are joined, if they are. */
function linkOf(region: Region | null): LinkSpec | null {
  return region && relates(region.question.question) ? (region.question.spec.link ?? null) : null;
}

/** The chosen object if a relation can begin at it. */
export function beginning(session: Session): Region | null {
  const region = findRegion(session, session.selected.peek());
  const link = linkOf(region);
  if (!region || !link || session.frozen.peek() !== null) return null;
  return session.selection.peek().size === 1 && !link.ends(region.object) ? region : null;
}

/** Begin a relation at the chosen object. */
export function begin(session: Session): void {
  const from = beginning(session);
  if (from) relating.value = { from: from.object.id, to: null };
}

/** The chosen relation, whether it may be changed or not. */
export function chosenRelation(session: Session): Region | null {
  const region = findRegion(session, session.selected.peek());
  return region && linkOf(region)?.ends(region.object) ? region : null;
}

/** Join two objects and choose what joins them; whether that was possible. Why it was not is said. */
export function relate(session: Session, fromId: string, toId: string): boolean {
  const from = findRegion(session, fromId);
  const to = findRegion(session, toId);
  const document = session.sheet.peek()?.document;
  const link = linkOf(from);
  if (!from || !to || !document || !link || session.frozen.peek() !== null) return false;
  const { question } = from.question;
  const why = whyNot(from, to);
  if (why) {
    say(session, why, "warn");
    return false;
  }
  const used = labelsFor(relationKey(question.questionId));
  const labels = labelsBetween(question, from.object, to.object, used);
  const made = link.create(uuid(), fromId, toId, { ...labels });
  const same = twin(document, question, link, made);
  if (same) {
    session.selected.value = same.id;
    return true;
  }
  session.commit([setObject(document, question.questionId, made.id, made)]);
  session.selected.value = made.id;
  return true;
}

function whyNot(from: Region, to: Region): string | null {
  if (from.object.id === to.object.id) return t("relation.other");
  if (from.question.question !== to.question.question) return t("relation.otherQuestion");
  return whyForbidden(from.question.question, from.object, to.object, {});
}

/** The relation that says the same already. */
function twin(
  document: Document,
  { questionId }: Question,
  link: LinkSpec,
  made: Obj,
): Obj | undefined {
  const said = (object: Obj) => {
    const ends = link.ends(object);
    return ends && `${ends.from}\n${ends.to}\n${JSON.stringify(object.labels)}`;
  };
  const wanted = said(made);
  return [...document.objects(questionId).byId.values()].find((one) => said(one) === wanted);
}

/** Let the chosen relation go the other way. */
export function reverse(session: Session): void {
  const region = chosenRelation(session);
  const document = session.sheet.peek()?.document;
  const link = linkOf(region);
  const ends = region && link?.ends(region.object);
  if (!region || !document || !link || !ends || session.frozen.peek() !== null) return;
  const { object } = region;
  const { question } = region.question;
  if (lockedIds.peek().has(object.id)) {
    say(session, t("region.isLocked"), "warn");
    return;
  }
  const [from, to] = [findRegion(session, ends.to), findRegion(session, ends.from)];
  const why = from && to && whyForbidden(question, from.object, to.object, object.labels);
  if (why) {
    say(session, why, "warn");
    return;
  }
  const next = link.create(object.id, ends.to, ends.from, object.labels);
  session.commit([setObject(document, question.questionId, object.id, next)]);
}

/** Relations of an object, in the order of the list; without one, all of them. */
function relationsOf(session: Session, id: string | null): string[] {
  const document = session.sheet.peek()?.document;
  if (!document) return [];
  return askedRegions(session).flatMap(({ question, spec }) => {
    const { ids, byId } = document.objects(question.questionId);
    return ids.filter((one) => {
      const ends = spec.link?.ends(byId.get(one) as Obj);
      return ends && (id === null || ends.from === id || ends.to === id);
    });
  });
}

/** The object whose relations are walked through. */
let around: string | null = null;

/** Choose the next relation of the chosen object, or of the one that was chosen before, round and round. */
export function stepRelation(session: Session): void {
  const chosen = findRegion(session, session.selected.peek());
  const ends = chosen && linkOf(chosen)?.ends(chosen.object);
  if (!ends) around = chosen?.object.id ?? null;
  else if (around !== ends.from && around !== ends.to) around = null;
  const ids = relationsOf(session, around);
  const next = ids[(ids.indexOf(chosen?.object.id ?? "") + 1) % ids.length];
  if (next === undefined) {
    say(session, t(around === null ? "relation.none" : "relation.noneHere"), "warn");
    return;
  }
  session.selected.value = next;
  reveal(next);
}

/** In words: what is joined. */
export function endWords(
  { question: { question, spec }, object }: Region,
  find: (id: string) => Obj | null,
): { from: string; to: string } | null {
  const ends = spec.link?.ends(object);
  if (!ends) return null;
  const words = (id: string) => {
    const other = find(id);
    if (!other) return t("region.unlabeled");
    return spec.line?.words(other) || describe(question, other).text;
  };
  return { from: words(ends.from), to: words(ends.to) };
}
