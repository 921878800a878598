/* The answer to one item, as plain data. Only the operation log writes it.

   An element whose component keeps objects is held as an ordered list plus a map; every other element is one value.
   Readers subscribe to signals: one for the whole document, one per question, and one per object where asked for. */

import { batch, type Signal, signal } from "@preact/signals";

import { type Layout, type PartSpec, topic } from "./registry";

import type { Element, Obj, Question } from "./types";

/** A change of one object, or of a whole element where `id` is null. `before` is the object that follows it, if any. */
export interface Op {
  q: string;
  id: string | null;
  prev: unknown;
  next: unknown;
  before: string | null;
}

/** What an element holds beside its objects (type, width, height …). */
export type Shell = Omit<Element, "data">;

/** Gives the shell of a question whose answers are objects, null for every other question. */
export type ShellOf = (question: Question) => Shell | null;

export interface ObjectList {
  shell: Shell;
  /** Whether the question has an answer at all: one without objects says that there are none. */
  answered: boolean;
  ids: string[];
  /** Where each of them stands, as long as that has been asked for since the order changed. */
  places: Map<string, number> | null;
  byId: Map<string, Obj>;
  /** What the element says beside its objects: of pages. */
  parts: Map<string, Obj>;
  layout: Layout | null;
}

const NOTHING: ObjectList = {
  shell: { questionId: "", type: "" },
  answered: false,
  ids: [],
  places: null,
  byId: new Map(),
  parts: new Map(),
  layout: null,
};

export class Document {
  readonly changed = signal(0);
  private readonly lists = new Map<string, ObjectList>();
  private readonly values = new Map<string, Element>();
  private readonly questionSignals = new Map<string, Signal<number>>();
  private readonly objectSignals = new Map<string, Signal<number>>();

  constructor(
    readonly questions: readonly Question[],
    shellOf: ShellOf,
    results: readonly Element[],
  ) {
    for (const question of questions) {
      const shell = shellOf(question);
      if (shell) {
        const layout = topic(question.type)?.regions?.layout ?? null;
        const empty = { ids: [], byId: new Map(), parts: new Map() };
        this.lists.set(question.questionId, { ...NOTHING, ...empty, shell, layout });
      }
    }
    for (const element of results) {
      const list = this.lists.get(element.questionId);
      if (list) fillList(list, element);
      else this.values.set(element.questionId, element);
    }
  }

  /** The whole element of a question. */
  value(questionId: string): Element | null {
    const list = this.lists.get(questionId);
    if (list) return list.answered ? elementOfList(list) : null;
    return this.values.get(questionId) ?? null;
  }

  /** The objects of a question in order; empty for other questions. */
  objects(questionId: string): ObjectList {
    return this.lists.get(questionId) ?? NOTHING;
  }

  object(questionId: string, id: string): Obj | null {
    const { byId, parts } = this.objects(questionId);
    return byId.get(id) ?? parts.get(id) ?? null;
  }

  /** The part of an element that an operation's id names: an object, or what its component says. */
  part(questionId: string, id: string): unknown {
    const element = this.values.get(questionId);
    const parts = element && this.partsOf(questionId);
    return parts ? parts.get(element, id) : this.object(questionId, id);
  }

  private partsOf(questionId: string): PartSpec | null {
    const question = this.questions.find((one) => one.questionId === questionId);
    return (question && topic(question.type)?.value?.parts) ?? null;
  }

  /** The element of a question as it would be with these objects alone. */
  element(questionId: string, objects: readonly Obj[]): Element {
    const { shell, layout } = this.objects(questionId);
    if (layout) return layout.write(shell, objects, []);
    return { ...shell, data: [...objects] } as Element;
  }

  /** Which question this object belongs to. */
  ownerOf(id: string): string | null {
    for (const [questionId, list] of this.lists) if (list.byId.has(id)) return questionId;
    return null;
  }

  /** The object after this one in its list. */
  follower(questionId: string, id: string): string | null {
    const list = this.objects(questionId);
    // Asked of thousands at once when all of them are changed.
    list.places ??= new Map(list.ids.map((one, at) => [one, at]));
    const at = list.places.get(id);
    return at === undefined ? null : (list.ids[at + 1] ?? null);
  }

  /** Grows with every change of the question. */
  questionVersion(questionId: string): Signal<number> {
    return remembered(this.questionSignals, questionId);
  }

  /** Grows with every change of the object. */
  objectVersion(id: string): Signal<number> {
    return remembered(this.objectSignals, id);
  }

  /** Carry out one operation. Called by the operation log. */
  apply(op: Op): void {
    const list = this.lists.get(op.q);
    if (op.id === null) {
      if (list) fillList(list, op.next as Element | null);
      else if (op.next === null) this.values.delete(op.q);
      else this.values.set(op.q, op.next as Element);
    } else if (list) {
      this.applyObject(list, op.id, op.next as Obj | null, op.before);
    } else {
      const element = this.values.get(op.q);
      const parts = this.partsOf(op.q);
      if (element && parts) this.values.set(op.q, parts.put(element, op.id, op.next));
    }
    batch(() => {
      this.questionVersion(op.q).value++;
      this.changed.value++;
    });
  }

  private applyObject(list: ObjectList, id: string, next: Obj | null, before: string | null): void {
    if (list.layout?.isPart(id)) {
      if (next === null) list.parts.delete(id);
      else {
        list.parts.set(id, next);
        list.answered = true;
      }
    } else if (next === null) {
      if (list.byId.delete(id)) list.ids.splice(list.ids.indexOf(id), 1);
      list.places = null;
    } else {
      const { layout } = list;
      const former = list.byId.get(id);
      const moves = layout && former && layout.rank(former) !== layout.rank(next);
      if (moves) list.ids.splice(list.ids.indexOf(id), 1);
      if (!former || moves) {
        list.ids.splice(placeOf(list, next, before), 0, id);
        list.places = null;
      }
      list.byId.set(id, next);
      list.answered = true;
    }
    const seen = this.objectSignals.get(id);
    if (seen) seen.value++;
  }

  /** Canonical results in question order; a question without an answer is left out. */
  toResults(): Element[] {
    const results: Element[] = [];
    for (const { questionId } of this.questions) {
      const list = this.lists.get(questionId);
      const value = this.values.get(questionId);
      if (list?.answered) results.push(elementOfList(list));
      else if (value) results.push(value);
    }
    return results;
  }
}

function fillList(list: ObjectList, element: Element | null): void {
  list.answered = element !== null;
  list.ids = [];
  list.places = null;
  list.byId.clear();
  list.parts.clear();
  let objects: Obj[] = [];
  if (list.layout) {
    const read = element ? list.layout.read(element) : { objects: [], parts: [] };
    objects = read.objects;
    for (const part of read.parts) list.parts.set(part.id, part);
  } else {
    const { data, ...shell } = element ?? { ...list.shell, data: [] };
    list.shell = shell as Shell;
    objects = (data ?? []) as Obj[];
  }
  for (const object of objects) {
    list.ids.push(object.id);
    list.byId.set(object.id, object);
  }
}

/** Where an object goes that is new in the list: before this one if they are of one rank, else at its rank's end. */
function placeOf({ ids, byId, layout }: ObjectList, object: Obj, before: string | null): number {
  const at = before === null ? -1 : ids.indexOf(before);
  const rank = (id: string) => layout?.rank(byId.get(id) as Obj) ?? 0;
  const own = layout?.rank(object) ?? 0;
  if (at >= 0 && rank(ids[at] as string) === own) return at;
  let end = ids.length;
  while (end > 0 && rank(ids[end - 1] as string) > own) end--;
  return end;
}

/** The element of a question with its objects in this order. */
export function rearranged(list: ObjectList, order: readonly string[]): Element {
  return elementOfList({ ...list, ids: [...order] });
}

/** The objects of an element, whatever its component keeps them in. */
export function objectsOf(question: Question, element: Element | undefined): Obj[] {
  if (!element) return [];
  const layout = topic(question.type)?.regions?.layout;
  if (layout) return layout.read(element).objects;
  return Array.isArray(element.data) ? (element.data as Obj[]) : [];
}

function elementOfList(list: ObjectList): Element {
  const objects = list.ids.map((id) => list.byId.get(id) as Obj);
  if (list.layout) return list.layout.write(list.shell, objects, [...list.parts.values()]);
  return { ...list.shell, data: objects } as Element;
}

function remembered(signals: Map<string, Signal<number>>, key: string): Signal<number> {
  let found = signals.get(key);
  if (!found) {
    found = signal(0);
    signals.set(key, found);
  }
  return found;
}
