/* Copied regions: kept in this browser under the person who copied them, so that they can be put into another item,
   another package or after a reload. What is read back is of another hand until it is looked at. */

import { boxOf, round, type Size } from "../surfaces/canvas/geometry";
import type { Geometry } from "../surfaces/canvas/shapes";
import { flatOptions } from "./hotkeys";
import { uuid } from "./ids";
import type { RegionQuestion } from "./regions";
import type { Obj, Question } from "./types";

export interface Copied {
  /** The question that it answered, and its title: another job's question of that title takes it too. */
  questionId: string;
  title: string;
  object: Obj;
  /** Titles of nested questions by their id. */
  children: Record<string, string>;
}

export interface Clip {
  /** Another one for everything copied. */
  stamp: string;
  /** Where it was copied, so that what is put back there does not hide what is there already. */
  from: string;
  copied: Copied[];
}

export interface Keeper {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const MOST = 10_000;

/** The clipboard of one person. Where the browser keeps nothing it lasts as long as the page. */
export class Clipboard {
  private readonly key: string;
  private here: Clip | null = null;
  /** How often what was copied was put where. */
  private readonly times = new Map<string, number>();

  constructor(
    user: number,
    private readonly keeper: () => Keeper = () => localStorage,
  ) {
    this.key = `itag.regions.${user}`;
  }

  /** Whether it outlasts the page. */
  put(from: string, copied: Copied[]): boolean {
    const clip: Clip = { stamp: uuid(), from, copied };
    this.here = clip;
    try {
      this.keeper().setItem(this.key, JSON.stringify(clip));
      return true;
    } catch {
      return false;
    }
  }

  /** What was copied last, in whatever tab. */
  get(): Clip | null {
    try {
      const text = this.keeper().getItem(this.key);
      return text === null ? this.here : (readClip(JSON.parse(text)) ?? this.here);
    } catch {
      return this.here;
    }
  }

  /** How many times the same lies there already, now that it is put there once more. */
  again(clip: Clip, where: string): number {
    const key = `${clip.stamp}@${where}`;
    const before = this.times.get(key) ?? (clip.from === where ? 1 : 0);
    this.times.set(key, before + 1);
    return before;
  }
}

function readClip(value: unknown): Clip | null {
  if (!isRecord(value)) return null;
  const { stamp, from, copied } = value;
  if (typeof stamp !== "string" || typeof from !== "string" || !Array.isArray(copied)) return null;
  return { stamp, from, copied: copied.slice(0, MOST).filter(isCopied) };
}

function isCopied(value: unknown): value is Copied {
  return (
    isRecord(value) &&
    typeof value.questionId === "string" &&
    typeof value.title === "string" &&
    isRecord(value.children) &&
    isRecord(value.object) &&
    typeof value.object.type === "string" &&
    isRecord(value.object.labels) &&
    isPlace(value.object.value)
  );
}

/** The corners of a shape, or a mask. */
function isPlace(value: unknown): boolean {
  if (!isRecord(value)) return isSound(value);
  return typeof value.counts === "string" && Array.isArray(value.size) && value.size.length === 2;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function copiedOf({ question }: RegionQuestion, object: Obj): Copied {
  const children = Object.fromEntries(
    (question.children ?? []).map((child) => [child.questionId, child.markTitle]),
  );
  return { questionId: question.questionId, title: question.markTitle, object, children };
}

/** The question that takes it: the same one, else one of its title, else the only one there is. */
export function taker(
  copied: Copied,
  questions: readonly RegionQuestion[],
): RegionQuestion | undefined {
  return (
    questions.find(
      ({ question }) =>
        question.questionId === copied.questionId && question.markTitle === copied.title,
    ) ??
    questions.find(({ question }) => question.markTitle === copied.title) ??
    (questions.length === 1 ? questions[0] : undefined)
  );
}

/** Labels in the words of another question: what it does not ask, or does not offer as an answer, is left out. */
export function labelsIn(question: Question, copied: Copied): Record<string, unknown> {
  const labels: Record<string, unknown> = {};
  for (const [id, value] of Object.entries(copied.object.labels)) {
    const title = copied.children[id];
    const children = question.children ?? [];
    const child =
      children.find((one) => one.questionId === id && one.markTitle === title) ??
      children.find((one) => one.markTitle === title);
    const kept = child && offered(child, value);
    if (child && kept !== null && kept !== undefined) labels[child.questionId] = kept;
  }
  return labels;
}

function offered(child: Question, value: unknown): unknown {
  if (!child.options) return typeof value === "string" ? value : null;
  const keys = new Set(flatOptions(child.options).map((option) => option.key));
  if (Array.isArray(value)) {
    const some = value.filter((key) => keys.has(key as string));
    return some.length > 0 ? some : null;
  }
  return keys.has(value as string) ? value : null;
}

/**
 * A geometry on a picture of a size, moved by `shift`: as far as it stays inside, and made smaller if it is too large.
 * Null if it cannot be there: a mask belongs to one size of picture.
 */
export function fitted(geometry: Geometry, to: Size, shift: number): Geometry | null {
  if (geometry.mask) {
    const [height, width] = geometry.mask.size;
    return width === to.width && height === to.height ? geometry : null;
  }
  if (!isSound(geometry.points) || !(geometry.holes ?? []).every(isSound)) return null;
  const box = boxOf(geometry.points);
  const width = box.maxX - box.minX;
  const height = box.maxY - box.minY;
  const scale = Math.min(1, to.width / Math.max(width, 1e-9), to.height / Math.max(height, 1e-9));
  const left = within(box.minX, width * scale, to.width, shift);
  const top = within(box.minY, height * scale, to.height, shift);
  const put = ([x, y]: readonly [number, number]): [number, number] => [
    Math.min(to.width, Math.max(0, round(left + (x - box.minX) * scale))),
    Math.min(to.height, Math.max(0, round(top + (y - box.minY) * scale))),
  ];
  const points = geometry.points.map(put);
  if (!geometry.holes) return { kind: geometry.kind, points };
  return { kind: geometry.kind, points, holes: geometry.holes.map((hole) => hole.map(put)) };
}

function isSound(points: unknown): boolean {
  return (
    Array.isArray(points) &&
    points.length > 0 &&
    points.every(
      (point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite),
    )
  );
}

/** Where it begins: shifted away from the nearer end if there is room, else towards it. */
function within(start: number, length: number, to: number, shift: number): number {
  const most = to - length;
  const wish = start + shift;
  if (wish <= most) return Math.max(0, wish);
  return Math.max(0, Math.min(most, start - shift));
}

/** Groups among copies: those that were one group are a new one. */
export function regrouped(objects: readonly Obj[]): Obj[] {
  const groups = new Map<string, string>();
  return objects.map((object) => {
    if (typeof object.group !== "string") return object;
    const known = groups.get(object.group) ?? uuid();
    groups.set(object.group, known);
    return { ...object, group: known };
  });
}
