import { printed } from "../core/keys";

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
