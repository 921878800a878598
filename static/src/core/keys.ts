/* One keydown listener for the whole page. A stack of scopes decides who may take a key: the innermost first.

   Keys are named by what is printed on them (`a`, `1`, `?`, `Enter`, `ArrowLeft`), with `mod+` (Ctrl, or Cmd on a
   Mac), `shift+` and `alt+` in this order. Letters and digits are read from `event.code`, so that they work while a
   Chinese input method is on. In editable elements only bindings marked `editable` work, and none while composing.

   A binding is known by its text: under that name people give it keys of their own, the same in every scope. */

import { signal } from "@preact/signals";
import type { Key } from "./i18n";

export interface Binding {
  keys: readonly string[];
  /** What it does, for the help sheet; null keeps it off the sheet. */
  text: Key | null;
  /** A text that is no catalogue key, such as an option's label. */
  label?: string;
  /** Whether it may act now; a binding that may not lets the key go on to outer scopes. */
  when?: () => boolean;
  /** Works in text fields too. */
  editable?: boolean;
  /** Acts again while the key is held down. */
  repeat?: boolean;
  /** Acts though its scope does not have the keys now, after those that do: of a view that is not in use. */
  anywhere?: boolean;
  run: (event: KeyEvent) => void;
}

export type ScopeName = "page" | "content" | "topic" | "tool" | "dialog";

interface Scope {
  name: ScopeName;
  title: Key;
  bindings: () => readonly Binding[];
  /** Whether it has the keys now; of its bindings only those marked `anywhere` act otherwise. */
  active: () => boolean;
}

/** What of a KeyboardEvent is read; tests make these by hand. */
export interface KeyEvent {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  isComposing: boolean;
  keyCode: number;
  repeat: boolean;
  target: EventTarget | null;
  preventDefault(): void;
}

const ORDER: readonly ScopeName[] = ["dialog", "tool", "topic", "content", "page"];
const scopes = signal<readonly Scope[]>([]);

/** Single-key shortcuts can be turned off by people whose speech input or tremor sets them off (WCAG 2.1.4). */
export const singleKeys = signal(true);

/** Keys that the person has chosen instead of the page's own, by the binding's text; without any: no key. */
export const ownKeys = signal<ReadonlyMap<string, readonly string[]>>(new Map());

/** The keys that a binding has now. */
export function keysOf(binding: Binding): readonly string[] {
  return (binding.text !== null && ownKeys.value.get(binding.text)) || binding.keys;
}

/** The key to print on a control that does what the binding of this name does; `usual`: its key as the page has it. */
export function shownKey(text: Key, usual: string | undefined): string | undefined {
  const own = usual === undefined ? undefined : ownKeys.value.get(text);
  return own === undefined ? usual : own[0];
}

/** Keys that type nothing, and so may be a person's own in text fields too. */
const UNTYPED = /^(?:mod\+|(?:shift\+)?alt\+|(?:shift\+)?F\d)/;

/** One character, with or without Shift. */
const SINGLE = /^(?:shift\+)?.$/u;

const TYPED = new Set(["INPUT", "TEXTAREA", "SELECT"]);
const NOT_TYPED = new Set(["checkbox", "radio", "button", "submit", "reset", "range", "color"]);

function isEditable(target: EventTarget | null): boolean {
  const element = target as (HTMLInputElement & { isContentEditable?: boolean }) | null;
  if (!element?.tagName) return false;
  if (element.isContentEditable) return true;
  if (element.tagName === "INPUT") return !NOT_TYPED.has(element.type);
  return TYPED.has(element.tagName);
}

/** Elements on which Enter and Space have a meaning of their own. */
function isPressable(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  if (!element?.closest) return false;
  return element.closest("button, a[href], summary, [role=tab], input, select, textarea") !== null;
}

const WALKS = /^(?:Arrow(?:Up|Down|Left|Right)|Home|End|PageUp|PageDown)$/;

/** Sliders and round buttons have a meaning of their own for the keys that walk. */
function isWalked(target: EventTarget | null): boolean {
  const element = target as HTMLInputElement | null;
  return element?.tagName === "INPUT" && (element.type === "range" || element.type === "radio");
}

/** Signs by place, for input methods that take them or write full-width ones. */
const SIGN_KEYS: Record<string, string> = {
  Comma: ",<",
  Period: ".>",
  Semicolon: ";:",
  Quote: "'\"",
  BracketLeft: "[{",
  BracketRight: "]}",
  Minus: "-_",
  Equal: "=+",
  Slash: "/?",
};

/** The name of the key that was pressed, as bindings write it. */
export function nameOf(event: KeyEvent): string {
  let key = event.key;
  let shift = event.shiftKey;
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  if (letter) key = letter.toLowerCase();
  else if (digit) key = digit;
  else if (event.code === "Space") key = "Space";
  else if (event.code === "NumpadEnter") key = "Enter";
  else if (event.code === "Slash" && shift) key = "?";
  else if (!/^[!-~]/.test(key) || key === "Process")
    key = SIGN_KEYS[event.code]?.[shift ? 1 : 0] ?? key;
  // The shift that makes a sign is part of the sign.
  if (key.length === 1 && !letter && !digit) shift = false;
  const mod = event.ctrlKey || event.metaKey;
  return `${mod ? "mod+" : ""}${shift ? "shift+" : ""}${event.altKey ? "alt+" : ""}${key}`;
}

/** Find who takes the key and let it act; whether anybody did. */
export function dispatch(event: KeyEvent): boolean {
  const editable = isEditable(event.target);
  if (editable && (event.isComposing || event.keyCode === 229)) return false;
  const name = nameOf(event);
  if ((name === "Enter" || name === "Space") && isPressable(event.target)) return false;
  if (WALKS.test(name) && isWalked(event.target)) return false;
  const modal = scopes.value.some((scope) => scope.name === "dialog");
  for (const level of ORDER) {
    if (modal && level !== "dialog") return false;
    for (const [scope, active] of inTurn(level)) {
      for (const binding of scope.bindings()) {
        if (!active && !binding.anywhere) continue;
        const keys = keysOf(binding);
        if (!keys.includes(name)) continue;
        if (editable && !(binding.editable && (keys === binding.keys || UNTYPED.test(name))))
          continue;
        if (!singleKeys.value && SINGLE.test(name)) continue;
        if (binding.when && !binding.when()) continue;
        event.preventDefault();
        if (!event.repeat || binding.repeat) binding.run(event);
        return true;
      }
    }
  }
  return false;
}

/** The scopes of a level as they are asked: the latest first, those without the keys after all others. */
function inTurn(level: ScopeName): [Scope, boolean][] {
  const all = scopes.value
    .filter((one) => one.name === level)
    .reverse()
    .map((one): [Scope, boolean] => [one, one.active()]);
  return [...all.filter(([, active]) => active), ...all.filter(([, active]) => !active)];
}

/** Add a scope; call the result to take it away. `active`: whether it has the keys now. */
export function pushScope(
  name: ScopeName,
  title: Key,
  bindings: () => readonly Binding[],
  active: () => boolean = () => true,
): () => void {
  const scope: Scope = { name, title, bindings, active };
  scopes.value = [...scopes.value, scope];
  return () => {
    scopes.value = scopes.value.filter((one) => one !== scope);
  };
}

/** What the help sheet lists: the outermost scope first. */
export function sheet(): { title: Key; bindings: readonly Binding[] }[] {
  return [...ORDER]
    .reverse()
    .filter((level) => level !== "dialog")
    .flatMap((level) => scopes.value.filter((scope) => scope.name === level))
    .map((scope) => ({
      title: scope.title,
      bindings: scope.bindings().filter((one) => one.text !== null || one.label !== undefined),
    }))
    .filter((scope) => scope.bindings.length > 0);
}

export function listen(target: EventTarget = document): () => void {
  const handler = (event: Event) => void dispatch(event as KeyboardEvent);
  target.addEventListener("keydown", handler);
  return () => target.removeEventListener("keydown", handler);
}

const MAC = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform ?? "");
const SIGNS: Record<string, string> = {
  mod: MAC ? "⌘" : "Ctrl",
  shift: MAC ? "⇧" : "Shift",
  alt: MAC ? "⌥" : "Alt",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Delete: "Del",
  Backspace: "⌫",
};

/** The parts of a key's name as they are printed on a keyboard. */
export function printed(name: string): string[] {
  const parts = name === "+" ? ["+"] : name.split(/(?<=.)\+(?=.)/);
  return parts.map((part) => SIGNS[part] ?? (part.length === 1 ? part.toUpperCase() : part));
}

/** A key's name as short as a corner of an icon has room for. */
export function shortly(name: string): string {
  return printed(name)
    .map((part) => (part === "Shift" ? "⇧" : part))
    .join("");
}
