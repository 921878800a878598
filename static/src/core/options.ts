/* Options as a list of rows: a tree whose branches fold, or what a search finds in it. */

import type { Option } from "./types";

/** With more options than this a field to search them is shown. */
export const SEARCHED = 12;
/** Branches of a tree with more options than this are folded at first. */
export const UNFOLDED = 40;
/** The most rows that are shown at once. */
export const MOST_ROWS = 150;

export interface OptionRow {
  option: Option;
  depth: number;
  parent: string | null;
  /** The labels above it, outermost first. */
  path: readonly string[];
  branch: boolean;
  folded: boolean;
}

/** Every option with what stands above it, parents first. */
export function optionRows(options: readonly Option[] = []): OptionRow[] {
  const rows: OptionRow[] = [];
  const walk = (level: readonly Option[], above: OptionRow | null) => {
    for (const option of level) {
      const row: OptionRow = {
        option,
        depth: above ? above.depth + 1 : 0,
        parent: above?.option.key ?? null,
        path: above ? [...above.path, above.option.label] : [],
        branch: (option.children ?? []).length > 0,
        folded: false,
      };
      rows.push(row);
      walk(option.children ?? [], row);
    }
  };
  walk(options, null);
  return rows;
}

/** The branches that are folded at first: none in a short tree, else all without a chosen option below. */
export function foldedAtFirst(
  rows: readonly OptionRow[],
  chosen: readonly string[],
): ReadonlySet<string> {
  if (rows.length <= UNFOLDED) return new Set();
  const parents = new Map(rows.map((row) => [row.option.key, row.parent]));
  const open = new Set<string>();
  for (const key of chosen) {
    for (let at = parents.get(key) ?? null; at !== null; at = parents.get(at) ?? null) open.add(at);
  }
  const branches = rows.filter((row) => row.branch).map((row) => row.option.key);
  return new Set(branches.filter((key) => !open.has(key)));
}

/** The rows that are not below a folded branch. */
export function unfoldedRows(rows: readonly OptionRow[], folded: ReadonlySet<string>): OptionRow[] {
  const hidden = new Set<string>();
  return rows.flatMap((row) => {
    const { key } = row.option;
    if (row.parent !== null && hidden.has(row.parent)) {
      hidden.add(key);
      return [];
    }
    const shut = row.branch && folded.has(key);
    if (shut) hidden.add(key);
    return [{ ...row, folded: shut }];
  });
}

/** The options whose label, or whose path, has every word of the search; those that begin with it first. */
export function foundRows(rows: readonly OptionRow[], search: string): OptionRow[] {
  const wanted = plain(search);
  const words = wanted.split(/\s+/).filter(Boolean);
  const found = rows.filter((row) => {
    const label = plain(row.option.label);
    const whole = plain([...row.path, row.option.label].join(" "));
    return (
      words.every((word) => whole.includes(word)) && words.some((word) => label.includes(word))
    );
  });
  const rank = (row: OptionRow) => (plain(row.option.label).startsWith(wanted) ? 0 : 1);
  return found
    .sort((a, b) => rank(a) - rank(b))
    .map((row) => ({ ...row, depth: 0, folded: false, branch: false }));
}

/** Text as it is searched: without accents, width and case. */
function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .trim();
}
