/* Labels of a job that exists: they are renamed, recoloured and added, never taken away. */

import { find, LabelSet, type Option, type Texts } from "./lib/labels";

interface Data {
  sets: { id: string; title: string; options: Option[] }[];
  palette: string[];
  shortcuts: string[];
}

function read<T>(id: string): T {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null") as T;
}

/** What was typed before the form came back with mistakes. */
function typed(hidden: HTMLInputElement): Record<string, Option[]> {
  try {
    const value: unknown = JSON.parse(hidden.value);
    return typeof value === "object" && value !== null ? (value as Record<string, Option[]>) : {};
  } catch {
    return {};
  }
}

function keysOf(options: readonly Option[]): (string | undefined)[] {
  return options.flatMap((option) => [option.key, ...keysOf(option.children ?? [])]);
}

export default function start(root: HTMLElement): void {
  const data = read<Data>("job-edit-data");
  const texts = read<Texts>("job-edit-texts");
  const hidden = find<HTMLInputElement>(root, "[data-options]");
  const slots = find(root, "[data-slots]");
  const before = typed(hidden);
  const open = new Map<string, LabelSet>();
  let dirty = false;

  const write = (): void => {
    if (!dirty) return;
    const sets = [...open].map(([id, labels]) => [id, labels.options]);
    hidden.value = JSON.stringify({ ...before, ...Object.fromEntries(sets) });
  };
  const changed = (): void => {
    dirty = true;
    write();
  };

  data.sets.forEach((set, number) => {
    const template = find<HTMLTemplateElement>(root, "[data-slot-template]");
    const element = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
    find(element, "[data-title]").textContent = set.title;
    const input = find<HTMLInputElement>(element, "[data-add]");
    input.id = `add-label-${number}`;
    find<HTMLLabelElement>(element, "[data-for-add]").htmlFor = input.id;
    const labels = new LabelSet(
      element,
      find<HTMLTemplateElement>(root, "[data-label-template]"),
      data.palette,
      data.shortcuts,
      texts,
      changed,
    );
    for (const option of before[set.id] ?? set.options) labels.add(option);
    labels.fix(new Set(keysOf(set.options)));
    open.set(set.id, labels);
    slots.append(element);
  });

  root.addEventListener("submit", (event) => {
    // A name that was typed but not yet added counts; one that cannot be added is said where it stands.
    const good = [...open.values()].map((labels) => labels.addTyped() && labels.check());
    if (!good.every(Boolean)) event.preventDefault();
    write();
  });
}
