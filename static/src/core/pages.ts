/* Which page of a document is looked at: new regions lie on it, and its own questions are asked. */

import { type Signal, signal } from "@preact/signals";

const pages = new Map<string, Signal<number>>();

/** The page, from 1, of the view that shows this dataset field. */
export function pageOf(field: string): Signal<number> {
  let found = pages.get(field);
  if (!found) {
    found = signal(1);
    pages.set(field, found);
  }
  return found;
}

/** The id under which a page's own answers are kept. */
export function pageId(page: number): string {
  return `page:${page}`;
}

/** The page that such an id means, or null for any other. */
export function pageOfId(id: string | null): number | null {
  const number = /^page:([1-9]\d{0,5})$/.exec(id ?? "")?.[1];
  return number === undefined ? null : Number(number);
}
