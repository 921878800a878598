/* The page that each view of a PDF shows just now, for panels and for what takes the text beneath a region. */

import { type Signal, signal } from "@preact/signals";
import type { Picture } from "../../core/media";
import type { Run } from "./text";

export interface ShownPage {
  page: number;
  picture: Picture | null;
  /** Null until they are read. */
  runs: readonly Run[] | null;
}

const NONE: ShownPage = { page: 0, picture: null, runs: null };
const shown = new Map<string, Signal<ShownPage>>();

/** What the view of this dataset field shows. */
export function shownOn(field: string): Signal<ShownPage> {
  let found = shown.get(field);
  if (!found) {
    found = signal(NONE);
    shown.set(field, found);
  }
  return found;
}
