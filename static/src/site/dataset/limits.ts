/* What the server tells the form, and how numbers of bytes are written. */

type TextKey =
  | "sum"
  | "sumOne"
  | "more"
  | "accepts.image"
  | "accepts.pdf"
  | "accepts.audio"
  | "accepts.video"
  | "accepts.text"
  | "accepts.custom"
  | "odd"
  | "tooMany"
  | "tooLarge"
  | "chooseFiles"
  | "chooseManifest"
  | "giveName"
  | "sending"
  | "sent"
  | "lost"
  | "stopped"
  | "root"
  | "up"
  | "folderSum"
  | "folderSumOne"
  | "noStorage"
  | "noManifest";

export type Texts = Record<TextKey, string>;

export interface Limits {
  api: string;
  storages: string;
  pages: string;
  maxBytes: number;
  maxFiles: number;
  /** What the files of each kind of dataset may end in. */
  suffixes: Record<string, string[]>;
  /** The kinds of which each file is an item. */
  fileKinds: string[];
  texts: Texts;
  workspace?: number;
  dataset?: number;
}

/** The text with {name} replaced. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A number of bytes as people read it. */
export function size(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit",
    unitDisplay: unit === 0 ? "long" : "short",
    unit: units[unit] ?? "byte",
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  }).format(value);
}
