/* What the page knows of views and questions: components by kind and type. Nothing else in it looks at a type.

   A topic is answered either as a whole (`value`) or by objects that a content component shows (`regions`). A new
   type is one module that registers itself; panels, saving, undo, check and read modes come with it. */

import type { ReadonlySignal } from "@preact/signals";
import type { ComponentType } from "preact";

import type { Camera } from "../surfaces/canvas/camera";
import type { Size } from "../surfaces/canvas/geometry";

import type { Geometry } from "../surfaces/canvas/shapes";
import type { TextPointer } from "../surfaces/text/pointer";
import type { TextSurface } from "../surfaces/text/surface";
import type { Shell } from "./document";
import type { Picture } from "./media";
import type { Session } from "./session";
import type { Element, Media, Obj, Question, View } from "./types";

export interface Problem {
  questionId: string;
  /** The object that lacks something, or null for the whole answer. */
  object: string | null;
  message: string;
}

/** A topic answered by one value: of the whole item, or of an object where the question is nested. */
export interface ValueSpec {
  /** The answer's `type` in results. */
  elementType: string;
  isEmpty(value: unknown): boolean;
  /** The form control; `name` tells several of one question apart (regions). */
  Field: ComponentType<FieldProps>;
  /** What hot keys do: the key, its text, and the value it leads to. */
  hotkeys(question: Question, taken: ReadonlySet<string>): Hotkey[];
  /** It is typed: said of one object alone, so that the next one does not begin with it. */
  typed?: true;
  /** What is wrong with a value that is there, in the person's words, or null. It stays in the draft. */
  unfit?(question: Question, value: unknown): string | null;
  /** Of several keys the order counts. */
  ordered?: true;
  /** What conditions of other questions can ask for. */
  chosen?(value: unknown): readonly string[];
  /** What it begins with beside its default: of the item's data. */
  begins?(question: Question, data: Readonly<Record<string, unknown>>): unknown;
  /** Colour and words for the value on a surface and in lists. */
  describe(question: Question, value: unknown): { text: string; color: string | null };
  /** Parts that operations may set by an id of their own, so that one change does not send the whole value. */
  parts?: PartSpec;
  /** What several values have in common, as the Field shows it; without it, the value that all of them are. */
  common?(values: readonly unknown[]): unknown;
  /** Another value after the change that led from one to the next; without it, the next. */
  follow?(value: unknown, from: unknown, to: unknown): unknown;
}

/** The parts of an element by id; null: there is none. */
export interface PartSpec {
  get(element: Element, id: string): unknown;
  put(element: Element, id: string, part: unknown): Element;
}

export interface FieldProps {
  question: Question;
  value: unknown;
  frozen: boolean;
  name: string;
  hotkeys: readonly Hotkey[];
  /** `group`: changes that follow each other closely are one step of undo. */
  onChange: (value: unknown, group?: string) => void;
}

export interface Hotkey {
  key: string;
  option: string;
  text: string;
  apply(value: unknown): unknown;
  /** Whether the value is complete after it, so that "label and next" may go on. */
  completes: boolean;
  /** What is done instead of `apply` where the answer takes several keys. */
  run?(session: Session, question: Question): void;
}

/** How an element keeps its objects where it is not as a list `data`. */
export interface Layout {
  /** The objects of an element, and what it says beside them under ids of its own (parts). */
  read(element: Element): { objects: Obj[]; parts: Obj[] };
  write(shell: Shell, objects: readonly Obj[], parts: readonly Obj[]): Element;
  isPart(id: string): boolean;
  /** Objects are kept in the order of these numbers, and in theirs where it is the same: of pages. */
  rank(object: Obj): number;
}

/** Objects that are shapes on a picture or a page. */
export interface PlaneSpec {
  geometry(object: Obj): Geometry;
  create(id: string, geometry: Geometry, labels: Record<string, unknown>, question?: Question): Obj;
  withGeometry(object: Obj, geometry: Geometry, question?: Question): Obj;
}

/** From where to where: characters of a text, both included, or seconds of a recording. */
export interface Range {
  start: number;
  end: number;
  /** Of several tracks the one that it lies on; without it, the first. */
  track?: number;
  /** Of a text: what stands there. */
  text?: string;
}

/** Objects that are ranges: spans of a text, segments of a recording. */
export interface LineSpec {
  unit: "character" | "second";
  /** Null for an object that is no range, such as a relation between two. */
  range(object: Obj): Range | null;
  create(id: string, range: Range, labels: Record<string, unknown>, question?: Question): Obj;
  withRange(object: Obj, range: Range, question?: Question): Obj;
  /** What lists show of the object beside its labels: the words of a span, the times of a segment. */
  words(object: Obj): string;
}

/** Objects that join two others: relations. */
export interface LinkSpec {
  /** Null for an object that joins nothing. */
  ends(object: Obj): { from: string; to: string } | null;
  create(id: string, from: string, to: string, labels: Readonly<Record<string, unknown>>): Obj;
}

/** A topic whose answers are objects with a place on a content component, either on a plane or on a line. */
export interface RegionSpec {
  shell(question: Question, media: Media | undefined): Shell;
  plane?: PlaneSpec;
  line?: LineSpec;
  link?: LinkSpec;
  layout?: Layout;
  /** What is asked of an object where it is not the question's children. */
  asked?(question: Question, object: Obj): readonly Question[];
  /** The objects without which this one cannot be: they take it with them. */
  needs?(object: Obj): readonly string[];
  /** The size of what the object lies on, of what is seen where there is none; without this, the whole picture's. */
  size?(media: Media | undefined, object: Obj | null, question: Question): Size | null;
  /** The copy where the original lay, not on what is seen. */
  stay?(copy: Obj, original: Obj): Obj;
  /** What the object lies on as far as it is seen; without this, the item's picture. */
  picture?(media: Media | undefined, object: Obj, question: Question): Picture | null;
}

export interface TopicComponent {
  kind: "topic";
  type: string;
  /** Content types it sits on; null: any or none. */
  accepts: readonly string[] | null;
  value?: ValueSpec;
  regions?: RegionSpec;
  /** Drawn over a picture that is shown, with gestures of its own; gives what takes it away again. */
  layer?(mount: LayerMount): () => void;
  /** Drawn over a text that is shown, in the same way. */
  textLayer?(mount: TextLayerMount): () => void;
  /** Shown beside the views: an editor that needs room. */
  Dock?: ComponentType<{ question: Question }>;
}

/** Where a layer lies: over the surface of the question's view. */
export interface LayerMount {
  host: HTMLElement;
  camera: ReadonlySignal<Camera>;
  question: Question;
  session: Session;
}

/** Where a layer lies over a text: the surface says where its spans are. */
export interface TextLayerMount {
  surface: TextSurface;
  pointer: TextPointer;
  question: Question;
  session: Session;
}

export interface ContentComponent {
  kind: "content";
  type: string;
  Surface: ComponentType<{ view: View }>;
  /** Whether its files have small pictures (`?size=thumb`), so that many items can be shown at once. */
  thumbs?: boolean;
}

type AnyComponent = TopicComponent | ContentComponent;

const registered = new Map<string, AnyComponent>();

export function register(component: AnyComponent): void {
  registered.set(`${component.kind}/${component.type}`, component);
}

export function topic(type: string): TopicComponent | null {
  return (registered.get(`topic/${type}`) as TopicComponent | undefined) ?? null;
}

export function content(type: string): ContentComponent | null {
  return (registered.get(`content/${type}`) as ContentComponent | undefined) ?? null;
}

/** The value of a question answered as a whole. */
export function answerOf(element: Element | null): unknown {
  return element?.data ?? null;
}

/** The element that holds a value, or null for none. */
export function elementOf(question: Question, spec: ValueSpec, value: unknown): Element | null {
  if (spec.isEmpty(value)) return null;
  return { questionId: question.questionId, type: spec.elementType, data: value };
}
