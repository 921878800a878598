/* What differs between two answers to one item: regions added, removed, moved, relabelled, and other answers. */

import { signal } from "@preact/signals";
import { overlays, reveal } from "../content/compare";
import { Document } from "./document";
import { t } from "./i18n";
import { pageOfId } from "./pages";
import { describe, regionQuestions } from "./regions";
import { topic } from "./registry";
import type { Session } from "./session";
import { shellsFor } from "./sheet";
import type { Element, ItemPayload, Mode, Obj, Question } from "./types";

export type ChangeKind = "added" | "removed" | "moved" | "relabelled" | "changed" | "answer";

export interface Change {
  kind: ChangeKind;
  question: Question;
  /** The region, or null for an answer of the whole item. */
  id: string | null;
  before: Obj | null;
  after: Obj | null;
}

/** What an answer is compared with, and whose it was. */
export interface Reference {
  results: readonly Element[];
  text: string;
}

/** The answer that the open one came from: an earlier round's, or what the inspector began to change. */
export function referenceOf(
  payload: ItemPayload | null,
  mode: Mode,
  round: number,
): Reference | null {
  if (!payload) return null;
  const { since, base } = payload;
  if (since) return { results: since.results, text: t("changes.since", { n: since.round }) };
  if (!base?.results) return null;
  if (mode === "labeling" && round > 1) return { results: base.results, text: t("changes.yours") };
  const changed = (mode === "check" || mode === "acceptance") && payload.verdict === "modified";
  return changed ? { results: base.results, text: t("changes.yours") } : null;
}

/** Objects do not change: what is compared of one is made once. */
const said = new WeakMap<Obj, { place: string; labels: string }>();

function inParts(object: Obj): { place: string; labels: string } {
  let found = said.get(object);
  if (!found) {
    const { labels, group: _, ...place } = object;
    found = { place: sorted(place), labels: sorted(labels ?? {}) };
    said.set(object, found);
  }
  return found;
}

/** JSON with the members of every object in one order. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

export function changesBetween(before: Document, after: Document): Change[] {
  return after.questions.flatMap((question) =>
    topic(question.type)?.regions
      ? regionChanges(question, before, after)
      : valueChanges(question, before, after),
  );
}

function regionChanges(question: Question, before: Document, after: Document): Change[] {
  const was = before.objects(question.questionId);
  const is = after.objects(question.questionId);
  const found: Change[] = [];
  for (const id of is.ids) {
    const old = was.byId.get(id) ?? null;
    const now = is.byId.get(id) as Obj;
    const kind = old === null ? "added" : kindOf(old, now);
    if (kind) found.push({ kind, question, id, before: old, after: now });
  }
  // What is said of parts, such as the pages of a document.
  for (const id of new Set([...is.parts.keys(), ...was.parts.keys()])) {
    const [old, now] = [was.parts.get(id) ?? null, is.parts.get(id) ?? null];
    if (sorted(old?.labels ?? null) === sorted(now?.labels ?? null)) continue;
    found.push({ kind: "answer", question, id: null, before: old, after: now });
  }
  for (const id of was.ids) {
    if (is.byId.has(id)) continue;
    found.push({ kind: "removed", question, id, before: was.byId.get(id) as Obj, after: null });
  }
  return found;
}

function kindOf(old: Obj, now: Obj): ChangeKind | null {
  if (old === now) return null;
  const [was, is] = [inParts(old), inParts(now)];
  const moved = was.place !== is.place;
  if (was.labels === is.labels) return moved ? "moved" : null;
  return moved ? "changed" : "relabelled";
}

function valueChanges(question: Question, before: Document, after: Document): Change[] {
  const [was, is] = [before.value(question.questionId), after.value(question.questionId)];
  if (sorted(was?.data ?? null) === sorted(is?.data ?? null)) return [];
  return [{ kind: "answer", question, id: null, before: null, after: null }];
}

/** In words: the label, and what it was before where it is another one. */
export function changeText(change: Change, before: Document, after: Document): string {
  const { question, id } = change;
  const part = change.after ?? change.before;
  if (id === null && part) return t("changes.page", { n: pageOfId(part.id) ?? 0 });
  if (id === null) {
    const words = (document: Document) => {
      const element = document.value(question.questionId);
      const spec = topic(question.type)?.value;
      return (element && spec?.describe(question, element.data).text) || t("conflict.nothing");
    };
    return t("changes.from", { before: words(before), after: words(after) });
  }
  const words = (object: Obj) => {
    const { text, typed } = describe(question, object);
    return [text, typed].filter(Boolean).join(" · ") || t("region.unlabeled");
  };
  const old = change.before && words(change.before);
  const now = change.after && words(change.after);
  if (old !== null && now !== null && old !== now) {
    return t("changes.from", { before: old, after: now });
  }
  return now ?? old ?? "";
}

/* Shown on the page: the open item's changes, and whether they lie on the picture. */

/** Whether changes are laid over the picture; stays from item to item. */
export const changesShown = signal(false);
/** The change that was gone to last. */
export const changeAt = signal(-1);

export interface OpenChanges {
  list: Change[];
  reference: Reference;
  before: Document;
  after: Document;
}

const documents = new WeakMap<readonly Element[], Document>();

/** The open item's changes, or null where it is compared with nothing. Follows the document. */
export function openChanges(session: Session): OpenChanges | null {
  const sheet = session.sheet.value;
  const payload = session.payload.value;
  const reference = referenceOf(payload, session.mode, session.assignment.round);
  if (!sheet || !payload || !reference) return null;
  void sheet.document.changed.value;
  let before = documents.get(reference.results);
  if (!before || before.questions !== session.template.questions) {
    before = new Document(session.template.questions, shellsFor(payload), reference.results);
    documents.set(reference.results, before);
  }
  const after = sheet.document;
  return { list: changesBetween(before, after), reference, before, after };
}

/** Go to the next change or the one before, looking round. */
export function stepChange(session: Session, by: 1 | -1): void {
  const found = openChanges(session);
  if (!found || found.list.length === 0) return;
  const { length } = found.list;
  const from = changeAt.peek() < 0 && by < 0 ? 0 : changeAt.peek();
  goToChange(session, found.list, (from + by + length) % length);
}

export function goToChange(session: Session, list: readonly Change[], index: number): void {
  const change = list[index];
  if (!change) return;
  changeAt.value = index;
  const { id, after } = change;
  session.selected.value = id !== null && after !== null ? id : null;
  // A region that is gone can be seen only where it lay.
  if (change.kind === "removed") changesShown.value = true;
  if (id !== null && after !== null) reveal(id);
}

const LAYERS = {
  removed: { color: "#d55e00", mark: "−", line: 1 },
  before: { color: "#e6a817", mark: "↤", line: 1 },
  added: { color: "#009e73", mark: "+", line: 1 },
} as const;

/** Lay the changes over the picture, or take them off. Colours and signs say which is which. */
export function layChanges(found: OpenChanges | null): void {
  const next = new Map(overlays.peek());
  for (const name of Object.keys(LAYERS)) next.delete(`changes-${name}`);
  if (found) {
    put("removed", (change) => (change.after === null ? change.before : null));
    put("before", (change) => (change.after !== null ? change.before : null));
    put("added", (change) => (change.before === null ? change.after : null));
  }
  overlays.value = next;

  function put(name: keyof typeof LAYERS, pick: (change: Change) => Obj | null): void {
    const { list, after } = found as OpenChanges;
    const results = regionQuestions(after.questions).flatMap(({ question }) => {
      const regions = list.filter((one) => one.question === question && one.id !== null);
      const objects = regions.flatMap((one) => pick(one) ?? []);
      return objects.length > 0 ? [after.element(question.questionId, objects)] : [];
    });
    if (results.length > 0) next.set(`changes-${name}`, { results, ...LAYERS[name] });
  }
}
