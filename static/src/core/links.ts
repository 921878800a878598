/* Addresses out of data: which of them may be opened. */

export interface Address {
  text: string;
  /** Null for what is no address that may be opened. */
  href: string | null;
}

const SCHEMES = new Set(["http:", "https:", "mailto:"]);
/** Of a list so many are shown. */
const MOST = 100;

/** What a browser would open for this text, if it may. */
export function hrefOf(text: string): string | null {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return null;
  }
  return SCHEMES.has(url.protocol) ? url.href : null;
}

/** The addresses of a field: one, or a list of them. */
export function addressesOf(value: unknown): Address[] {
  const all = Array.isArray(value) ? value : [value];
  return all
    .filter((one): one is string => typeof one === "string" && one.trim() !== "")
    .slice(0, MOST)
    .map((text) => ({ text: text.trim(), href: hrefOf(text) }));
}
