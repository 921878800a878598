/* For whom packages are reserved: a share for every chosen labeler, or packages by their numbers. */

import { type Subject, ticked } from "./job-people";
import { find } from "./lib/labels";
import { evenly, sum, typedNumber } from "./lib/shares";

type Given = number | string | null;

export interface TargetsJson {
  users?: Record<string, Given>;
  teams?: Record<string, Given>;
  packages?: { first: Given; last: Given; user?: number; team?: number }[];
}

interface Texts {
  shareOf: string;
  shareSum: string;
  noLabelers: string;
}

interface Range {
  first: string;
  last: string;
  subject: string;
}

function key(one: Subject): string {
  return `${one.kind}-${one.id}`;
}

export class Targets {
  private readonly hidden: HTMLInputElement;
  private readonly box: HTMLElement;
  /** What was typed for whom; it stays while somebody is not ticked. */
  private readonly shares = new Map<string, string>();
  private ranges: Range[] = [];
  private labelers: Subject[] = [];

  constructor(
    private readonly root: HTMLElement,
    private readonly texts: Texts,
    given: TargetsJson | null,
    private readonly changed: () => void,
  ) {
    this.box = find(root, "[data-targets]");
    this.hidden = find<HTMLInputElement>(this.box, '[name="targets"]');
    this.take(given);
    this.box.addEventListener("change", (event) => {
      if (event.target instanceof HTMLInputElement && event.target.name === "target_kind")
        this.show();
    });
    find(this.box, "[data-split-evenly]").addEventListener("click", () => {
      const parts = evenly(this.labelers.length);
      this.labelers.forEach((one, number) => {
        this.shares.set(key(one), String(parts[number]));
      });
      this.show();
    });
    find(this.box, "[data-add-range]").addEventListener("click", () => this.addRange());
    this.follow();
  }

  /** The labelers have changed. */
  follow(): void {
    this.labelers = ticked(this.root, "labeling");
    this.show();
  }

  private take(given: TargetsJson | null): void {
    if (given === null) return;
    for (const kind of ["users", "teams"] as const)
      for (const [id, percent] of Object.entries(given[kind] ?? {}))
        this.shares.set(`${kind}-${id}`, String(percent ?? ""));
    this.ranges = (given.packages ?? []).map((row) => ({
      first: String(row.first ?? ""),
      last: String(row.last ?? ""),
      subject: row.team === undefined ? `users-${row.user}` : `teams-${row.team}`,
    }));
    this.kind = given.packages === undefined ? "shares" : "packages";
  }

  private get kind(): string {
    return find<HTMLInputElement>(this.box, '[name="target_kind"]:checked').value;
  }

  private set kind(value: string) {
    find<HTMLInputElement>(this.box, `[name="target_kind"][value="${value}"]`).checked = true;
  }

  private show(): void {
    find(this.box, "[data-shares]").hidden = this.kind !== "shares";
    find(this.box, "[data-ranges]").hidden = this.kind !== "packages";
    if (this.kind === "shares") this.showShares();
    if (this.kind === "packages") this.showRanges();
    this.write();
  }

  private showShares(): void {
    const list = find(this.box, "[data-share-list]");
    const template = find<HTMLTemplateElement>(this.root, "[data-share-template]");
    list.replaceChildren(
      ...this.labelers.map((one) => {
        const element = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
        const input = find<HTMLInputElement>(element, "input");
        const label = find<HTMLLabelElement>(element, "label");
        input.id = label.htmlFor = `share-${key(one)}`;
        label.textContent = one.label;
        input.setAttribute("aria-label", this.texts.shareOf.replace("{name}", one.label));
        input.value = this.shares.get(key(one)) ?? "";
        input.addEventListener("input", () => {
          this.shares.set(key(one), input.value);
          this.write();
        });
        return element;
      }),
    );
    if (this.labelers.length === 0) list.textContent = this.texts.noLabelers;
  }

  private showRanges(): void {
    const list = find(this.box, "[data-range-list]");
    const template = find<HTMLTemplateElement>(this.root, "[data-range-template]");
    if (this.ranges.length === 0) this.ranges.push({ first: "", last: "", subject: "" });
    list.replaceChildren(
      ...this.ranges.map((range, number) => {
        const element = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
        for (const part of ["first", "last"] as const) {
          const input = find<HTMLInputElement>(element, `[data-${part}]`);
          input.value = range[part];
          input.addEventListener("input", () => {
            range[part] = input.value;
            this.write();
          });
        }
        const select = find<HTMLSelectElement>(element, "[data-for]");
        const options = this.labelers.map((one) => new Option(one.label, key(one)));
        select.append(new Option("", ""), ...options);
        select.value = this.labelers.some((one) => key(one) === range.subject) ? range.subject : "";
        select.addEventListener("change", () => {
          range.subject = select.value;
          this.write();
        });
        find(element, "[data-remove]").addEventListener("click", () => {
          this.ranges.splice(number, 1);
          this.show();
          find(this.box, "[data-add-range]").focus();
        });
        return element;
      }),
    );
  }

  /** The next range begins after the last one. */
  private addRange(): void {
    const last = typedNumber(this.ranges.at(-1)?.last ?? "");
    this.ranges.push({
      first: typeof last === "number" ? String(last + 1) : "",
      last: "",
      subject: "",
    });
    this.show();
    find(this.box, "[data-range-list] > :last-child [data-first]").focus();
  }

  /** Put what is chosen into the field that is sent. */
  private write(): void {
    const json = this.json();
    const text = json === null ? "" : JSON.stringify(json);
    if (this.kind === "shares") this.showSum();
    if (text === this.hidden.value) return;
    this.hidden.value = text;
    this.box.querySelector("[data-server-error]")?.remove();
    this.changed();
  }

  private json(): TargetsJson | null {
    if (this.kind === "shares") {
      const json: TargetsJson = { users: {}, teams: {} };
      for (const one of this.labelers) {
        const percent = typedNumber(this.shares.get(key(one)) ?? "");
        const kind = json[one.kind];
        if (percent !== null && kind !== undefined) kind[one.id] = percent;
      }
      return json;
    }
    if (this.kind !== "packages") return null;
    const filled = this.ranges.filter((one) => one.first || one.last || one.subject);
    return {
      packages: filled.map((one) => {
        const [kind, id] = one.subject.split("-");
        return {
          first: typedNumber(one.first),
          last: typedNumber(one.last === "" ? one.first : one.last),
          ...(kind ? { [kind === "teams" ? "team" : "user"]: Number(id) } : {}),
        };
      }),
    };
  }

  private showSum(): void {
    const percents = this.labelers.map((one) => typedNumber(this.shares.get(key(one)) ?? ""));
    const total = sum(percents);
    const output = find(this.box, "[data-share-sum]");
    output.textContent = this.texts.shareSum.replace("{sum}", String(total));
    output.classList.toggle("error", total !== 100);
  }
}
