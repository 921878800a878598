/* Options from what people have: a list, one a line and further in for what lies below, or a table with commas, tabs or
   semicolons. A table with a head names its columns (label, color, shortcut, key, remark, parent); one without has a
   colour in its second column, or each column is a level. */

import type { Option } from "../core/types";

export interface Given {
  label: string;
  color?: string;
  shortcut?: string;
  key?: string;
  remark?: string;
  children: Given[];
}

const COLUMNS = ["label", "color", "shortcut", "key", "remark", "parent"] as const;
type Column = (typeof COLUMNS)[number];
const NAMES: Record<string, Column> = {
  label: "label",
  name: "label",
  option: "label",
  标签: "label",
  名称: "label",
  选项: "label",
  color: "color",
  colour: "color",
  颜色: "color",
  shortcut: "shortcut",
  快捷键: "shortcut",
  key: "key",
  remark: "remark",
  备注: "remark",
  parent: "parent",
  上级: "parent",
  父级: "parent",
};
const HEX = /^#?[0-9a-f]{6}$/i;

/** What the text says, as a tree; doubled labels are left for the check to name. */
export function parseOptions(text: string): Given[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  const filled = lines.filter((line) => line.trim() !== "");
  const [first] = filled;
  if (first === undefined) return [];
  // A line further in is a list's; in a table an empty first cell looks the same where it is cut by tabs.
  const cut = separator(filled);
  if (cut === null) return fromList(filled);
  const rows = filled.map((line) => cells(line, cut));
  const head = rows[0]?.map((name) => NAMES[name.trim().toLowerCase()] ?? null) ?? [];
  if (head.includes("label")) return fromTable(rows.slice(1), head);
  const colored = rows.every((row) => !row[1]?.trim() || HEX.test(row[1].trim()));
  if (colored && rows.some((row) => HEX.test(row[1]?.trim() ?? ""))) {
    return fromTable(rows, ["label", "color", "shortcut", "key"]);
  }
  return fromLevels(rows);
}

/** Whether the text is a table, of more columns than one or with a head, and not a list. */
export function isTable(text: string): boolean {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  return separator(lines.filter((line) => line.trim() !== "")) !== null;
}

function separator(lines: readonly string[]): string | null {
  const inside = lines.map((line) => line.replace(/^\s+/, ""));
  for (const cut of ["\t", ",", ";", "，"]) {
    const wide = inside.filter((line) => cells(line, cut).length > 1).length;
    if (wide > 0 && wide * 2 >= lines.length) return cut;
  }
  const [head] = inside;
  return head !== undefined && NAMES[head.trim().toLowerCase()] === "label" ? "," : null;
}

/** The cells of a line; quotes hold separators, two of them are one. */
function cells(line: string, cut: string): string[] {
  const found: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const sign = line[at] as string;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (line[at + 1] === '"') {
        cell += sign;
        at++;
      } else quoted = false;
    } else if (sign === '"' && cell.trim() === "") {
      quoted = true;
      cell = "";
    } else if (sign === cut) {
      found.push(cell);
      cell = "";
    } else cell += sign;
  }
  found.push(cell);
  return found;
}

function fromList(lines: readonly string[]): Given[] {
  const roots: Given[] = [];
  const open: { depth: number; option: Given }[] = [];
  for (const line of lines) {
    const [, indent = "", label = ""] = /^(\s*)(?:[-*•]\s+)?(.*)$/.exec(line) ?? [];
    const depth = indent.replace(/\t/g, "    ").replace(/\u3000/g, "  ").length;
    const option: Given = { label: label.trim(), children: [] };
    while (open.length > 0 && (open.at(-1)?.depth ?? 0) >= depth) open.pop();
    (open.at(-1)?.option.children ?? roots).push(option);
    open.push({ depth, option });
  }
  return roots;
}

function fromTable(rows: readonly string[][], head: readonly (Column | null)[]): Given[] {
  const roots: Given[] = [];
  const byName = new Map<string, Given>();
  const parents: [Given, string][] = [];
  for (const row of rows) {
    const said: Partial<Record<Column, string>> = {};
    head.forEach((column, at) => {
      const value = row[at]?.trim() ?? "";
      if (column !== null && value !== "") said[column] = value;
    });
    if (said.label === undefined) continue;
    const option: Given = { label: said.label, children: [] };
    if (said.color !== undefined && HEX.test(said.color)) {
      option.color = `#${said.color.replace("#", "").toLowerCase()}`;
    }
    if (said.shortcut !== undefined) option.shortcut = said.shortcut.toLowerCase();
    if (said.key !== undefined) option.key = said.key;
    if (said.remark !== undefined) option.remark = said.remark;
    for (const name of [said.key, said.label]) {
      if (name !== undefined && !byName.has(name)) byName.set(name, option);
    }
    parents.push([option, said.parent ?? ""]);
  }
  for (const [option, name] of parents) {
    const parent = byName.get(name);
    const above = parent && !isBelow(parent, option) ? parent.children : roots;
    above.push(option);
  }
  return roots;
}

/** Whether an option is this one, or lies below it: it cannot be its parent. */
function isBelow(option: Given, top: Given): boolean {
  return option === top || top.children.some((child) => isBelow(option, child));
}

/** Each column a level; an empty cell means the same as above it. */
function fromLevels(rows: readonly string[][]): Given[] {
  const roots: Given[] = [];
  let path: Given[] = [];
  for (const row of rows) {
    const next: Given[] = [];
    let same = true;
    for (const [depth, cell] of row.entries()) {
      const label = cell.trim();
      const above = next.at(-1)?.children ?? roots;
      const former = path[depth];
      if (label === "") {
        if (!same || former === undefined) break;
        next.push(former);
        continue;
      }
      const known = above.find((one) => one.label === label);
      const option = known ?? { label, children: [] };
      if (!known) above.push(option);
      same = option === former;
      next.push(option);
    }
    path = next;
  }
  return roots;
}

export interface Choices {
  palette: readonly string[];
  shortcuts: readonly string[];
}

/** Complete options: keys that none of those there already has, free colours and shortcuts. */
export function complete(
  given: readonly Given[],
  present: readonly Option[],
  { palette, shortcuts }: Choices,
): Option[] {
  const there = flat(present);
  const keys = new Set(there.map((one) => one.key));
  const colors = new Set(there.map((one) => one.color));
  const used = new Set(there.map((one) => one.shortcut));
  for (const one of flat(given)) {
    if (one.color) colors.add(one.color);
    if (one.shortcut) used.add(one.shortcut);
  }
  let number = 1;
  let next = 0;
  const freeColors = palette.filter((color) => !colors.has(color));
  const pool = freeColors.length > 0 ? freeColors : palette;
  const freeKeys = shortcuts.filter((key) => !used.has(key));
  const make = (one: Given): Option => {
    let key = one.key ?? "";
    if (key === "" || keys.has(key)) {
      while (keys.has(`k${number}`)) number++;
      key = `k${number}`;
    }
    keys.add(key);
    const option: Option = {
      key,
      label: one.label,
      color: one.color ?? pool[next++ % pool.length] ?? "#888888",
      shortcut: one.shortcut ?? freeKeys.shift() ?? "",
    };
    if (one.remark !== undefined) Object.assign(option, { remark: one.remark });
    if (one.children.length > 0) option.children = one.children.map(make);
    return option;
  };
  return given.map(make);
}

/** Every option of a tree, parents first. */
export function flat<T extends { children?: T[] }>(options: readonly T[]): T[] {
  return options.flatMap((one) => [one, ...flat(one.children ?? [])]);
}
