/* Keys that a person gives to bindings: kept on the server, the same on every device. */

import { signal } from "@preact/signals";
import { request } from "./api";
import { type Key, t } from "./i18n";
import { type Binding, keysOf, ownKeys, sheet } from "./keys";

/** A binding that can be given other keys, with the scope in which it acts. */
export interface Shortcut {
  id: Key;
  scope: Key;
  usual: readonly string[];
  keys: readonly string[];
  own: boolean;
}

/** Another binding with the same key; `id` null: the key of a label, which the job gives. */
export interface Clash {
  key: string;
  id: Key | null;
  text: string;
  scope: Key;
}

export const MOST_KEYS = 4;
/** Whether the last change could not be kept. */
export const notKept = signal(false);

/** Keys that browsers keep for themselves, or that move the focus. */
const RESERVED = new Set([
  "Tab",
  "shift+Tab",
  "Escape",
  "F5",
  "F11",
  "F12",
  "ContextMenu",
  ...["l", "n", "q", "r", "t", "w", "shift+n", "shift+r", "shift+t", "shift+w", "shift+i"].map(
    (key) => `mod+${key}`,
  ),
]);
const KEY = /^(?:mod\+)?(?:shift\+)?(?:alt\+)?(?:\S|[A-Z][A-Za-z0-9]{1,20})$/u;
const NO_KEY =
  /(?:^|\+)(?:Control|Shift|Alt|AltGraph|Meta|CapsLock|NumLock|Dead|Process|Unidentified)$/;

/** Whether a person may give this key to a binding. */
export function isFree(name: string): boolean {
  return KEY.test(name) && !NO_KEY.test(name) && !RESERVED.has(name);
}

/** Whether only modifiers are down so far. */
export function isHalf(name: string): boolean {
  return /(?:^|\+)(?:Control|Shift|Alt|AltGraph|Meta)$/.test(name);
}

/** The keys that came with the page. */
export function takeShortcuts(given: Readonly<Record<string, readonly string[]>>): void {
  const good = Object.entries(given).filter(
    ([, keys]) => Array.isArray(keys) && keys.every((key) => typeof key === "string"),
  );
  ownKeys.value = new Map(good);
}

/** Every binding of the scopes in force that can be changed, once, outermost scope first. */
export function shortcuts(): Shortcut[] {
  const found = new Map<Key, Shortcut>();
  for (const { title, bindings } of sheet()) {
    for (const binding of bindings) {
      const { text } = binding;
      if (text === null || found.has(text)) continue;
      // One text for several keys with different effects, such as directions: these stay together as they are.
      if (bindings.some((other) => other !== binding && other.text === text)) continue;
      const own = ownKeys.value.has(text);
      found.set(text, {
        id: text,
        scope: title,
        usual: binding.keys,
        keys: keysOf(binding),
        own,
      });
    }
  }
  return [...found.values()];
}

/** Who else takes one of these keys, in any scope in force: only one of them can act. */
export function clashes(id: Key, keys: readonly string[]): Clash[] {
  const found: Clash[] = [];
  for (const { title, bindings } of sheet()) {
    for (const binding of bindings) {
      if (binding.text === id) continue;
      for (const key of keysOf(binding)) {
        if (!keys.includes(key)) continue;
        found.push({ key, id: binding.text, text: textOf(binding), scope: title });
      }
    }
  }
  return found;
}

/** Clashes of the keys that the person chose; what the page itself gives twice never acts at the same time. */
export function ownClashes(): { shortcut: Shortcut; clashes: Clash[] }[] {
  return shortcuts()
    .filter((one) => one.own)
    .map((shortcut) => ({ shortcut, clashes: clashes(shortcut.id, added(shortcut)) }))
    .filter((one) => one.clashes.length > 0);
}

function added({ keys, usual }: Shortcut): string[] {
  return keys.filter((key) => !usual.includes(key));
}

export function textOf(binding: Binding): string {
  return binding.label ?? (binding.text ? t(binding.text) : "");
}

/** Give a binding these keys, taking them from the others named; null: its usual ones. */
export function setKeys(
  id: Key,
  keys: readonly string[] | null,
  from: readonly Clash[] = [],
): void {
  const all = new Map(ownKeys.peek());
  const now = new Map(shortcuts().map((one) => [one.id, one]));
  for (const { id: other, key } of from) {
    const had = other && (all.get(other) ?? now.get(other)?.keys);
    if (other && had)
      put(
        all,
        now.get(other),
        other,
        had.filter((one) => one !== key),
      );
  }
  if (keys === null) all.delete(id);
  else put(all, now.get(id), id, keys);
  keep(all);
}

/** Forget what was changed, what other pages offer included. */
export function restoreAll(): void {
  keep(new Map());
}

function put(
  all: Map<string, readonly string[]>,
  shortcut: Shortcut | undefined,
  id: Key,
  keys: readonly string[],
): void {
  const usual = shortcut?.usual ?? [];
  const same = keys.length === usual.length && keys.every((key, at) => key === usual[at]);
  if (shortcut && same) all.delete(id);
  else all.set(id, keys);
}

let sent: Promise<void> = Promise.resolve();

function keep(all: ReadonlyMap<string, readonly string[]>): void {
  ownKeys.value = all;
  sendKeys();
}

/** Keep the keys on the server, one request after the other, so that the last one counts. */
export function sendKeys(): void {
  sent = sent.then(async () => {
    const body = { shortcuts: Object.fromEntries(ownKeys.peek()) };
    const outcome = await request("/api/v1/me", { method: "PATCH", body });
    notKept.value = outcome.kind !== "ok";
  });
}
