/* The package that was handed in last from this tab: it may be taken back from the page that is open now. */

import { signal } from "@preact/signals";

export interface Handed {
  assignment: number;
  api: string;
  number: number;
  job: string;
  at: number;
}

const NAME = "itag.handed";
/** The offer goes after this time; the server is the judge of what may be taken back. */
const OFFERED_MS = 10 * 60_000;

export const handed = signal<Handed | null>(null);

/** Remember it across the change to the next package's page. */
export function remember(one: Handed): void {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(one));
  } catch {
    // A browser that keeps nothing offers it on the page of the package alone.
  }
}

export function forget(): void {
  handed.value = null;
  try {
    sessionStorage.removeItem(NAME);
  } catch {
    // There was nothing to forget.
  }
}

/** What may be offered on the page of this assignment. */
export function recall(current: number | null, now: number): void {
  let found: Partial<Handed> | null = null;
  try {
    found = JSON.parse(sessionStorage.getItem(NAME) ?? "null");
  } catch {
    found = null;
  }
  if (!isHanded(found) || found.assignment === current || now - found.at > OFFERED_MS) return;
  handed.value = found;
}

function isHanded(value: Partial<Handed> | null): value is Handed {
  return (
    value !== null &&
    Number.isInteger(value.assignment) &&
    Number.isInteger(value.number) &&
    typeof value.at === "number" &&
    typeof value.job === "string" &&
    // Only our own addresses are posted to.
    /^\/api\/v1\/assignments\/\d+$/.test(value.api ?? "")
  );
}
