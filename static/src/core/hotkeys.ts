/* Hot keys of options: the template's own, then digits, then letters that the page leaves free. */

import type { Hotkey } from "./registry";
import { topic } from "./registry";
import type { Option, Question } from "./types";

/** Given in this order to options without a shortcut of their own. */
const FREE = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "q", "y", "i"];

/** Every option of a tree, parents before children, with its depth. */
export function flatOptions(
  options: readonly Option[] = [],
  depth = 0,
): (Option & { depth: number })[] {
  return options.flatMap((option) => [
    { ...option, depth },
    ...flatOptions(option.children, depth + 1),
  ]);
}

/** Which key belongs to which option, leaving out keys that are taken. */
export function assignKeys(
  options: readonly Option[],
  taken: ReadonlySet<string>,
): Map<string, string> {
  const used = new Set(taken);
  const keys = new Map<string, string>();
  for (const option of options) {
    const wish = option.shortcut?.toLowerCase();
    if (wish && !used.has(wish)) {
      keys.set(option.key, wish);
      used.add(wish);
    }
  }
  const wishes = new Set(options.map((option) => option.shortcut?.toLowerCase()));
  const free = FREE.filter((key) => !used.has(key) && !wishes.has(key));
  for (const option of options) {
    if (keys.has(option.key)) continue;
    const key = free.shift();
    if (key === undefined) break;
    keys.set(option.key, key);
  }
  return keys;
}

/** The hot keys of several questions that are answered side by side: none has two meanings. `first`: those of these
    questions, which are answered beside them, come first. `others`: keys that are none of theirs. */
export function hotkeysOf(
  questions: readonly Question[],
  first: readonly Question[] = [],
  others: ReadonlySet<string> = new Set(),
): Map<string, Hotkey[]> {
  const taken = new Set(others);
  const result = new Map<string, Hotkey[]>();
  for (const question of [...first, ...questions]) {
    const found = topic(question.type)?.value?.hotkeys(question, taken) ?? [];
    for (const hotkey of found) taken.add(hotkey.key);
    result.set(question.questionId, found);
  }
  return result;
}
