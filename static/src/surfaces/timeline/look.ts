/* The colours of the theme, as a canvas needs them. */

import type { Look } from "./types";

/** Read them from where the timeline stands. */
export function lookOf(host: HTMLElement): Look {
  const style = getComputedStyle(host);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    surface: read("--surface"),
    raised: read("--surface-3"),
    line: read("--line"),
    strong: read("--line-strong"),
    text: read("--text"),
    quiet: read("--text-2"),
    accent: read("--accent"),
    onAccent: read("--on-accent"),
    font: style.fontFamily,
    dark: style.colorScheme === "dark",
  };
}

/** Call whenever the theme changes, until the result is called. */
export function watchLook(host: HTMLElement, changed: () => void): () => void {
  const { documentElement } = host.ownerDocument;
  const observer = new MutationObserver(changed);
  observer.observe(documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  const wish = matchMedia("(prefers-color-scheme: dark)");
  wish.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    wish.removeEventListener("change", changed);
  };
}
