import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { type Key, t } from "../core/i18n";
import { shortly, shownKey } from "../core/keys";
import { Icon, type IconName } from "./icon";
import { Kbd } from "./kbd";

/** A press by mouse leaves the focus where it is: Enter and the arrow keys go on meaning what they meant. */
export function keepFocus(event: Event): void {
  event.preventDefault();
}

interface Props {
  text: Key;
  onPress: () => void;
  /** The key of the binding that does the same; people's own takes its place. */
  keys?: string;
  /** The text of that binding, where it is another one. */
  binding?: Key;
  icon?: IconName;
  /** Only the icon is seen; the text is its name and tooltip. */
  quiet?: boolean;
  /** Its key is seen beside the icon. */
  badge?: boolean;
  kind?: "primary" | "danger" | "quiet";
  disabled?: boolean;
  /** Why it cannot be used: it is shown as disabled, and says this where it is asked. */
  why?: string;
  pressed?: boolean;
  /** It shows and hides something: whether that is shown. */
  expanded?: boolean;
  children?: ComponentChildren;
  class?: string;
}

export function Button(props: Props) {
  const { text, onPress, icon, quiet, kind, disabled, pressed, why } = props;
  const keys = shownKey(props.binding ?? text, props.keys);
  const label = t(text);
  const reason = useId();
  const tip = quiet ? (keys ? `${label} (${plain(keys)})` : label) : undefined;
  const classes = ["btn", kind && `btn-${kind}`, quiet && "btn-icon", props.class];
  return (
    <button
      type="button"
      class={classes.filter(Boolean).join(" ")}
      disabled={disabled ?? false}
      aria-pressed={pressed}
      aria-expanded={props.expanded}
      aria-label={quiet ? label : undefined}
      aria-keyshortcuts={keys ? aria(keys) : undefined}
      aria-disabled={why ? true : undefined}
      aria-describedby={why ? reason : undefined}
      title={why || tip}
      data-key={keys && quiet && props.badge ? shortly(keys) : undefined}
      onMouseDown={keepFocus}
      onClick={why ? undefined : onPress}
    >
      {icon && <Icon name={icon} />}
      {!quiet && <span>{label}</span>}
      {props.children}
      {keys && !quiet && <Kbd name={keys} />}
      {why && (
        <span id={reason} class="visually-hidden">
          {why}
        </span>
      )}
    </button>
  );
}

function aria(keys: string): string {
  return keys.replace("mod+", "Control+").replace("shift+", "Shift+").replace("alt+", "Alt+");
}

function plain(keys: string): string {
  return aria(keys)
    .replace("Control", "Ctrl")
    .toUpperCase()
    .replace("CTRL", "Ctrl")
    .replace("SHIFT", "Shift");
}
