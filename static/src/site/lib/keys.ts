/* `data-key="n"` on a button or link: that key, pressed outside of inputs and dialogs, clicks it. */

const TYPED = "input, textarea, select, [contenteditable]";

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (event.target instanceof Element && event.target.closest(TYPED) !== null) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const key = CSS.escape(event.key.toLowerCase());
    const target = document.querySelector<HTMLElement>(`[data-key="${key}"]`);
    if (target === null) return;
    event.preventDefault();
    target.click();
  });
}
