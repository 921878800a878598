/* What people do with all chosen regions at once. Each is one step of undo; what is locked stays as it is. */

import { hiddenAll, hiddenIds, lockedIds, toggled } from "../content/compare";
import { boxOf, type Size } from "../surfaces/canvas/geometry";
import { type Copied, copiedOf, fitted, labelsIn, regrouped, taker } from "./clipboard";
import { type Document, type Op, objectsOf } from "./document";
import { say } from "./flow";
import { t, tn } from "./i18n";
import { uuid } from "./ids";
import { setObject } from "./oplog";
import { type Direction, readingOrder } from "./reading";
import type { Region } from "./region-actions";
import { type Move, moved, placedBefore, reorderOps } from "./region-order";
import { type RegionQuestion, regionQuestions } from "./regions";
import type { Session } from "./session";
import type { Element, Obj } from "./types";

/** How far a copy lies from what it was copied from, in pixels of the picture. */
const SHIFT = 10;

/** All chosen regions in the order of the lists. */
export function chosenRegions(session: Session): Region[] {
  const document = session.sheet.peek()?.document;
  const chosen = session.selection.peek();
  if (!document || chosen.size === 0) return [];
  return regionQuestions(session.template.questions).flatMap((question) => {
    const { ids, byId } = document.objects(question.question.questionId);
    return ids
      .filter((id) => chosen.has(id))
      .map((id) => ({ question, object: byId.get(id) as Obj }));
  });
}

/** Those of the chosen regions that may be changed; that none may is said. */
export function changeable(session: Session): Region[] {
  if (session.frozen.peek() !== null) return [];
  const chosen = chosenRegions(session);
  const free = chosen.filter(({ object }) => !lockedIds.peek().has(object.id));
  if (chosen.length > 0 && free.length === 0) say(session, t("region.isLocked"), "warn");
  return free;
}

function documentOf(session: Session): Document | null {
  return session.frozen.peek() === null ? (session.sheet.peek()?.document ?? null) : null;
}

/** Chosen objects by the question that they answer. */
function byQuestion(regions: readonly Region[]): Map<RegionQuestion, Set<string>> {
  const found = new Map<RegionQuestion, Set<string>>();
  for (const { question, object } of regions) {
    const ids = found.get(question) ?? new Set();
    found.set(question, ids.add(object.id));
  }
  return found;
}

function put(document: Document, { question, object }: Region, next: Obj | null): Op {
  return setObject(document, question.question.questionId, object.id, next);
}

/** Remove the chosen regions; the one that takes their place in the list is chosen then. */
export function deleteChosen(session: Session): void {
  const document = documentOf(session);
  const regions = changeable(session);
  const last = regions.at(-1);
  if (!document || !last) return;
  const gone = new Set(regions.map(({ object }) => object.id));
  const also = dependants(session, document, gone);
  for (const { object } of also) gone.add(object.id);
  const { ids } = document.objects(last.question.question.questionId);
  const at = ids.indexOf(last.object.id);
  const next =
    ids.slice(at).find((id) => !gone.has(id)) ?? ids.slice(0, at).findLast((id) => !gone.has(id));
  session.commit([...also, ...regions].map((region) => put(document, region, null)));
  session.selected.value = next ?? null;
}

/** The objects that cannot be without these, and are not among them. */
function dependants(session: Session, document: Document, gone: ReadonlySet<string>): Region[] {
  return regionQuestions(session.template.questions).flatMap((question) => {
    const { needs } = question.spec;
    if (!needs) return [];
    return [...document.objects(question.question.questionId).byId.values()]
      .filter((object) => !gone.has(object.id) && needs(object).some((id) => gone.has(id)))
      .map((object) => ({ question, object }));
  });
}

// --- order ------------------------------------------------------------------------------------------------------------

export function moveChosen(session: Session, move: Move): void {
  reorder(session, (order, chosen) => moved(order, chosen, move));
}

/** Put the chosen regions before another one of the same question, or at the end. */
export function dropChosen(session: Session, before: string | null): void {
  reorder(session, (order, chosen) =>
    before === null || order.includes(before) ? placedBefore(order, chosen, before) : [...order],
  );
}

function reorder(
  session: Session,
  make: (order: readonly string[], chosen: ReadonlySet<string>) => string[],
): void {
  const document = documentOf(session);
  if (!document) return;
  const ops: Op[] = [];
  for (const [question, chosen] of byQuestion(changeable(session))) {
    const { questionId } = question.question;
    const order = make(document.objects(questionId).ids, chosen);
    ops.push(...reorderOps(document, questionId, order, chosen));
  }
  session.commit(ops);
}

/** Bring regions into reading order by where they lie: the chosen ones if there are several, else all. */
export function sortByPlace(session: Session, direction: Direction): void {
  const document = documentOf(session);
  if (!document) return;
  const chosen = session.selection.peek();
  const ops: Op[] = [];
  for (const { question, spec } of regionQuestions(session.template.questions)) {
    const { plane } = spec;
    if (!plane) continue;
    const { ids, byId } = document.objects(question.questionId);
    const some = ids.filter((id) => chosen.has(id));
    const these = some.length > 1 ? some : chosen.size > 1 ? [] : ids;
    const placed = these.map((id) => ({
      id,
      box: boxOf(plane.geometry(byId.get(id) as Obj).points),
    }));
    const rank = (id: string) => spec.layout?.rank(byId.get(id) as Obj) ?? 0;
    const sorted = readingOrder(placed, direction).sort((a, b) => rank(a) - rank(b));
    const among = new Set(these);
    let at = 0;
    const order = ids.map((id) => (among.has(id) ? (sorted[at++] as string) : id));
    ops.push(...reorderOps(document, question.questionId, order));
  }
  const before = [...chosen];
  const primary = session.selected.peek();
  session.commit(ops);
  session.selected.many(before, primary);
  say(session, t(ops.length > 0 ? "region.sorted" : "region.sortedAlready"));
}

// --- groups and locks -------------------------------------------------------------------------------------------------

export function groupChosen(session: Session): void {
  const document = documentOf(session);
  if (!document) return;
  const ops: Op[] = [];
  const regions = changeable(session);
  if (regions.length < 2) {
    if (regions.length === 1) say(session, t("region.groupNeeds"), "warn");
    return;
  }
  const group = uuid();
  for (const region of regions) ops.push(put(document, region, { ...region.object, group }));
  session.commit(ops);
  say(session, tn("region.grouped", regions.length));
}

export function ungroupChosen(session: Session): void {
  const document = documentOf(session);
  if (!document) return;
  const grouped = changeable(session).filter(({ object }) => typeof object.group === "string");
  session.commit(
    grouped.map((region) => {
      const { group: _, ...alone } = region.object;
      return put(document, region, alone as Obj);
    }),
  );
}

/** These and every other member of their groups. */
export function withGroups(session: Session, ids: Iterable<string>): string[] {
  const document = session.sheet.peek()?.document;
  const found = new Set(ids);
  if (!document) return [...found];
  for (const { question } of regionQuestions(session.template.questions)) {
    const list = document.objects(question.questionId);
    const groups = new Set<unknown>();
    for (const id of found) {
      const group = list.byId.get(id)?.group;
      if (typeof group === "string") groups.add(group);
    }
    if (groups.size === 0) continue;
    for (const object of list.byId.values()) if (groups.has(object.group)) found.add(object.id);
  }
  return [...found];
}

/** Choose whatever is in one group with something chosen. */
export function chooseGroup(session: Session): void {
  session.selected.many(withGroups(session, session.selection.peek()));
}

/** Lock the chosen regions, or unlock them if all of them are locked. */
export function lockChosen(session: Session): void {
  const ids = chosenRegions(session).map(({ object }) => object.id);
  if (ids.length > 0) lockedIds.value = toggled(lockedIds.peek(), ids);
}

/** Hide the chosen regions, or show them if all of them are hidden. */
export function hideChosen(session: Session): void {
  const ids = chosenRegions(session).map(({ object }) => object.id);
  if (ids.length > 0) hiddenIds.value = toggled(hiddenIds.peek(), ids);
}

/** Choose every region that is shown and not locked. */
export function chooseAll(session: Session): void {
  const document = session.sheet.peek()?.document;
  if (!document || hiddenAll.peek()) return;
  const ids = regionQuestions(session.template.questions).flatMap(
    ({ question }) => document.objects(question.questionId).ids,
  );
  session.selected.many(ids.filter((id) => !hiddenIds.peek().has(id) && !lockedIds.peek().has(id)));
}

// --- copies -----------------------------------------------------------------------------------------------------------

/** Where the open item is, for the clipboard. */
function here(session: Session): string {
  return `${session.assignment.api}#${session.position.peek()}`;
}

/** The size of what an object of the question lies on; without one, of what is seen. */
export function sizeFor(
  session: Session,
  question: RegionQuestion,
  object: Obj | null = null,
): Size | null {
  const media = session.payload.peek()?.media[question.question.field ?? ""];
  if (question.spec.size) return question.spec.size(media, object, question.question);
  return media?.width && media.height ? { width: media.width, height: media.height } : null;
}

export function copyChosen(session: Session): void {
  const regions = chosenRegions(session);
  if (regions.length === 0) return;
  const copied = regions.map(({ question, object }) => copiedOf(question, object));
  const kept = session.clipboard.put(here(session), copied);
  if (kept) say(session, tn("region.copied", regions.length));
  else say(session, t("region.copiedHere"), "warn");
}

export function cutChosen(session: Session): void {
  if (changeable(session).length === 0) return;
  copyChosen(session);
  deleteChosen(session);
}

/** Put what was copied last into the open item. */
export function paste(session: Session): void {
  const clip = session.clipboard.get();
  if (!clip || clip.copied.length === 0) {
    say(session, t("region.nothingCopied"), "warn");
    return;
  }
  if (session.frozen.peek() !== null) return;
  // What was put here before is not hidden by what is put here next.
  add(session, clip.copied, SHIFT * session.clipboard.again(clip, here(session)));
}

export function duplicateChosen(session: Session): void {
  const regions = chosenRegions(session);
  add(
    session,
    regions.map(({ question, object }) => copiedOf(question, object)),
    SHIFT,
  );
}

/** Put the regions of the item before this one here, in the same places. */
export async function pasteFormer(session: Session): Promise<void> {
  const list = session.list.peek();
  const position = session.position.peek();
  const former = list[list.findIndex((item) => item.position === position) - 1];
  if (session.frozen.peek() !== null) return;
  if (!former) {
    say(session, t("item.first"), "warn");
    return;
  }
  const problem = await session.items.load(former.position);
  if (session.position.peek() !== position) return;
  if (problem) {
    say(session, t(problem === "refused" ? "item.refused" : "save.unreachable"), "bad");
    return;
  }
  const copied = copiedFrom(session, session.draft(former.position));
  if (copied.length === 0) say(session, t("region.formerNone"), "warn");
  else add(session, copied, 0, true);
}

function copiedFrom(session: Session, results: readonly Element[]): Copied[] {
  return regionQuestions(session.template.questions).flatMap((question) => {
    const { questionId } = question.question;
    const element = results.find((one) => one.questionId === questionId);
    return objectsOf(question.question, element).map((object) => copiedOf(question, object));
  });
}

/** Add copies under new ids at the end, and choose them; `stay`: each where its original lay. */
function add(session: Session, copied: readonly Copied[], shift: number, stay = false): void {
  const document = documentOf(session);
  if (!document || copied.length === 0) return;
  const questions = regionQuestions(session.template.questions);
  const made: { q: string; object: Obj }[] = [];
  for (const one of copied) {
    const target = taker(one, questions);
    const size = target && sizeFor(session, target, stay ? one.object : null);
    if (!target || !size) continue;
    const copy = copyOf(one, target, size, shift);
    const object = copy && stay ? (target.spec.stay?.(copy, one.object) ?? copy) : copy;
    if (object) made.push({ q: target.question.questionId, object });
  }
  const objects = regrouped(made.map(({ object }) => object));
  session.commit(
    objects.map((object, at) => setObject(document, made[at]?.q as string, object.id, object)),
  );
  session.selected.many(
    objects.map(({ id }) => id),
    objects[0]?.id ?? null,
  );
  const left = copied.length - objects.length;
  if (left > 0) say(session, tn("region.notPasted", left), "warn");
  else say(session, tn("region.pasted", objects.length));
}

function copyOf(copied: Copied, target: RegionQuestion, size: Size, shift: number): Obj | null {
  const { question, spec } = target;
  const { plane } = spec;
  const geometry = plane && fitted(plane.geometry(copied.object), size, shift);
  if (!plane || !geometry || !(question.shapes ?? [geometry.kind]).includes(geometry.kind))
    return null;
  const {
    id: _id,
    type: _type,
    shape: _shape,
    value: _value,
    holes: _holes,
    ...rest
  } = copied.object;
  return { ...rest, ...plane.create(uuid(), geometry, labelsIn(question, copied), question) };
}
