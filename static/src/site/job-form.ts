/* The form that makes a job: what is asked follows the chosen template, dataset and workflow. The rules themselves
   stand on the server. */

import type { Wanted } from "../preview/protocol";
import {
  Adjust,
  type Adjustable,
  type AdjustTexts,
  flat,
  listed,
  type Overrides,
} from "./job-adjust";
import { type Drawn, type Optional, Parts } from "./job-parts";
import { showRoles, startPeople } from "./job-people";
import { Targets, type TargetsJson } from "./job-targets";
import { Trial } from "./job-try";
import { type Question, Votes, type VotesJson } from "./job-votes";
import { find, type Given, LabelSet, type Option, type Texts } from "./lib/labels";

interface Alternative {
  id: string;
  multiple: boolean;
  selected: boolean;
  /** What the template has chosen from the start. */
  default: string | string[] | null;
  takesDefault: boolean;
}

interface Slot {
  title: string;
  /** The question inside whose objects these labels are, and where there. */
  parent: string;
  nest: string;
  /** The question that may be left out, with which these labels go; "" for none. */
  optional: string;
  usual: Given[];
  /** Whether the usual labels are the template's own. */
  own: boolean;
  alternatives: Alternative[];
}

interface View {
  field: string;
  /** Its title, else its type. */
  name: string;
  accepts: string[];
}

interface Dataset {
  items: number;
  smallest: number;
  largest: number;
  least: number;
  most: number;
  fields: { name: string; type: string }[];
}

interface Configuration {
  selected?: string[];
  options?: Record<string, Option[]>;
  bindings?: Record<string, string>;
  shapes?: Record<string, string[]>;
  overrides?: Overrides;
}

interface Template {
  views: View[];
  slots: Slot[];
  questions: Question[];
  optional: Optional[];
  drawn: Drawn[];
  adjustable: Adjustable[];
}

interface Data {
  datasets: Record<string, Dataset>;
  templates: Record<string, Template>;
  palette: string[];
  shortcuts: string[];
  configuration: Configuration | null;
  field: string;
  targets: TargetsJson | null;
  votes: VotesJson | null;
}

interface AllTexts extends Texts, AdjustTexts {
  nothing: string;
  noField: string;
  noTool: string;
  binding: string;
  shareOf: string;
  shareSum: string;
  noLabelers: string;
  voteNum: string;
  minVote: string;
}

/** What packages do not depend on. */
const NOT_LOOKED_AT = new Set("name description language priority deadline people".split(" "));

interface OpenSlot {
  slot: Slot;
  labels: LabelSet;
  chosen: string;
  /** The labels that are chosen from the start. */
  start: string[];
  element: HTMLElement;
}

function read<T>(id: string): T {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null") as T;
}

class JobForm {
  private readonly data = read<Data>("job-form-data");
  private readonly texts = read<AllTexts>("job-form-texts");
  private readonly hidden: HTMLInputElement;
  private readonly slots: HTMLElement;
  private readonly bindings: HTMLElement;
  private open: OpenSlot[] = [];
  private bound: Record<string, string>;
  private field: string;
  private readonly parts: Parts;
  private readonly adjust: Adjust;
  private readonly trial: Trial;
  private readonly targets: Targets;
  private readonly votes: Votes;

  constructor(private readonly root: HTMLElement) {
    this.hidden = find<HTMLInputElement>(root, "[data-configuration]");
    this.slots = find(root, "[data-slots]");
    // What the server said of the labels holds until they change.
    for (const kind of ["input", "paste"])
      this.slots.addEventListener(kind, () =>
        root.querySelector("#id_configuration_error")?.remove(),
      );
    this.bindings = find(root, "[data-bindings]");
    this.bound = this.data.configuration?.bindings ?? {};
    this.field = this.data.field;
    startPeople(root);
    const look = (): void => this.look();
    this.parts = new Parts(root, this.texts, () => {
      this.showOptional();
      this.write();
    });
    this.adjust = new Adjust(
      root,
      this.texts,
      () =>
        this.open.map(({ slot, labels }) => ({
          parent: slot.parent,
          nest: slot.nest,
          options: labels.options,
        })),
      () => this.write(),
    );
    this.trial = new Trial(root, () => this.wanted());
    this.targets = new Targets(root, this.texts, this.data.targets, look);
    this.votes = new Votes(root, this.texts, this.data.votes, (ids) => this.chosenOf(ids), look);
    root.addEventListener("change", (event) => {
      const name = event.target instanceof HTMLElement ? event.target.getAttribute("name") : null;
      if (name === "template") this.showTemplate();
      if (name === "dataset" || name === "template") this.showDataset();
      if (name === "workflow") this.showWorkflow();
      if (name === "allocation_type") this.showCut();
      if (name === "allocation_field") this.field = this.value("allocation_field");
      if (name === "users-labeling" || name === "teams-labeling") this.targets.follow();
    });
    for (const kind of ["input", "change"])
      root.addEventListener(kind, (event) => {
        const { target } = event;
        const name = target instanceof HTMLElement ? target.getAttribute("name") : null;
        if (name !== null && !NOT_LOOKED_AT.has(name)) this.look();
      });
    root.addEventListener("submit", (event) => {
      // A name that was typed but not yet added counts; one that cannot be added is said where it stands.
      const labels = this.open.filter((one) => this.asks(one.slot));
      if (!labels.every((one) => one.labels.addTyped())) event.preventDefault();
      if (!this.parts.good()) {
        event.preventDefault();
        this.parts.focusWrong();
      } else if (this.adjust.wrong !== undefined) {
        event.preventDefault();
        this.adjust.wrong.focus();
      }
      this.write();
    });
    this.showTemplate();
    this.showDataset();
    this.showWorkflow();
    this.showCut();
  }

  /** Ask for the preview again, once everything that follows from a change is written. */
  private look(): void {
    queueMicrotask(() => find(this.root, "#preview").dispatchEvent(new CustomEvent("look")));
  }

  private value(name: string): string {
    const inputs = this.root.querySelectorAll<HTMLInputElement | HTMLSelectElement>(
      `[name="${name}"]`,
    );
    for (const input of inputs)
      if (!(input instanceof HTMLInputElement) || input.type !== "radio" || input.checked)
        return input.value;
    return "";
  }

  private get template(): Template | undefined {
    return this.data.templates[this.value("template")];
  }

  /** One editor for each set of labels of the template; labels that were given stay when it changes. */
  private showTemplate(): void {
    const kept = this.open.map((one) => one.labels.options);
    const given = this.open.length === 0 ? this.data.configuration : null;
    const wasMultiple = this.open.map(
      (one) => one.slot.alternatives.find((other) => other.id === one.chosen)?.multiple,
    );
    const slots = this.template?.slots ?? [];
    find(this.root, "[data-no-template]").hidden = this.template !== undefined;
    this.slots.replaceChildren();
    this.open = slots.map((slot, number) => {
      const chosen =
        slot.alternatives.find((one) => given?.selected?.includes(one.id)) ??
        slot.alternatives.find((one) => one.multiple === wasMultiple[number]) ??
        slot.alternatives.find((one) => one.selected) ??
        slot.alternatives[0];
      const before = slot.own ? undefined : kept[number];
      const typed = before?.length ? before : given?.options?.[chosen?.id ?? ""];
      const said = given?.overrides?.[chosen?.id ?? ""];
      const start = listed(said && "default" in said ? said.default : chosen?.default);
      return this.openSlot(slot, chosen?.id ?? "", typed ?? slot.usual, start, number);
    });
    this.adjust.show(this.template?.adjustable ?? [], given?.overrides ?? null);
    this.parts.show(
      this.template?.drawn ?? [],
      this.template?.optional ?? [],
      given?.shapes ?? null,
      given?.selected ?? null,
    );
    this.showOptional();
    this.votes.show(this.template?.questions ?? []);
    this.write();
  }

  /** Whether the job asks the question of these labels. */
  private asks(slot: Slot): boolean {
    return slot.optional === "" || this.parts.selected.includes(slot.optional);
  }

  /** Labels only of the questions that are asked. */
  private showOptional(): void {
    for (const { slot, element } of this.open) element.hidden = !this.asks(slot);
    this.adjust.showAsked((id) => id === "" || this.parts.selected.includes(id));
  }

  /** Which of alternative questions is chosen. */
  private chosenOf(ids: string[]): string {
    return this.open.find((one) => ids.includes(one.chosen))?.chosen ?? ids[0] ?? "";
  }

  private openSlot(
    slot: Slot,
    chosen: string,
    options: readonly Given[],
    start: string[],
    number: number,
  ): OpenSlot {
    const template = find<HTMLTemplateElement>(this.root, "[data-slot-template]");
    const element = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
    find(element, "[data-title]").textContent = slot.title;
    const leavesChoice = slot.alternatives.length > 1;
    find(element, "[data-help-nested]").hidden = !leavesChoice || slot.parent === "";
    find(element, "[data-help-item]").hidden = !leavesChoice || slot.parent !== "";
    const input = find<HTMLInputElement>(element, "[data-add]");
    input.id = `add-label-${number}`;
    find<HTMLLabelElement>(element, "[data-for-add]").htmlFor = input.id;
    const labels = new LabelSet(
      element,
      find<HTMLTemplateElement>(this.root, "[data-label-template]"),
      this.data.palette,
      this.data.shortcuts,
      this.texts,
      () => {
        this.adjust.follow();
        this.showStart(one);
        this.write();
      },
      true,
    );
    const one: OpenSlot = { slot, labels, chosen, start, element };
    this.offerAlternatives(one, element, number);
    for (const option of options) labels.add(option);
    this.slots.append(element);
    this.showStart(one);
    return one;
  }

  /** What is chosen from the start: one label or none, or several. */
  private showStart(one: OpenSlot): void {
    const field = find(one.element, "[data-start]");
    const chosen = one.slot.alternatives.find(({ id }) => id === one.chosen);
    const options = flat(one.labels.options);
    field.hidden = chosen?.takesDefault !== true || options.length === 0;
    const multiple = chosen?.multiple === true;
    const select = find<HTMLSelectElement>(field, "select");
    const list = find(field, "[data-start-many]");
    select.hidden = multiple;
    list.hidden = !multiple;
    if (multiple)
      list.replaceChildren(
        ...options.map(({ key = "", label }) => {
          const template = find<HTMLTemplateElement>(this.root, "[data-check-template]");
          const check = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
          const box = find<HTMLInputElement>(check, "input");
          box.checked = one.start.includes(key);
          find(check, "span").textContent = label;
          box.addEventListener("change", () => {
            one.start = one.start.filter((other) => other !== key);
            if (box.checked) one.start.push(key);
            this.write();
          });
          return check;
        }),
      );
    else {
      select.replaceChildren(
        new Option(this.texts.nothing, ""),
        ...options.map(({ key, label }) => new Option(label, key, false, key === one.start[0])),
      );
      select.onchange = () => {
        one.start = select.value === "" ? [] : [select.value];
        this.write();
      };
    }
  }

  /** Single or multiple choice, where the template leaves it to the job. */
  private offerAlternatives(one: OpenSlot, element: HTMLElement, number: number): void {
    const { alternatives } = one.slot;
    find(element, "[data-alternatives]").hidden = alternatives.length < 2;
    for (const [kind, multiple] of [
      ["single", false],
      ["multiple", true],
    ] as const) {
      const radio = find<HTMLInputElement>(element, `[data-${kind}] input`);
      const alternative = alternatives.find((other) => other.multiple === multiple);
      radio.name = `choice-${number}`;
      radio.checked = alternative !== undefined && alternative.id === one.chosen;
      radio.disabled = alternative === undefined;
      radio.addEventListener("change", () => {
        if (alternative !== undefined) {
          one.chosen = alternative.id;
          one.start = listed(alternative.default);
        }
        this.showStart(one);
        this.votes.write();
        this.write();
      });
    }
  }

  /** Which field each view shows, asked only where the dataset leaves a choice; and the limits of a package. */
  private showDataset(): void {
    const dataset = this.data.datasets[this.value("dataset")];
    if (dataset !== undefined) this.showLimits(dataset);
    this.bindings.replaceChildren();
    const bound: Record<string, string> = {};
    if (dataset !== undefined)
      for (const view of this.template?.views ?? []) {
        const fields = dataset.fields
          .filter((field) => view.accepts.includes(field.type))
          .map((field) => field.name);
        const wanted = [this.bound[view.field], view.field, fields[0]];
        const field = wanted.find((name) => name !== undefined && fields.includes(name));
        if (field !== undefined) bound[view.field] = field;
        if (fields.length === 0) this.complain(view);
        else if (fields.length > 1) this.askField(view, fields, field, bound);
      }
    this.bound = bound;
    this.bindings.hidden = this.bindings.childElementCount === 0;
    this.write();
  }

  /** What the numbers may be, and which fields there are. */
  private showLimits(dataset: Dataset): void {
    for (const [name, least, most] of [
      ["allocation", dataset.smallest, dataset.largest],
      ["allocation_packages", dataset.least, dataset.most],
    ] as const) {
      const input = find<HTMLInputElement>(this.root, `[name="${name}"]`);
      input.min = String(least);
      input.max = String(most);
    }
    const names = dataset.fields.map((field) => field.name);
    const options = names.map((name) => new Option(name, name, false, name === this.field));
    find(this.root, '[name="allocation_field"]').replaceChildren(new Option("", ""), ...options);
  }

  /** Only the inputs of the chosen way of cutting. */
  private showCut(): void {
    const chosen = this.value("allocation_type");
    for (const part of this.root.querySelectorAll<HTMLElement>("[data-cut]"))
      part.hidden = part.dataset.cut !== chosen;
  }

  private complain(view: View): void {
    const note = document.createElement("p");
    note.className = "error";
    note.textContent = this.texts.noField.replace("{view}", view.name);
    this.bindings.append(note);
  }

  private askField(
    view: View,
    fields: string[],
    chosen: string | undefined,
    bound: Record<string, string>,
  ): void {
    const template = find<HTMLTemplateElement>(this.root, "[data-binding-template]");
    const element = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
    const select = find<HTMLSelectElement>(element, "[data-binding]");
    const label = find<HTMLLabelElement>(element, "[data-binding-label]");
    select.id = label.htmlFor = `binding-${view.field}`;
    label.textContent = this.texts.binding.replace("{view}", view.name);
    select.append(...fields.map((name) => new Option(name, name, false, name === chosen)));
    select.addEventListener("change", () => {
      bound[view.field] = select.value;
      this.write();
    });
    this.bindings.append(element);
  }

  /** Ratios and roles of exactly the chosen stages. */
  private showWorkflow(): void {
    const stages = new Set(this.value("workflow").split(","));
    for (const part of this.root.querySelectorAll<HTMLElement>("[data-stage]")) {
      const shown = stages.has(part.dataset.stage ?? "");
      part.hidden = !shown;
      for (const input of part.querySelectorAll("input")) input.disabled = !shown;
    }
    showRoles(this.root, new Set([...stages, "manage"]));
  }

  /** What is chosen from the start, where the template says otherwise. */
  private starts(open: readonly OpenSlot[]): Overrides {
    const said: Overrides = {};
    for (const { slot, chosen, start, labels } of open) {
      const alternative = slot.alternatives.find(({ id }) => id === chosen);
      if (alternative?.takesDefault !== true) continue;
      const keys = new Set(flat(labels.options).map(({ key }) => key));
      const kept = start.filter((key) => keys.has(key));
      if (kept.join() === listed(alternative.default).join()) continue;
      const value = alternative.multiple ? kept : kept[0];
      said[chosen] = { default: kept.length === 0 ? null : value };
    }
    return said;
  }

  /** Put the label configuration into the field that is sent. */
  private write(): void {
    const open = this.open.filter((one) => this.asks(one.slot));
    const alternatives = open.filter((one) => one.slot.alternatives.length > 1);
    const configuration: Required<Configuration> = {
      selected: [...alternatives.map((one) => one.chosen), ...this.parts.selected],
      options: Object.fromEntries(open.map((one) => [one.chosen, one.labels.options])),
      bindings: this.bound,
      shapes: this.parts.shapes,
      overrides: { ...this.adjust.overrides, ...this.starts(open) },
    };
    this.hidden.value = JSON.stringify(configuration);
    this.trial.follow();
  }

  /** What the preview shows: sets without labels are left to it. */
  private wanted(): Wanted | null {
    const dataset = Number(this.value("dataset"));
    const template = Number(this.value("template"));
    if (dataset === 0 || template === 0) return null;
    const said = JSON.parse(this.hidden.value) as Required<Configuration>;
    const options = Object.entries(said.options).filter(([, labels]) => labels.length > 0);
    return {
      dataset,
      template,
      selected_questions: said.selected,
      options: Object.fromEntries(options),
      field_bindings: said.bindings,
      shapes: said.shapes,
      overrides: said.overrides,
    };
  }
}

export default function start(root: HTMLElement): void {
  new JobForm(root);
}
