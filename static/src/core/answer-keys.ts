/* Which keys answer which questions of a page, all of them together: none has two meanings. */

import { hotkeysOf } from "./hotkeys";
import type { Hotkey } from "./registry";
import { topic } from "./registry";
import type { Session } from "./session";
import type { Question } from "./types";

/** Questions answered for the item as a whole. */
export function wholeQuestions(session: Session): Question[] {
  return session.template.questions.filter((question) => topic(question.type)?.value);
}

const DIGITS = "1234567890";

/** Keys that mean something else while the page is used as it is: votes, and the answers of pages. */
function taken(session: Session): Set<string> {
  const votes = session.inspecting
    ? [...DIGITS].flatMap((digit) => [`shift+${digit}`, `alt+${digit}`])
    : [];
  const paged = session.template.questions.flatMap(({ pageChildren = [] }) =>
    [...hotkeysOf(pageChildren).values()].flat().map(({ key }) => `alt+${key}`),
  );
  return new Set([...votes, ...paged]);
}

/** Of the questions of the whole item. */
export function wholeKeys(session: Session): Map<string, Hotkey[]> {
  return hotkeysOf(wholeQuestions(session), [], taken(session));
}

/** Of the questions asked of an object: those of the whole item are answered beside it, and keep theirs. */
export function childKeys(session: Session, children: readonly Question[]): Map<string, Hotkey[]> {
  return hotkeysOf(children, wholeQuestions(session), taken(session));
}
