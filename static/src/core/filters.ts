/* Which items of the package are listed, and which one a jump leads to. */

import type { Key } from "./i18n";
import { isDone } from "./sheet";
import type { Flag, ItemSummary } from "./types";

export type Filter = "all" | "open" | "flagged" | "feedback" | "rejected" | "disputed";

export const FILTERS: readonly { name: Filter; text: Key; none: Key }[] = [
  { name: "all", text: "filter.all", none: "filter.none.open" },
  { name: "open", text: "filter.open", none: "filter.none.open" },
  { name: "flagged", text: "filter.flagged", none: "filter.none.flagged" },
  { name: "feedback", text: "filter.feedback", none: "filter.none.feedback" },
  { name: "rejected", text: "filter.rejected", none: "filter.none.rejected" },
  { name: "disputed", text: "filter.disputed", none: "filter.none.disputed" },
];

export type Flags = ReadonlyMap<number, Flag>;

export function matches(item: ItemSummary, filter: Filter, flags: Flags): boolean {
  switch (filter) {
    case "all":
      return true;
    case "open":
      return !isDone(item.state);
    case "flagged":
      return flags.has(item.position);
    case "feedback":
      return item.feedback === true;
    case "rejected":
      return item.state === "rejected";
    case "disputed":
      return item.disputed === true;
  }
}

/** The next item that matches, from the present one on and round; the present one itself does not count. */
export function nextMatch(
  list: readonly ItemSummary[],
  position: number,
  filter: Filter,
  flags: Flags,
): ItemSummary | null {
  const at = list.findIndex((item) => item.position === position);
  const order = [...list.slice(at + 1), ...list.slice(0, Math.max(0, at))];
  return order.find((item) => matches(item, filter, flags)) ?? null;
}
