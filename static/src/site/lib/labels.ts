/* One set of labels: rows with colour, name and shortcut, and an input that adds more. */

import { isTable, parseOptions } from "../../designer/paste";
import { branchLength, canShift, depthOf, level, nested } from "./levels";

export interface Option {
  key?: string;
  label: string;
  color: string;
  shortcut: string;
  /** Labels below this one. */
  children?: Option[];
}

/** A label that is not complete yet. */
export type Given = Partial<Omit<Option, "children">> & { label: string; children?: Given[] };

export interface Texts {
  duplicate: string;
  shortcutTaken: string;
  shortcutKind: string;
  empty: string;
}

interface Row {
  element: HTMLElement;
  option: Option;
  depth: number;
  /** It keeps its place: answers may hold it. */
  fixed: boolean;
}

const SHIFTS = [
  ["[data-deeper]", 1],
  ["[data-higher]", -1],
] as const;

/** What the server compares: no space around, one spelling of accents. */
export function normal(label: string): string {
  return label.trim().normalize("NFC");
}

/** The Enter that takes a word from an input method: `keyCode` 229 where the browser ends the composition first. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

export class LabelSet {
  private readonly rows: Row[] = [];
  private readonly list: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly error: HTMLElement;
  private lastKey = 0;

  constructor(
    root: HTMLElement,
    private readonly template: HTMLTemplateElement,
    private readonly palette: readonly string[],
    private readonly shortcuts: readonly string[],
    private readonly texts: Texts,
    private readonly changed: () => void,
    /** Whether new labels get their keys here, so that others can speak of them before they are sent. */
    private readonly keyed = false,
  ) {
    this.list = find(root, "[data-labels]");
    this.input = find<HTMLInputElement>(root, "[data-add]");
    this.error = find(root, "[data-add-error]");
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      if (!isComposing(event)) this.addTyped();
    });
    this.input.addEventListener("input", () => this.complain(""));
    this.input.addEventListener("paste", (event) => {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!/[\r\n]/.test(text.trim())) return;
      event.preventDefault();
      const start = this.input.value.slice(0, this.input.selectionStart ?? undefined);
      const end = this.input.value.slice(this.input.selectionEnd ?? this.input.value.length);
      this.input.value = "";
      this.addLines(start + text + end);
    });
    const file = root.querySelector<HTMLInputElement>("[data-add-file]");
    file?.addEventListener("change", async () => {
      const [given] = file.files ?? [];
      if (given !== undefined) this.addLines(await given.text());
      file.value = "";
    });
    find(root, "[data-add-button]").addEventListener("click", () => {
      this.addTyped();
      this.input.focus();
    });
  }

  get options(): Option[] {
    return nested(this.rows, ({ option }, children: Option[]) => ({
      ...option,
      label: option.label.trim(),
      ...(children.length > 0 ? { children } : {}),
    }));
  }

  /** Add what stands in the input; false, with a message, where it is there already. */
  addTyped(): boolean {
    const typed = this.input.value;
    if (typed.trim() === "") return true;
    if (!this.add({ label: typed.trim() })) {
      this.complain(this.texts.duplicate.replace("{label}", typed.trim()));
      this.input.select();
      return false;
    }
    this.input.value = "";
    this.complain("");
    this.changed();
    return true;
  }

  /**
   * Add one label a line, a line further in below the one before, or what a table says (CSV, or cells of a sheet); what
   * is there already is left out and named.
   */
  addLines(text: string): void {
    const refused: string[] = [];
    if (isTable(text)) {
      const put = (options: readonly Given[], depth: number): void => {
        for (const { children = [], ...option } of options) {
          if (!this.add(option, depth)) refused.push(option.label);
          put(children, depth + 1);
        }
      };
      put(parseOptions(text), 0);
    } else
      for (const line of text.split(/\r\n|\r|\n/)) {
        const label = line.trim();
        if (label !== "" && !this.add({ label }, depthOf(line))) refused.push(label);
      }
    this.complain(refused.map((label) => this.texts.duplicate.replace("{label}", label)).join(" "));
    this.changed();
  }

  /** Add a label with those below it; false where one of this name is there. */
  add({ children = [], ...given }: Given, depth = 0): boolean {
    if (this.rows.some((row) => normal(row.option.label) === normal(given.label))) return false;
    const option: Option = {
      ...(this.keyed ? { key: this.freeKey(given.key) } : {}),
      ...given,
      color: given.color ?? this.freeColor(),
      shortcut: given.shortcut ?? this.freeShortcut(),
    };
    const element = this.template.content.firstElementChild?.cloneNode(true) as HTMLElement;
    const row = { element, option, depth, fixed: false };
    this.rows.push(row);
    this.connect(row);
    this.list.append(element);
    this.level();
    for (const child of children) this.add(child, row.depth + 1);
    return true;
  }

  /** Labels that are in use stay where they are, and stay. */
  fix(keys: ReadonlySet<string | undefined>): void {
    for (const row of this.rows) {
      if (!keys.has(row.option.key)) continue;
      row.fixed = true;
      find(row.element, "[data-remove]").hidden = true;
    }
    this.level();
  }

  /** Show how deep each label stands, and where it can go. */
  private level(): void {
    level(this.rows);
    this.list.classList.toggle(
      "tree",
      this.rows.some((row) => row.depth > 0),
    );
    this.rows.forEach(({ element, depth, fixed }, at) => {
      element.style.setProperty("--depth", String(depth));
      for (const [name, by] of SHIFTS) {
        const button = find<HTMLButtonElement>(element, name);
        button.hidden = fixed;
        button.disabled = !canShift(this.rows, at, by);
      }
    });
  }

  /** Put a label, with those below it, one level down or up. */
  private shift(row: Row, by: 1 | -1): void {
    const at = this.rows.indexOf(row);
    if (row.fixed || !canShift(this.rows, at, by)) return;
    for (const one of this.rows.slice(at, at + branchLength(this.rows, at))) one.depth += by;
    this.level();
    this.changed();
  }

  private connect(row: Row): void {
    const { element, option } = row;
    const color = find<HTMLInputElement>(element, "[data-color]");
    const name = find<HTMLInputElement>(element, "[data-name]");
    const shortcut = find<HTMLInputElement>(element, "[data-shortcut]");
    color.value = option.color;
    name.value = option.label;
    shortcut.value = option.shortcut;
    color.addEventListener("input", () => {
      option.color = color.value;
      this.changed();
    });
    name.addEventListener("input", () => {
      option.label = name.value;
      this.check();
      this.changed();
    });
    shortcut.addEventListener("input", () => {
      option.shortcut = shortcut.value.toLowerCase();
      this.check();
      this.changed();
    });
    for (const input of [name, shortcut])
      input.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        if (!isComposing(event)) this.after(row).focus();
      });
    name.addEventListener("keydown", (event) => {
      const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : null;
      if (by === null || !event.altKey || isComposing(event)) return;
      event.preventDefault();
      this.shift(row, by);
    });
    for (const [button, by] of SHIFTS)
      find(element, button).addEventListener("click", () => this.shift(row, by));
    find(element, "[data-remove]").addEventListener("click", () => {
      const next = this.after(row);
      this.rows.splice(this.rows.indexOf(row), 1);
      element.remove();
      next.focus();
      this.level();
      this.check();
      this.changed();
    });
  }

  /** The name input of the next row, after the last one the input that adds. */
  private after(row: Row): HTMLElement {
    const next = this.rows[this.rows.indexOf(row) + 1];
    return next === undefined ? this.input : find(next.element, "[data-name]");
  }

  /** Say at each row what is wrong with it; whether nothing is. */
  check(): boolean {
    const names = new Set<string>();
    const keys = new Set<string>();
    let good = true;
    for (const { element, option } of this.rows) {
      const name = normal(option.label);
      let message = "";
      if (name === "") message = this.texts.empty;
      else if (names.has(name)) message = this.texts.duplicate.replace("{label}", name);
      else if (option.shortcut !== "" && !this.shortcuts.includes(option.shortcut))
        message = this.texts.shortcutKind;
      else if (option.shortcut !== "" && keys.has(option.shortcut))
        message = this.texts.shortcutTaken;
      names.add(name);
      if (option.shortcut !== "") keys.add(option.shortcut);
      const error = find(element, "[data-row-error]");
      error.textContent = message;
      error.hidden = message === "";
      good &&= message === "";
    }
    return good;
  }

  private complain(message: string): void {
    this.error.textContent = message;
    this.error.hidden = message === "";
    this.input.setAttribute("aria-invalid", String(message !== ""));
  }

  /** `k` and the next number, as the server gives them; none is given twice. */
  private freeKey(given: string | undefined): string {
    for (const key of [given, ...this.rows.map((row) => row.option.key)]) {
      const number = /^k(\d{1,9})$/.exec(key ?? "")?.[1];
      this.lastKey = Math.max(this.lastKey, Number(number ?? 0));
    }
    if (given !== undefined) return given;
    this.lastKey += 1;
    return `k${this.lastKey}`;
  }

  private freeColor(): string {
    const used = new Set(this.rows.map((row) => row.option.color));
    const free = this.palette.find((color) => !used.has(color));
    return free ?? this.palette[this.rows.length % this.palette.length] ?? "#888888";
  }

  private freeShortcut(): string {
    const used = new Set(this.rows.map((row) => row.option.shortcut));
    return this.shortcuts.find((key) => !used.has(key)) ?? "";
  }
}

/** The element that the page's own template is known to hold. */
export function find<E extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): E {
  const found = root.querySelector<E>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}
