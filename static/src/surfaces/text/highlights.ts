/* What is marked for a moment, such as what the mouse goes over or what was looked for: painted by the browser over
   the text, whose elements stay as they are. */

export type HighlightName = "itag-range" | "itag-found" | "itag-found-now";

/** Whether this browser can paint them. */
export const canHighlight = typeof CSS !== "undefined" && "highlights" in CSS;

export function highlight(name: HighlightName, ranges: readonly Range[]): void {
  if (!canHighlight) return;
  if (ranges.length === 0) CSS.highlights.delete(name);
  else CSS.highlights.set(name, new Highlight(...ranges));
}
