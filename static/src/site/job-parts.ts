/* What a job takes of its template besides labels: the tools of each drawing question, and the questions that may be
   left out. */

import { find } from "./lib/labels";

export interface Optional {
  id: string;
  title: string;
  selected: boolean;
}

export interface Drawn {
  id: string;
  title: string;
  shapes: { name: string; label: string }[];
  /** The shapes that are taken where the job says nothing. */
  usual: string[];
}

interface Texts {
  noTool: string;
}

export class Parts {
  private tools: { id: string; boxes: HTMLInputElement[]; error: HTMLElement }[] = [];
  private asked: HTMLInputElement[] = [];

  constructor(
    private readonly root: HTMLElement,
    private readonly texts: Texts,
    private readonly changed: () => void,
  ) {}

  /** The template has changed; `shapes` and `selected`: what a job to begin with had chosen, else null. */
  show(
    drawn: Drawn[],
    optional: Optional[],
    shapes: Record<string, string[]> | null,
    selected: string[] | null,
  ): void {
    const tools = find(this.root, "[data-drawn]");
    tools.replaceChildren();
    this.tools = drawn.map((question) => {
      const template = find<HTMLTemplateElement>(this.root, "[data-drawn-template]");
      const element = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
      find(element, "[data-title]").textContent = question.title;
      const chosen = shapes?.[question.id] ?? question.usual;
      const boxes = question.shapes.map(({ name, label }) =>
        this.check(find(element, "[data-tools]"), name, label, chosen.includes(name)),
      );
      tools.append(element);
      return { id: question.id, boxes, error: find(element, "[data-tools-error]") };
    });
    tools.hidden = drawn.length === 0;
    const list = find(this.root, "[data-optional-list]");
    list.replaceChildren();
    this.asked = optional.map((question) =>
      this.check(
        list,
        question.id,
        question.title,
        selected === null ? question.selected : selected.includes(question.id),
      ),
    );
    find(this.root, "[data-optional]").hidden = optional.length === 0;
  }

  private check(
    parent: HTMLElement,
    value: string,
    text: string,
    checked: boolean,
  ): HTMLInputElement {
    const template = find<HTMLTemplateElement>(this.root, "[data-check-template]");
    const element = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
    const box = find<HTMLInputElement>(element, "input");
    box.value = value;
    box.checked = checked;
    find(element, "span").textContent = text;
    box.addEventListener("change", () => {
      this.good();
      this.changed();
    });
    parent.append(element);
    return box;
  }

  /** Whether every drawing question has a tool; says so where one has none. */
  good(): boolean {
    for (const { boxes, error } of this.tools) {
      error.hidden = boxes.some((box) => box.checked);
      error.textContent = error.hidden ? "" : this.texts.noTool;
    }
    return this.tools.every(({ error }) => error.hidden);
  }

  focusWrong(): void {
    this.tools.find(({ error }) => !error.hidden)?.boxes[0]?.focus();
  }

  /** The questions that may be left out and are asked. */
  get selected(): string[] {
    return this.asked.filter((box) => box.checked).map((box) => box.value);
  }

  get shapes(): Record<string, string[]> {
    return Object.fromEntries(
      this.tools.map(({ id, boxes }) => [
        id,
        boxes.filter((box) => box.checked).map((box) => box.value),
      ]),
    );
  }
}
