/* What is asked for again every few seconds, while somebody can see it: an element with `data-live` and
   `hx-trigger="live"` gets that event, all others nothing while the tab is hidden. */

const EVERY = 4000;
const listeners = new Set<() => void>();

/** Call this every few seconds while the tab is shown, and at once when it is shown again. */
export function onTick(listener: () => void): void {
  listeners.add(listener);
}

/** Whether somebody is in the middle of something that new rows would take away. */
function busy(element: HTMLElement): boolean {
  const focused = document.activeElement;
  const typing = focused instanceof HTMLInputElement && focused.type === "text";
  return document.querySelector("dialog[open]") !== null || (typing && element.contains(focused));
}

function tick(): void {
  if (document.hidden) return;
  for (const element of document.querySelectorAll<HTMLElement>("[data-live]"))
    if (!busy(element)) element.dispatchEvent(new CustomEvent("live"));
  for (const listener of listeners) listener();
}

export function startLive(): void {
  setInterval(tick, EVERY);
  document.addEventListener("visibilitychange", tick);
}
