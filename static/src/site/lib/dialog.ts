/* `<button data-dialog="id">` opens the <dialog id>, `data-dialog-close` closes it; `data-confirm="question"` on a form
   or submit button asks first. */

export function openDialog(dialog: HTMLDialogElement): void {
  dialog.showModal();
  dialog.querySelector<HTMLElement>("[autofocus]")?.focus();
}

/** Ask with the page's own dialog; resolves to whether the person agreed. */
export function ask(question: string): Promise<boolean> {
  const dialog = document.querySelector<HTMLDialogElement>("#confirm");
  if (dialog === null) return Promise.resolve(window.confirm(question));
  const text = dialog.querySelector("[data-question]");
  if (text !== null) text.textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

export function startDialogs(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const opener = event.target.closest<HTMLElement>("[data-dialog]");
    if (opener !== null) {
      const dialog = document.getElementById(opener.dataset.dialog ?? "");
      if (dialog instanceof HTMLDialogElement) openDialog(dialog);
      return;
    }
    event.target.closest("[data-dialog-close]")?.closest("dialog")?.close();
  });

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!(form instanceof HTMLFormElement)) return;
      const button = event.submitter;
      const question = button?.dataset.confirm ?? form.dataset.confirm;
      if (question === undefined || form.dataset.confirmed !== undefined) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      void ask(question).then((agreed) => {
        if (!agreed) return;
        form.dataset.confirmed = "";
        form.requestSubmit(button instanceof HTMLElement ? button : null);
        delete form.dataset.confirmed;
      });
    },
    true,
  );

  // A dialog whose form came back with mistakes opens again.
  for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog[data-open]"))
    openDialog(dialog);
}
