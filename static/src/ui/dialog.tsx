import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
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
export function Dialog({ title: text, onClose, firm, wide, onSubmit, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const title = useRef<HTMLHeadingElement>(null);
  const submit = useRef(onSubmit);
  submit.current = onSubmit;

  // Before the next key can come: it is meant for the dialog.
  useLayoutEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    // Not the cross, which the browser would take: nothing is chosen yet.
    if (!ref.current?.querySelector("[autofocus]")) title.current?.focus();
    const drop = pushScope("dialog", text, () => [
      { keys: ["mod+Enter"], text: null, editable: true, run: () => submit.current?.() },
    ]);
    return () => {
      drop();
      ref.current?.close();
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, [text]);

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
        <h2 ref={title} id={heading} tabIndex={-1}>
          {t(text)}
        </h2>
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

/** What went wrong with what a dialog asked for, said aloud; nothing where the text is empty. */
export function Problem({ text }: { text: string }) {
  return text ? (
    <p class="notice bad" role="alert">
      {text}
    </p>
  ) : null;
}
