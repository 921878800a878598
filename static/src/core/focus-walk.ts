/* Going through the parts of the page by key: views, their editors, questions on the stage, the side, list and foot. */

/** What the focus stops at, in the order of the page. */
const STOPS = "[data-stop], .wb-side, .wb-strip, .wb-foot, .wb-top";
const FOCUSABLE =
  "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea, summary, [tabindex]";

/** The last element in each part that had the focus. */
const last = new WeakMap<Element, HTMLElement>();

function isSeen(element: HTMLElement): boolean {
  return element.tabIndex >= 0 && element.getClientRects().length > 0;
}

/** Where the focus goes in a part: the view's surface, else where it was last, else the first that takes it. */
function entryOf(part: Element): HTMLElement | null {
  const surface = part.querySelector<HTMLElement>("[data-surface]");
  if (surface && isSeen(surface)) return surface;
  const former = last.get(part);
  if (former && part.contains(former) && isSeen(former)) return former;
  return [...part.querySelectorAll<HTMLElement>(FOCUSABLE)].find(isSeen) ?? null;
}

/** On to the next part of the page, or back to the former one, round and round. */
export function walk(by: 1 | -1): void {
  const parts = [...document.querySelectorAll(STOPS)].filter((part) => entryOf(part) !== null);
  const active = document.activeElement;
  const at = parts.findIndex((part) => part.contains(active));
  const now = parts[at];
  if (now && active instanceof HTMLElement) last.set(now, active);
  const from = at < 0 && by < 0 ? 0 : at;
  const next = parts[(from + by + parts.length) % parts.length];
  const entry = next && entryOf(next);
  entry?.focus();
  entry?.scrollIntoView({ block: "nearest", inline: "nearest" });
}
