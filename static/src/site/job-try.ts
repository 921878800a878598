/* The preview of the form: the labeling page on five items of the dataset, with what the form says now. */

import type { FieldError } from "../core/api";
import type { Wanted } from "../preview/protocol";
import { find } from "./lib/labels";
import { type Preview, preview } from "./lib/preview";

export class Trial {
  private readonly details: HTMLDetailsElement;
  private readonly frame: HTMLIFrameElement;
  private readonly list: HTMLElement;
  private shown: Preview | null = null;
  private last = "";

  /** `wanted`: what to show now, null while no dataset or no template is chosen. */
  constructor(
    root: HTMLElement,
    private readonly wanted: () => Wanted | null,
  ) {
    this.details = find<HTMLDetailsElement>(root, "[data-trial]");
    this.frame = find<HTMLIFrameElement>(this.details, "iframe");
    this.list = find(this.details, "[data-trial-errors]");
    this.details.addEventListener("toggle", () => this.follow());
  }

  /** The form has changed; nothing is loaded before somebody opens the preview. */
  follow(): void {
    if (!this.details.open) return;
    const wanted = this.wanted();
    find(this.details, "[data-trial-nothing]").hidden = wanted !== null;
    this.frame.hidden = wanted === null;
    const now = JSON.stringify(wanted);
    if (wanted === null || now === this.last) return;
    this.last = now;
    if (this.shown === null) {
      this.shown = preview(this.frame);
      this.shown.onErrors = (errors) => this.say(errors);
    }
    this.shown.show(wanted);
  }

  private say(errors: readonly FieldError[]): void {
    this.list.replaceChildren(
      ...errors.map(({ message }) => {
        const entry = document.createElement("li");
        entry.textContent = message;
        return entry;
      }),
    );
    this.list.hidden = errors.length === 0;
  }
}
