/* What people do with regions, from whatever surface, list or key it comes. Each is one step of undo. */

import { boxOf, clamp, pointsOf, type Size } from "../surfaces/canvas/geometry";
import { type Geometry, sameGeometry } from "../surfaces/canvas/shapes";
import { frameOf, fromFrame, moved, resized } from "../surfaces/canvas/transform";
import { askedRegions } from "./asked";
import { changeable, deleteChosen } from "./chosen";
import { viewInUse } from "./focus-view";
import { uuid } from "./ids";
import { setObject } from "./oplog";
import { whyNotChange } from "./pairs";
import {
  childrenOf,
  defaultsFor,
  drawing,
  labelsFor,
  labelsKey,
  marked,
  type RegionQuestion,
  regionQuestions,
  stick,
  withLabel,
} from "./regions";
import { topic } from "./registry";
import type { Session } from "./session";
import type { Obj, Question, View } from "./types";

export interface Region {
  question: RegionQuestion;
  object: Obj;
}

/** The region of this id on the open item, if there is one. */
export function findRegion(session: Session, id: string | null): Region | null {
  const document = session.sheet.peek()?.document;
  if (!document || id === null) return null;
  const owner = document.ownerOf(id);
  const question = regionQuestions(session.template.questions).find(
    (one) => one.question.questionId === owner,
  );
  const object = question && document.object(question.question.questionId, id);
  return question && object ? { question, object } : null;
}

/** The region that is chosen, if it still exists. */
export function selectedRegion(session: Session): Region | null {
  return findRegion(session, session.selected.peek());
}

/** The question that the next region answers: one of this view, by default of the view in use if it has any. */
export function drawingQuestion(session: Session, view?: View): RegionQuestion | null {
  const { views } = session.template;
  const used = view ?? views.find(({ bindField }) => bindField === viewInUse.peek());
  const here = askedRegions(session, used);
  const all = here.length > 0 || view ? here : askedRegions(session);
  return all.find((one) => one.question.questionId === drawing.peek()) ?? all[0] ?? null;
}

/** Add a region with the labels used last, and choose it. */
export function createRegion(session: Session, geometry: Geometry, view?: View): void {
  const target = drawingQuestion(session, view);
  const document = session.sheet.peek()?.document;
  const plane = target?.spec.plane;
  if (!plane || !document || session.frozen.peek() !== null) return;
  const { questionId } = target.question;
  const id = uuid();
  const object = plane.create(id, geometry, labelsFor(questionId), target.question);
  session.commit([setObject(document, questionId, id, object)]);
  session.selected.value = id;
}

export function changeRegion(
  session: Session,
  id: string,
  geometry: Geometry,
  group: string | null = null,
): void {
  const region = findRegion(session, id);
  const document = session.sheet.peek()?.document;
  if (!region || !document) return;
  const { question, object } = region;
  const { plane } = question.spec;
  if (!plane || sameGeometry(plane.geometry(object), geometry)) return;
  const next = plane.withGeometry(object, geometry, question.question);
  session.commit([setObject(document, question.question.questionId, id, next)], group);
}

/** Remove the chosen regions and choose the one that takes their place in the list. */
export function deleteRegion(session: Session): void {
  deleteChosen(session);
}

/**
 * Answer a nested question of the chosen regions; without one, say what the next region will be. Where only some of
 * the chosen ones have an option, it is given to the others too.
 */
export function setLabel(
  session: Session,
  child: Question,
  change: (value: unknown) => unknown,
  group: string | null = null,
): void {
  const region = selectedRegion(session);
  const question = region?.question ?? drawingQuestion(session);
  const document = session.sheet.peek()?.document;
  const spec = topic(child.type)?.value;
  if (!question || !document || !spec || session.frozen.peek() !== null) return;
  const { questionId } = question.question;
  const make = region ? null : marked.peek();
  if (make) {
    make(withLabel(defaultsFor(questionId), child.questionId, change(null)));
    return;
  }
  if (!region) {
    const value = change(labelsFor(questionId)[child.questionId] ?? null);
    if (!spec.typed) stick(questionId, child.questionId, value);
    return;
  }
  const regions = changeable(session).filter(
    (one) =>
      one.question.question === question.question &&
      childrenOf(question.question, one.object).includes(child),
  );
  if (regions.length === 0) return;
  const former = regions.map(({ object }) => object.labels[child.questionId] ?? null);
  const next = agreed(former, former.map(change));
  const changed = regions.map(({ object }, at) => ({
    ...object,
    labels: withLabel(object.labels, child.questionId, next[at]),
  }));
  const why = whyNotChange(question.question, document, changed);
  if (why) {
    session.toast.value = { text: why, kind: "warn" };
    return;
  }
  session.commit(
    changed.map((object) => setObject(document, questionId, object.id, object)),
    group && `${group}/${[...session.selection.peek()].join()}`,
  );
  // Several labels of a span are its own: the next one would have to lose them first.
  const own = question.spec.line?.unit === "character" && Array.isArray(next[0]);
  if (spec.typed || next.length === 0 || own) return;
  stick(labelsKey(question.question, region.object), child.questionId, next[0]);
}

/** Values after one change of them all: what only some of them have is not taken from those. */
export function agreed(former: readonly unknown[], next: readonly unknown[]): unknown[] {
  const loses = former.map((value, at) => amount(next[at]) < amount(value));
  if (loses.every(Boolean) || !loses.some(Boolean)) return [...next];
  return next.map((value, at) => (loses[at] ? former[at] : value));
}

function amount(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return value === null || value === undefined || value === "" ? 0 : 1;
}

/** Where a region lies as numbers: the upper left end of the box around it, and its extent along its own sides. */
export function placeOf(geometry: Geometry): Place {
  const { minX, minY } = boxOf(geometry.points);
  const { width, height } = frameOf([geometry]);
  return { x: minX, y: minY, width, height };
}

export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Put the chosen region at a place and to a size in pixels, as far as the picture allows. */
export function placeRegion(session: Session, place: Place): void {
  const region = selectedRegion(session);
  const size = sizeOf(session, region);
  if (!region || !size || changeable(session).length !== 1) return;
  const geometry = region.question.spec.plane?.geometry(region.object);
  if (!geometry || geometry.kind === "mask") return;
  const now = placeOf(geometry);
  const minX = clamp(place.x, 0, size.width - 1);
  const minY = clamp(place.y, 0, size.height - 1);
  let next = geometry;
  if (geometry.kind === "rectangle") {
    const points = pointsOf({
      minX,
      minY,
      maxX: clamp(minX + place.width, minX + 1, size.width),
      maxY: clamp(minY + place.height, minY + 1, size.height),
    });
    next = { ...geometry, points };
  } else if (place.width !== now.width || place.height !== now.height) {
    const frame = frameOf([geometry]);
    const to = fromFrame(frame, [Math.max(1, place.width), Math.max(1, place.height)]);
    next = resized([geometry], frame, "se", to, size)?.[0] ?? geometry;
  } else next = moved([geometry], minX - now.x, minY - now.y, size)[0] ?? geometry;
  changeRegion(session, region.object.id, next);
}

/** The size of the picture that a region is on. */
export function sizeOf(session: Session, region: Region | null): Size | null {
  const payload = session.payload.peek();
  const media = payload?.media[region?.question.question.field ?? ""];
  const size = region?.question.spec.size;
  if (region && size) return size(media, region.object, region.question.question);
  return media?.width && media.height ? { width: media.width, height: media.height } : null;
}

/** Choose the region `by` places on, in the order of the lists, round and round. */
export function selectStep(session: Session, by: 1 | -1, also = false): void {
  const document = session.sheet.peek()?.document;
  if (!document) return;
  const ids = askedRegions(session).flatMap((one) => document.objects(one.question.questionId).ids);
  if (ids.length === 0) return;
  const at = ids.indexOf(session.selected.peek() ?? "");
  const from = at < 0 && by < 0 ? 0 : at;
  const id = ids[(from + by + ids.length) % ids.length] as string;
  if (also) session.selected.add([id]);
  else session.selected.value = id;
}
