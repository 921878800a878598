/* Changes of where regions lie, one or several at once: by gestures, by arrow keys. Each is one step of undo. */

import { lockedIds } from "../content/compare";
import type { Size } from "../surfaces/canvas/geometry";
import { type Geometry, sameGeometry } from "../surfaces/canvas/shapes";
import type { Edit } from "../surfaces/canvas/tools/tool";
import {
  frameOf,
  handleOn,
  middleOf,
  moved,
  resized,
  settled,
  turned,
} from "../surfaces/canvas/transform";
import type { Op } from "./document";
import { t } from "./i18n";
import { uuid } from "./ids";
import { setObject } from "./oplog";
import { findRegion, type Region, sizeOf } from "./region-actions";
import type { Session } from "./session";

/** Carry out several changes as one step; what is created is chosen, what is removed is not any more. */
export function editRegions(session: Session, edit: Edit, group: string | null = null): void {
  const document = session.sheet.peek()?.document;
  if (!document || session.frozen.peek() !== null) return;
  if (!fits(session, edit)) {
    session.toast.value = { text: t("edit.shape"), kind: "warn" };
    return;
  }
  const ops: Op[] = [];
  for (const { id, geometry } of edit.change ?? []) {
    const region = findRegion(session, id);
    if (!region) continue;
    const { question, object } = region;
    const { plane } = question.spec;
    if (!plane || sameGeometry(plane.geometry(object), geometry)) continue;
    const next = plane.withGeometry(object, geometry, question.question);
    ops.push(setObject(document, question.question.questionId, id, next));
  }
  const made: string[] = [];
  for (const { geometry, like } of edit.create ?? []) {
    const region = findRegion(session, like);
    if (!region) continue;
    const { question, object } = region;
    const { plane } = question.spec;
    if (!plane) continue;
    const id = uuid();
    const next = plane.create(id, geometry, { ...object.labels }, question.question);
    const { questionId } = question.question;
    // It lies next to what it is like.
    const before = document.follower(questionId, like);
    ops.push({ ...setObject(document, questionId, id, next), before });
    made.push(id);
  }
  for (const id of edit.remove ?? []) {
    const owner = document.ownerOf(id);
    if (owner !== null) ops.push(setObject(document, owner, id, null));
  }
  const gone = new Set(edit.remove);
  session.commit(ops, group);
  const kept = [...session.selection.peek()].filter((id) => !gone.has(id));
  session.selected.many([...kept, ...made]);
}

/** Whether every region's question takes the shape that it would have. */
function fits(session: Session, { change = [], create = [] }: Edit): boolean {
  const all = [...change, ...create.map(({ geometry, like }) => ({ id: like, geometry }))];
  return all.every(({ id, geometry }) => {
    const region = findRegion(session, id);
    if (!region) return true;
    const { spec, question } = region.question;
    const same = spec.plane?.geometry(region.object).kind === geometry.kind;
    return same || (question.shapes?.includes(geometry.kind) ?? true);
  });
}

/** The chosen regions that can be moved or else scaled, which those that are locked cannot, and the picture's size. */
function held(
  session: Session,
  masks: boolean,
): { regions: Region[]; start: Geometry[]; size: Size } | null {
  const locked = lockedIds.peek();
  const regions = [...session.selection.peek()].flatMap((id) => {
    const region = locked.has(id) ? null : findRegion(session, id);
    const kind = region?.question.spec.plane?.geometry(region.object).kind;
    return region && kind && (masks || kind !== "mask") ? [region] : [];
  });
  const size = sizeOf(session, regions[0] ?? null);
  if (!size || regions.length === 0) return null;
  const start = regions.flatMap(
    ({ question, object }) => question.spec.plane?.geometry(object) ?? [],
  );
  return { regions, start, size };
}

/** Steps in quick succession are one step of undo. */
function change(
  session: Session,
  verb: string,
  to: (start: Geometry[], size: Size) => readonly Geometry[] | null,
): void {
  const now = held(session, verb === "nudge");
  const next = now && to(now.start, now.size);
  if (!next) return;
  const ids = now.regions.map(({ object }) => object.id);
  const edit: Edit = {
    kind: "edit",
    change: ids.map((id, at) => ({ id, geometry: next[at] as Geometry })),
  };
  editRegions(session, edit, `${verb}/${ids.join("/")}`);
}

/** Move the chosen regions by pixels of the picture. */
export function nudge(session: Session, dx: number, dy: number): void {
  change(session, "nudge", (start, size) =>
    moved(start, dx, dy, size).map((shape, at) => settled(shape, start[at] as Geometry)),
  );
}

/** Move the right and lower side of what is chosen by pixels of the picture; it stays a pixel wide and high. */
export function stretch(session: Session, dx: number, dy: number): void {
  change(session, "stretch", (start, size) => {
    const frame = frameOf(start);
    if (frame.width + dx < 1 || frame.height + dy < 1) return null;
    const [x, y] = handleOn(frame, "se");
    const to = [
      x + dx * frame.u[0] + dy * frame.v[0],
      y + dx * frame.u[1] + dy * frame.v[1],
    ] as const;
    return resized(start, frame, "se", to, size);
  });
}

/** Turn the chosen regions about the middle of them all, which stays where it is; upright rectangles only where turned ones may be drawn. */
export function turn(session: Session, degrees: number): void {
  change(session, "turn", (start, size) => {
    const now = held(session, false);
    const may = (at: number) => now?.regions[at]?.question.question.shapes?.includes("rotated");
    if (start.some(({ kind }, at) => kind === "rectangle" && !may(at))) return null;
    return turned(start, middleOf(start), (degrees * Math.PI) / 180, size);
  });
}
