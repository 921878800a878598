/* Region answers between document and surface: which questions draw on a view, and how an object looks. */

import { signal } from "@preact/signals";
import { lockedIds } from "../content/compare";
import type { Shape } from "../surfaces/canvas/shapes";
import { colorOf } from "./colors";
import { askedBeside } from "./conditions";
import { type Document, objectsOf } from "./document";
import { type PlaneSpec, type RegionSpec, topic } from "./registry";
import { settings } from "./settings";
import type { Element, Obj, Question, View } from "./types";

export interface RegionQuestion {
  question: Question;
  spec: RegionSpec;
}

/** The colour of a region without a label. */
export const UNLABELED = "#aab4b0";

/** The questions whose answers are drawn on this view. */
export function regionQuestions(questions: readonly Question[], view?: View): RegionQuestion[] {
  return questions.flatMap((question) => {
    const component = topic(question.type);
    if (!component?.regions) return [];
    if (view) {
      if (component.accepts && !component.accepts.includes(view.type)) return [];
      if (question.view !== undefined && question.view !== view.bindField) return [];
    }
    return [{ question, spec: component.regions }];
  });
}

/** What is asked of an object, or of the next one. */
export function childrenOf(question: Question, object: Obj | null): readonly Question[] {
  const children = question.children ?? [];
  const asked = object && topic(question.type)?.regions?.asked;
  return asked ? asked(question, object) : children;
}

/** Whether regions say a text, and so have an order in which they are read. */
export function reads(question: Question): boolean {
  return (question.children ?? []).some((child) => topic(child.type)?.value?.typed === true);
}

/** What nested answers say of an object: the words of its labels, what was typed of it, and its colour. */
export function describe(
  question: Question,
  object: Obj,
): { text: string; typed: string; color: string } {
  const texts: string[] = [];
  const typed: string[] = [];
  let color: string | null = null;
  for (const child of askedBeside(childrenOf(question, object), object.labels)) {
    const spec = topic(child.type)?.value;
    if (!spec) continue;
    const said = spec.describe(child, object.labels[child.questionId] ?? null);
    if (said.text) (spec.typed ? typed : texts).push(said.text);
    color ??= said.color;
  }
  return { text: texts.join(" · "), typed: typed.join(" · "), color: color ?? UNLABELED };
}

/** So much of what was typed stands on the picture; the list has all of it. */
const PLATE = 24;

/** The shape of an object; `rank`: its place in the order in which the question's regions are read. */
export function shapeOf(
  { question }: RegionQuestion,
  plane: PlaneSpec,
  object: Obj,
  rank: number | null = null,
): Shape {
  const { text, typed, color } = describe(question, object);
  const signs = [...typed];
  const cut = signs.length > PLATE ? `${signs.slice(0, PLATE - 1).join("")}…` : typed;
  const words = [text, cut].filter(Boolean).join(" · ");
  const number = rank !== null && reads(question) ? String(rank) : "";
  return {
    id: object.id,
    ...plane.geometry(object),
    ...(typeof object.group === "string" ? { group: object.group } : {}),
    ...(lockedIds.peek().has(object.id) ? { locked: true } : {}),
    ...(typeof object.feather === "number" ? { feather: object.feather } : {}),
    color: settings.colorBy.peek() === "region" ? colorOf(object.id) : color,
    text: [number, words].filter(Boolean).join(" "),
  };
}

/** Whether an object lies on what a view shows: of a document, one page. */
export type Shown = (object: Obj) => boolean;

const everything: Shown = () => true;

/** All shapes of a document on a view. */
export function shapesOf(
  document: Document,
  questions: readonly RegionQuestion[],
  shown: Shown = everything,
): Shape[] {
  return questions.flatMap((one) => {
    const { plane } = one.spec;
    if (!plane) return [];
    const { ids, byId } = document.objects(one.question.questionId);
    return ids.flatMap((id, at) => {
      const object = byId.get(id) as Obj;
      return shown(object) ? [shapeOf(one, plane, object, at + 1)] : [];
    });
  });
}

/** The shapes of results that are not the document's: another stage's, or an earlier round's. */
export function shapesOfResults(
  results: readonly Element[],
  questions: readonly RegionQuestion[],
  shown: Shown = everything,
): Shape[] {
  return questions.flatMap((one) => {
    const { plane } = one.spec;
    if (!plane) return [];
    const element = results.find((each) => each.questionId === one.question.questionId);
    return objectsOf(one.question, element)
      .filter(shown)
      .map((object) => shapeOf(one, plane, { ...object, labels: object.labels ?? {} }));
  });
}

/* What the next region will be: the question it answers, and the labels used last, which stay. */

export const drawing = signal<string | null>(null);
export const stickyLabels = signal<Readonly<Record<string, Readonly<Record<string, unknown>>>>>({});

/** Labels that regions begin with as long as none have been used. */
const beginnings = signal<typeof stickyLabels.value>({});

/** New regions of these questions begin with the defaults of what is asked of them. */
export function beginWith(questions: readonly Question[]): void {
  const given = questions.map(({ questionId, children = [] }) => {
    return [questionId, defaultsOf(children)];
  });
  const joined = questions.flatMap(({ questionId, relationChildren }) =>
    relationChildren ? [[relationKey(questionId), defaultsOf(relationChildren)]] : [],
  );
  beginnings.value = Object.fromEntries([...given, ...joined]);
}

function defaultsOf(children: readonly Question[]): Record<string, unknown> {
  const said = children.filter((child) => child.default !== undefined);
  return Object.fromEntries(said.map((one) => [one.questionId, one.default]));
}

/** Under which name the labels of a question's relations are kept: apart from those of what they join. */
export function relationKey(questionId: string): string {
  return `${questionId}/relation`;
}

/** Under which name the labels that stay are kept. */
export function labelsKey(question: Question, object: Obj | null): string {
  const joins = object && topic(question.type)?.regions?.link?.ends(object);
  return joins ? relationKey(question.questionId) : question.questionId;
}

/** What is said of a region of the question before anybody says anything. */
export function defaultsFor(questionId: string): Record<string, unknown> {
  return { ...beginnings.peek()[questionId] };
}

/** What is marked and not a region yet: its first label makes it one. */
export const marked = signal<((labels: Record<string, unknown>) => void) | null>(null);

export function labelsFor(questionId: string): Record<string, unknown> {
  return { ...(stickyLabels.peek()[questionId] ?? beginnings.peek()[questionId]) };
}

export function stick(questionId: string, child: string, value: unknown): void {
  const labels = withLabel(labelsFor(questionId), child, value);
  stickyLabels.value = { ...stickyLabels.peek(), [questionId]: labels };
}

/** Labels with one nested answer set, or left out where it is empty. */
export function withLabel(
  labels: Readonly<Record<string, unknown>>,
  child: string,
  value: unknown,
): Record<string, unknown> {
  const { [child]: _, ...rest } = labels;
  const empty = value === null || value === "" || (Array.isArray(value) && value.length === 0);
  return empty ? rest : { ...rest, [child]: value };
}
