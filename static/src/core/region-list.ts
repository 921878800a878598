/* What the list of regions shows: which regions, in which rows. */

import { hiddenBeside } from "./conditions";
import type { ObjectList } from "./document";
import { wrong } from "./problems";
import { childrenOf, describe, type RegionQuestion } from "./regions";
import { endWords } from "./relations";
import type { Obj, Question } from "./types";

export type Row =
  | { kind: "group"; group: string; number: number; ids: string[] }
  | { kind: "region"; id: string; index: number; group: number | null };

export interface Wish {
  words: string;
  facet: string;
}

/** What a region is besides its answer. */
export interface Standing {
  kindName(kind: string): string;
  hidden(id: string): boolean;
  locked(id: string): boolean;
}

export const EVERYTHING: Wish = { words: "", facet: "" };

/** Rows in the order of the answer; members of a group stand together below their heading, where the first one is. */
export function rowsOf(list: ObjectList, shown: (object: Obj) => boolean): Row[] {
  const members = new Map<string, { id: string; index: number }[]>();
  const found: ({ id: string; index: number } | string)[] = [];
  for (const [index, id] of list.ids.entries()) {
    const object = list.byId.get(id) as Obj;
    if (!shown(object)) continue;
    if (typeof object.group !== "string") {
      found.push({ id, index });
      continue;
    }
    const others = members.get(object.group);
    if (others) others.push({ id, index });
    else {
      members.set(object.group, [{ id, index }]);
      found.push(object.group);
    }
  }
  let number = 0;
  return found.flatMap((one): Row[] => {
    if (typeof one !== "string") return [{ kind: "region", ...one, group: null }];
    number++;
    const group = number;
    const regions = members.get(one) ?? [];
    return [
      { kind: "group", group: one, number, ids: regions.map(({ id }) => id) },
      ...regions.map((region): Row => ({ kind: "region", ...region, group })),
    ];
  });
}

/** Whether a region is what is looked for: every word in its labels, text or kind, and of the chosen sort. */
export function matcher(
  { question, spec }: RegionQuestion,
  { words, facet }: Wish,
  standing: Standing,
  find: (id: string) => Obj | null = () => null,
): (object: Obj) => boolean {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
  const sort = sorter(question, facet, standing);
  if (parts.length === 0 && !sort) return () => true;
  return (object) => {
    if (sort && !sort(object)) return false;
    if (parts.length === 0) return true;
    const said = describe(question, object);
    const kind = spec.plane ? standing.kindName(spec.plane.geometry(object).kind) : "";
    const ends = endWords({ question: { question, spec }, object }, find);
    const line = ends ? `${ends.from} ${ends.to}` : (spec.line?.words(object) ?? "");
    const text = `${said.text} ${said.typed} ${line} ${kind}`.toLowerCase();
    return parts.every((part) => text.includes(part));
  };
}

function sorter(
  question: Question,
  facet: string,
  standing: Standing,
): ((object: Obj) => boolean) | null {
  const [name, value = "", key = ""] = facet.split("\u0000");
  switch (name) {
    case "label":
      return ({ labels }) => {
        const said = labels[value];
        return Array.isArray(said) ? said.includes(key) : said === key;
      };
    case "kind":
      return (object) => object.shape === value;
    case "hidden":
      return ({ id }) => standing.hidden(id);
    case "locked":
      return ({ id }) => standing.locked(id);
    case "lacking":
      return (object) => lacks(question, object);
    default:
      return null;
  }
}

/** Whether a required label or text of the region is not there, or not as its rules ask. */
export function lacks(question: Question, object: Obj): boolean {
  const { labels } = object;
  const children = childrenOf(question, object);
  const wanting = children.filter((child) => wrong(child, labels[child.questionId] ?? null));
  if (wanting.length === 0) return false;
  const hidden = hiddenBeside(children, labels);
  return wanting.some(({ questionId }) => !hidden.has(questionId));
}

/** A value of the list's filter. */
export function facetOf(...parts: string[]): string {
  return parts.join("\u0000");
}

/** Ids of the regions between two of them, in the order of the rows; both included. */
export function between(rows: readonly Row[], from: string, to: string): string[] {
  const ids = rows.flatMap((row) => (row.kind === "region" ? [row.id] : []));
  const a = ids.indexOf(from);
  const b = ids.indexOf(to);
  if (a < 0 || b < 0) return [to];
  return ids.slice(Math.min(a, b), Math.max(a, b) + 1);
}
