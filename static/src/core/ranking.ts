/* The order of a RANKING question: moved in it, or built up key by key, the best first. */

import { signal, untracked } from "@preact/signals";
import { answer } from "./flow";
import type { Session } from "./session";
import type { Question } from "./types";

/** An order that is begun and not yet whole: nothing of it is committed. */
interface Begun {
  /** Whose answer it is to be: the open item's sheet, or the name of many. */
  owner: unknown;
  questionId: string;
  keys: readonly string[];
}

const begun = signal<Begun | null>(null);

/** What came to the last place of itself: who goes through all of them from best to worst presses it as well. */
let followed: { owner: unknown; questionId: string; key: string } | null = null;

/** The order that is being built, or null. */
export function begunOrder(owner: unknown, { questionId }: Question): readonly string[] | null {
  const now = begun.value;
  return now && now.owner === owner && now.questionId === questionId ? now.keys : null;
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

/** The next place belongs to this option; the order once it is whole, the last one following of itself, else null. */
export function pick(owner: unknown, question: Question, key: string): readonly string[] | null {
  const all = (question.options ?? []).map((option) => option.key);
  const { questionId } = question;
  const last = followed;
  followed = null;
  if (last && last.owner === owner && last.questionId === questionId && last.key === key)
    return null;
  const { keys, whole } = withKey(begunOrder(owner, question) ?? [], key, all);
  if (whole) followed = { owner, questionId, key: keys.at(-1) as string };
  begun.value = whole || keys.length === 0 ? null : { owner, questionId, keys };
  return whole ? keys : null;
}

/** What a key of the open item's order does. */
export function pickOpen(session: Session, question: Question, key: string): void {
  const sheet = session.sheet.peek();
  if (!sheet || session.frozen.peek() !== null) return;
  const order = untracked(() => pick(sheet, question, key));
  if (order) answer(session, question, order);
}
