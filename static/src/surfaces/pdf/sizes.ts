/* How many pages a PDF has and of what size, as the server read it at the import: runs of pages of one size. */

import type { Media } from "../../core/types";
import type { Size } from "../canvas/geometry";

/** Width and height of a page (from 1) in points, upright; null where there is no such page. */
export function pageSize(media: Media | undefined, page: number): Size | null {
  let left = page;
  for (const [width, height, count] of page >= 1 ? (media?.sizes ?? []) : []) {
    if (left <= count) return { width, height };
    left -= count;
  }
  return null;
}

export function pageCount(media: Media | undefined): number {
  return media?.pages ?? 0;
}

/** The page that a number typed by a person means. */
export function clampPage(page: number, count: number): number {
  return Math.min(Math.max(1, Math.round(page) || 1), Math.max(1, count));
}
