import type { Key } from "../core/i18n";
import { printed, shownKey } from "../core/keys";

/** A key as it is printed on the keyboard. Hidden from screen readers: `aria-keyshortcuts` says it there. */
export function Kbd({ name }: { name: string }) {
  return (
    <span class="keys" aria-hidden="true">
      {printed(name).map((part) => (
        <kbd key={part} class="kbd">
          {part}
        </kbd>
      ))}
    </span>
  );
}

/** The key of the binding of this name: the person's own, else the usual one. */
export function Shown({ text, usual }: { text: Key; usual: string }) {
  const key = shownKey(text, usual);
  return key === undefined ? null : <Kbd name={key} />;
}
