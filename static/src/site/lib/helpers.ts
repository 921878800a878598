/* Small behaviours by data attribute:
   data-copy="#id"       copies that element's text or value and says so on the button;
   data-dismiss          removes the notice it stands in;
   data-submit-on-change submits its form;
   data-filter="#id"     shows only those children of the element whose text holds what is typed;
   data-local-time       shows a <time datetime> in the reader's own zone and language. */

async function copy(button: HTMLElement): Promise<void> {
  const source = document.querySelector(button.dataset.copy ?? "");
  if (source === null) return;
  const text = source instanceof HTMLInputElement ? source.value : (source.textContent ?? "");
  try {
    await navigator.clipboard.writeText(text.trim());
  } catch {
    // Without https the clipboard is closed to scripts: select the text, so that one key copies it.
    const range = document.createRange();
    range.selectNodeContents(source);
    if (source instanceof HTMLInputElement) source.select();
    else window.getSelection()?.setBaseAndExtent(source, 0, source, source.childNodes.length);
    return;
  }
  const label = button.querySelector<HTMLElement>("[data-copied]");
  if (label !== null) label.textContent = label.dataset.copied ?? "";
}

export function localTimes(root: ParentNode): void {
  const language = document.documentElement.lang;
  const full = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  for (const element of root.querySelectorAll<HTMLTimeElement>("time[data-local-time]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const text = (element.dataset.localTime === "day" ? day : full).format(moment);
    if (element.textContent !== text) element.textContent = text;
  }
}

function filter(input: HTMLInputElement): void {
  const list = document.querySelector(input.dataset.filter ?? "");
  const wanted = input.value.trim().toLocaleLowerCase();
  for (const child of list?.children ?? [])
    if (child instanceof HTMLElement)
      child.hidden = !(child.textContent ?? "").toLocaleLowerCase().includes(wanted);
}

export function startHelpers(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest<HTMLElement>("[data-copy]");
    if (button !== null) void copy(button);
    event.target.closest("[data-dismiss]")?.closest(".notice")?.remove();
  });
  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLElement && event.target.matches("[data-submit-on-change]"))
      event.target.closest("form")?.requestSubmit();
  });
  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.dataset.filter !== undefined)
      filter(event.target);
  });
  localTimes(document);
  document.addEventListener("htmx:after:swap", () => localTimes(document));
}
