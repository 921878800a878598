import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { type Key, t } from "../core/i18n";
import { pushScope } from "../core/keys";
import { Icon } from "./icon";

interface Props {
  title: Key;
  onClose: () => void;
  /** Needs an answer: neither Escape nor the cross closes it. */
  firm?: boolean;
  wide?: boolean;
  /** What Ctrl+Enter does. */
  onSubmit?: () => void;
  children: ComponentChildren;
}

/** A modal dialog: the rest of the page is inert and no hot key of it works. */
export function Dialog({ title, onClose, firm, wide, onSubmit, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const submit = useRef(onSubmit);
  submit.current = onSubmit;

  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    const drop = pushScope("dialog", title, () => [
      { keys: ["mod+Enter"], text: null, editable: true, run: () => submit.current?.() },
    ]);
    return () => {
      drop();
      ref.current?.close();
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, [title]);

  return (
    <dialog
      ref={ref}
      class={wide ? "dialog dialog-wide" : "dialog"}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        if (!firm) onClose();
      }}
    >
      <header>
        <h2 id={heading}>{t(title)}</h2>
        {!firm && (
          <button
            type="button"
            class="btn btn-quiet btn-icon"
            aria-label={t("dialog.close")}
            onClick={onClose}
          >
            <Icon name="cross" />
          </button>
        )}
      </header>
      {children}
    </dialog>
  );
}
