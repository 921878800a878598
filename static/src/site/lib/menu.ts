/* Menus are <details class="menu">: they open by click, Enter and Space without a script. This adds Escape, closing
   on a click elsewhere or when focus leaves, and the arrow keys. */

const OPEN = "details.menu[open]";

function items(menu: Element): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>(".menu-panel :is(a[href], button, input)")].filter(
    (element) => !element.hasAttribute("disabled"),
  );
}

function close(menu: HTMLDetailsElement, focus: boolean): void {
  menu.open = false;
  if (focus) menu.querySelector("summary")?.focus();
}

export function startMenus(): void {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll<HTMLDetailsElement>(OPEN))
      if (event.target instanceof Node && !menu.contains(event.target)) close(menu, false);
  });
  document.addEventListener("focusout", (event) => {
    const menu = event.target instanceof Element ? event.target.closest(OPEN) : null;
    const next = event.relatedTarget;
    if (menu instanceof HTMLDetailsElement && next instanceof Node && !menu.contains(next))
      close(menu, false);
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target instanceof Element ? event.target.closest(OPEN) : null;
    if (!(menu instanceof HTMLDetailsElement)) return;
    if (event.key === "Escape") {
      close(menu, true);
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const all = items(menu);
    const at = all.indexOf(document.activeElement as HTMLElement);
    const next =
      at < 0 && step < 0 ? all.length - 1 : Math.max(0, Math.min(all.length - 1, at + step));
    all[next]?.focus();
  });
}
