/* The order of a RANKING question: moved in it, or built up key by key, the best first. */

import { signal } from "@preact/signals";
import { answer } from "./flow";
import { answerOf } from "./registry";
import type { Session } from "./session";
import type { Sheet } from "./sheet";
import type { Question } from "./types";

/** An order that is begun and not yet whole: nothing of it is committed. */
interface Begun {
  sheet: Sheet;
  questionId: string;
  keys: readonly string[];
}

const begun = signal<Begun | null>(null);

/** The order that is being built for the open item, or null. */
export function begunOrder(session: Session, { questionId }: Question): readonly string[] | null {
  const now = begun.value;
  return now && now.sheet === session.sheet.value && now.questionId === questionId
    ? now.keys
    : null;
}

export function dropBegun(): void {
  begun.value = null;
}

/** The keys of a whole order, or null. */
export function orderOf(question: Question, value: unknown): readonly string[] | null {
  const options = question.options ?? [];
  if (!Array.isArray(value) || value.length !== options.length) return null;
  return options.every(({ key }) => value.includes(key)) ? (value as string[]) : null;
}

/** An order with one more key, or without it; `whole` once only one place can be left. */
export function withKey(
  keys: readonly string[],
  key: string,
  all: readonly string[],
): { keys: readonly string[]; whole: boolean } {
  if (keys.includes(key)) return { keys: keys.filter((one) => one !== key), whole: false };
  const next = [...keys, key];
  if (next.length < all.length - 1) return { keys: next, whole: false };
  return { keys: [...next, ...all.filter((one) => !next.includes(one))], whole: true };
}

/** The order with a key at another place. */
export function movedTo(order: readonly string[], key: string, place: number): readonly string[] {
  const rest = order.filter((one) => one !== key);
  const at = Math.max(0, Math.min(rest.length, place));
  return [...rest.slice(0, at), key, ...rest.slice(at)];
}

/** The next place belongs to this option; the last one follows of itself, and the order is the answer. */
export function pick(session: Session, question: Question, key: string): void {
  const sheet = session.sheet.peek();
  if (!sheet || session.frozen.peek() !== null) return;
  const now = begun.peek();
  const mine = now?.sheet === sheet && now.questionId === question.questionId;
  const all = (question.options ?? []).map((option) => option.key);
  const { keys, whole } = withKey(mine ? now.keys : [], key, all);
  begun.value =
    whole || keys.length === 0 ? null : { sheet, questionId: question.questionId, keys };
  if (whole) answer(session, question, keys);
}

/** Put an option at a place, from 0; without an order, in the one in which they are listed. */
export function move(session: Session, question: Question, key: string, place: number): void {
  const sheet = session.sheet.peek();
  if (!sheet) return;
  const now = orderOf(question, answerOf(sheet.document.value(question.questionId)));
  const order = now ?? (question.options ?? []).map((option) => option.key);
  const next = movedTo(order, key, place);
  dropBegun();
  if (now?.join("\n") !== next.join("\n")) answer(session, question, next);
}
