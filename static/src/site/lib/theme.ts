/* The theme switch: a form that works without a script; with one the page changes at once. */

export function startTheme(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-theme-form]")) return;
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    const root = document.documentElement;
    if (button.value === "") delete root.dataset.theme;
    else root.dataset.theme = button.value;
    for (const other of document.querySelectorAll<HTMLButtonElement>("[data-theme-form] button"))
      other.setAttribute("aria-pressed", String(other.value === button.value));
    void fetch(form.action, {
      method: "POST",
      body: new FormData(form, button),
      redirect: "manual",
      keepalive: true,
    });
  });
}
