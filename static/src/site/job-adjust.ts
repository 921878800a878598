/* What a job says of a template's questions otherwise than the template: rules, preset texts, what items begin with,
   and which labels a relation may join. */

import { find, type Option } from "./lib/labels";

export interface Pair {
  from: string[];
  to: string[];
  relation: string[];
}

export interface Members {
  rule?: string | null;
  ruleHint?: string | null;
  preOptions?: string[] | null;
  default?: string | null;
  pairs?: Pair[] | null;
}

export interface Adjustable {
  id: string;
  title: string;
  type: string;
  /** The question that may be left out, with which this one goes; "" for none. */
  optional: string;
  members: Members;
}

export type Overrides = Record<string, Omit<Members, "default"> & { default?: unknown }>;

export interface AdjustTexts {
  badRule: string;
  unfitDefault: string;
  any: string;
}

/** The labels of one set, as relations are about them. */
export interface Labels {
  parent: string;
  nest: string;
  options: Option[];
}

const SIDES = ["from", "relation", "to"] as const;

/** The message of what is wrong with a rule, as the browser says it; "" where nothing is. */
export function ruleProblem(rule: string): string {
  try {
    new RegExp(rule, "u");
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Pairs of one label each: what a table of choices can show. */
export function singlePairs(pairs: readonly Pair[]): Pair[] {
  const each = (keys: readonly string[]): string[][] =>
    keys.length === 0 ? [[]] : keys.map((key) => [key]);
  return pairs.flatMap((pair) =>
    each(pair.from).flatMap((from) =>
      each(pair.to).flatMap((to) =>
        each(pair.relation).map((relation) => ({ from, to, relation })),
      ),
    ),
  );
}

/** What differs from the template, null where it is taken away; undefined where nothing does. */
export function otherwise(template: Members, said: Members): Members | undefined {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(said)) {
    const empty = value === "" || (Array.isArray(value) && value.length === 0);
    const now: unknown = empty ? null : value;
    const before: unknown = template[name as keyof Members] ?? null;
    if (JSON.stringify(now) !== JSON.stringify(before)) found[name] = now;
  }
  return Object.keys(found).length > 0 ? (found as Members) : undefined;
}

class Part {
  private readonly inputs = new Map<string, HTMLInputElement | HTMLTextAreaElement>();
  private pairs: Pair[];

  constructor(
    readonly question: Adjustable,
    readonly element: HTMLElement,
    given: Members,
    private readonly texts: AdjustTexts,
    private readonly labels: () => Labels[],
    private readonly changed: () => void,
  ) {
    const members: Members = { ...question.members, ...given };
    find(element, "[data-title]").textContent = question.title;
    const names: [string, string | null | undefined][] = [
      ["rule", members.rule],
      ["ruleHint", members.ruleHint],
      ["preOptions", members.preOptions?.join("\n")],
      ["default", members.default],
    ];
    for (const [name, value] of names) {
      const field = find(element, `[data-member="${name}"]`);
      field.hidden = !(name in question.members);
      if (field.hidden) continue;
      const input = find<HTMLInputElement>(field, "input, textarea");
      input.id = `adjust-${question.id}-${name}`;
      find<HTMLLabelElement>(field, "label").htmlFor = input.id;
      input.value = value ?? "";
      input.addEventListener("input", () => {
        this.good();
        this.changed();
      });
      this.inputs.set(name, input);
    }
    this.pairs = singlePairs(members.pairs ?? []);
    find(element, '[data-member="pairs"]').hidden = !("pairs" in question.members);
    find(element, "[data-add-pair]").addEventListener("click", () => {
      this.pairs.push({ from: [], to: [], relation: [] });
      this.showPairs();
      this.rows.lastElementChild?.querySelector("select")?.focus();
      this.changed();
    });
    this.showPairs();
    if (Object.keys(given).length > 0) (element as HTMLDetailsElement).open = true;
    this.good();
  }

  private get rows(): HTMLElement {
    return find(this.element, "[data-pairs]");
  }

  /** The labels of spans, and those of relations, as they are now. */
  showPairs(): void {
    if (!("pairs" in this.question.members)) return;
    const sets = this.labels().filter(({ parent }) => parent === this.question.id);
    const of = (nest: string) => flat(sets.find((set) => set.nest === nest)?.options ?? []);
    const options = {
      from: of("children"),
      to: of("children"),
      relation: of("relationChildren"),
    };
    const template = find<HTMLTemplateElement>(this.element, "[data-pair-template]");
    this.rows.replaceChildren(
      ...this.pairs.map((pair) => {
        const row = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
        for (const side of SIDES) {
          const select = find<HTMLSelectElement>(row, `[data-side="${side}"]`);
          const chosen = pair[side][0] ?? "";
          select.replaceChildren(
            new Option(this.texts.any, "", false, chosen === ""),
            ...options[side].map(({ key, label }) => new Option(label, key, false, key === chosen)),
          );
          select.addEventListener("change", () => {
            pair[side] = select.value === "" ? [] : [select.value];
            this.changed();
          });
        }
        find(row, "[data-remove]").addEventListener("click", () => {
          this.pairs = this.pairs.filter((one) => one !== pair);
          this.showPairs();
          find(this.element, "[data-add-pair]").focus();
          this.changed();
        });
        return row;
      }),
    );
  }

  /** Whether what stands here can be sent; says what is wrong at its field. */
  good(): boolean {
    const rule = this.inputs.get("rule")?.value ?? "";
    const message = rule === "" ? "" : ruleProblem(rule);
    this.say("rule", message === "" ? "" : this.texts.badRule.replace("{message}", message));
    const start = this.inputs.get("default")?.value ?? "";
    const unfit =
      rule !== "" &&
      message === "" &&
      start !== "" &&
      !new RegExp(`^(?:${rule})$`, "u").test(start);
    this.say("default", unfit ? this.texts.unfitDefault : "");
    return message === "" && !unfit;
  }

  private say(name: string, message: string): void {
    const error = find(this.element, `[data-member="${name}"]`).querySelector<HTMLElement>(
      ".error",
    );
    if (error === null) return;
    error.textContent = message;
    error.hidden = message === "";
    this.inputs.get(name)?.setAttribute("aria-invalid", String(message !== ""));
  }

  focus(): void {
    (this.element as HTMLDetailsElement).open = true;
    this.element.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }

  get said(): Members | undefined {
    const said: Members = {};
    for (const [name, input] of this.inputs) {
      if (name === "preOptions")
        said.preOptions = input.value
          .split("\n")
          .map((line) => line.trim())
          .filter((line) => line !== "");
      else said[name as "rule" | "ruleHint" | "default"] = input.value;
    }
    if ("pairs" in this.question.members) said.pairs = this.pairs;
    const template = this.question.members;
    return otherwise(
      template.pairs ? { ...template, pairs: singlePairs(template.pairs) } : template,
      said,
    );
  }
}

export class Adjust {
  private parts: Part[] = [];

  constructor(
    private readonly root: HTMLElement,
    private readonly texts: AdjustTexts,
    private readonly labels: () => Labels[],
    private readonly changed: () => void,
  ) {}

  /** The template has changed; `given`: what a job to begin with said otherwise. */
  show(questions: readonly Adjustable[], given: Overrides | null): void {
    const list = find(this.root, "[data-adjust-list]");
    const template = find<HTMLTemplateElement>(this.root, "[data-adjust-template]");
    this.parts = questions.map((question) => {
      const element = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
      const said = (given?.[question.id] ?? {}) as Members;
      return new Part(question, element, said, this.texts, this.labels, this.changed);
    });
    list.replaceChildren(...this.parts.map(({ element }) => element));
    find(this.root, "[data-adjust]").hidden = questions.length === 0;
  }

  /** Only of the questions that are asked. */
  showAsked(isAsked: (optional: string) => boolean): void {
    for (const { element, question } of this.parts) element.hidden = !isAsked(question.optional);
  }

  /** Labels were named, added or taken away. */
  follow(): void {
    for (const part of this.parts) part.showPairs();
  }

  /** The first part that cannot be sent. */
  get wrong(): { focus(): void } | undefined {
    return this.parts.find((part) => !part.element.hidden && !part.good());
  }

  get overrides(): Overrides {
    const said = this.parts
      .filter(({ element }) => !element.hidden)
      .map((part) => [part.question.id, part.said] as const);
    return Object.fromEntries(said.filter(([, members]) => members !== undefined)) as Overrides;
  }
}

/** Keys in a list, however many an answer has. */
export function listed(value: unknown): string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  return Array.isArray(value) ? value.filter((key) => typeof key === "string") : [];
}

/** All labels of a set, each before those below it. */
export function flat(options: readonly Option[]): Option[] {
  return options.flatMap((option) => [option, ...flat(option.children ?? [])]);
}
