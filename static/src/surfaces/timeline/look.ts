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

/** The canvas at the size of the scene, in whatever pixels the screen has. */
export function fitted(
  canvas: HTMLCanvasElement,
  { width, height }: { width: number; height: number },
): CanvasRenderingContext2D | null {
  const ratio = Math.min(2, devicePixelRatio || 1);
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.inlineSize = `${width}px`;
    canvas.style.blockSize = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
