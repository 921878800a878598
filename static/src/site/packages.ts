/* The table of packages: rows are ticked one by one, in ranges with Shift, or all that the filter finds; a verb opens a
   dialog that says what it does. Without a script the same buttons lead to a page of their own. */

import { openDialog } from "./lib/dialog";
import { find } from "./lib/labels";
import { toast } from "./lib/toast";

const BOX = 'input[name="number"]';

export default function start(form: HTMLElement): void {
  if (!(form instanceof HTMLFormElement)) return;
  const head = find<HTMLInputElement>(form, "[data-tick-all]");
  const all = find<HTMLInputElement>(form, 'input[name="all"]');
  const said = find(form, "[data-chosen]");
  const offer = find(form, "[data-offer-all]");
  const texts = said.dataset;
  let last: HTMLInputElement | null = null;

  const boxes = (): HTMLInputElement[] => [...form.querySelectorAll<HTMLInputElement>(BOX)];

  function show(): void {
    const found = boxes();
    const count = found.filter((box) => box.checked).length;
    const every = found.length > 0 && count === found.length;
    head.checked = every;
    head.indeterminate = count > 0 && !every;
    if (!every) all.disabled = true;
    said.textContent = all.disabled
      ? count === 0
        ? (texts.none ?? "")
        : (texts.some ?? "").replace("{n}", String(count))
      : (texts.all ?? "");
    offer.hidden = !every || !all.disabled || form.dataset.more === undefined;
    for (const button of form.querySelectorAll<HTMLButtonElement>("[data-verb]"))
      button.disabled = count === 0;
  }

  form.addEventListener("click", (event) => {
    const target = event.target;
    if (!(target instanceof HTMLInputElement) || !target.matches(BOX)) return;
    const found = boxes();
    if (event.shiftKey && last !== null && found.includes(last)) {
      const [from, to] = [found.indexOf(last), found.indexOf(target)].sort((a, b) => a - b);
      for (const box of found.slice(from, (to ?? 0) + 1)) box.checked = target.checked;
    }
    last = target;
    show();
  });
  form.addEventListener("keydown", (event) => {
    // Shift with the arrow keys ticks on, as a mouse does with Shift.
    const target = event.target;
    if (!(target instanceof HTMLInputElement) || !target.matches(BOX)) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    const found = boxes();
    const next = found[found.indexOf(target) + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
    if (event.shiftKey) next.checked = target.checked;
    last = next;
    show();
  });
  head.addEventListener("change", () => {
    for (const box of boxes()) box.checked = head.checked;
    show();
  });
  find(offer, "button").addEventListener("click", () => {
    all.disabled = false;
    show();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void openVerb(form, event.submitter);
  });
  // Rows that came anew are as the old ones were ticked: morphing keeps them.
  document.addEventListener("htmx:after:swap", show);
  show();
}

/** Ask for the dialog of the verb whose button was pressed, and show it. */
export async function openVerb(form: HTMLFormElement, button: HTMLElement | null): Promise<void> {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) query.append(name, String(value));
  query.append("part", "dialog");
  const answer = await fetch(`${form.action}?${query}`);
  if (!answer.ok || answer.redirected) {
    toast(String(answer.status), "error");
    return;
  }
  const dialog = find<HTMLDialogElement>(document, "#package-dialog");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  dialog.replaceChildren(...page.body.childNodes);
  openDialog(dialog);
}
