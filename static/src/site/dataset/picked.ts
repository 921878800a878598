/* Files and folders of this computer: chosen or dropped, listed, and looked at by their names. */

import { fill, type Limits, size } from "./limits";

const NAMES_SHOWN = 5;
/** What file managers leave behind; hidden files are passed over as well. */
const LITTER = new Set(["thumbs.db", "desktop.ini", "__macosx"]);

export class Picked {
  /** Path → file, in the order in which they were chosen. */
  readonly chosen = new Map<string, File>();

  constructor(
    private readonly panel: HTMLElement,
    private readonly limits: Limits,
    private readonly kind: () => string,
  ) {
    for (const input of panel.querySelectorAll<HTMLInputElement>("[data-pick]"))
      input.addEventListener("change", () => {
        for (const file of input.files ?? []) this.add(file.webkitRelativePath || file.name, file);
        input.value = "";
        this.show();
      });
    panel.querySelector("[data-picked-clear]")?.addEventListener("click", () => {
      this.chosen.clear();
      this.show();
      panel.querySelector<HTMLElement>("[data-pick]")?.focus();
    });
    panel.querySelector("[data-picked-drop]")?.addEventListener("click", () => {
      for (const path of this.odd()) this.chosen.delete(path);
      this.show();
    });
    this.listenToDrops();
  }

  /** Why what is chosen cannot be sent, or an empty text. */
  problem(): string {
    const { texts, maxFiles, maxBytes } = this.limits;
    if (this.chosen.size === 0) return texts.chooseFiles;
    if (this.chosen.size > maxFiles)
      return fill(texts.tooMany, { n: this.chosen.size, limit: maxFiles });
    // The form around the files needs some bytes of its own.
    if (this.bytes() > maxBytes - 2 ** 22)
      return fill(texts.tooLarge, { size: size(this.bytes()), limit: size(maxBytes) });
    return "";
  }

  /** Show what is chosen, and what of it does not fit the kind. */
  show(): void {
    const { texts } = this.limits;
    const accepts = this.panel.querySelector("[data-accepts]");
    if (accepts !== null) accepts.textContent = texts[`accepts.${this.kind() as "image"}`];
    const box = this.panel.querySelector<HTMLElement>("[data-picked]");
    if (box === null) return;
    box.hidden = this.chosen.size === 0;
    const error = this.panel.querySelector("[data-error=files]");
    if (error !== null) error.textContent = this.chosen.size === 0 ? "" : this.problem();
    this.text(
      "[data-picked-sum]",
      fill(this.chosen.size === 1 ? texts.sumOne : texts.sum, this.sums()),
    );
    const list = box.querySelector("[data-picked-names]");
    const names = [...this.chosen.keys()];
    const shown = names.slice(0, NAMES_SHOWN);
    if (names.length > shown.length)
      shown.push(fill(texts.more, { n: names.length - shown.length }));
    list?.replaceChildren(
      ...shown.map((name) => {
        const item = document.createElement("li");
        item.textContent = name;
        return item;
      }),
    );
    const odd = this.odd();
    const warning = box.querySelector<HTMLElement>("[data-picked-odd]");
    if (warning !== null) warning.hidden = odd.length === 0;
    const some = odd.slice(0, 3).join(", ") + (odd.length > 3 ? " …" : "");
    this.text("[data-picked-odd-text]", fill(texts.odd, { n: odd.length, names: some }));
  }

  private text(selector: string, text: string): void {
    const place = this.panel.querySelector(selector);
    if (place !== null) place.textContent = text;
  }

  private bytes(): number {
    let sum = 0;
    for (const file of this.chosen.values()) sum += file.size;
    return sum;
  }

  private sums(): Record<string, string> {
    const count = new Intl.NumberFormat(document.documentElement.lang).format(this.chosen.size);
    return { n: count, size: size(this.bytes()) };
  }

  /** The paths whose endings do not fit the kind. */
  private odd(): string[] {
    const fits = this.limits.suffixes[this.kind()] ?? [];
    return [...this.chosen.keys()].filter(
      (path) => !fits.some((suffix) => path.toLowerCase().endsWith(suffix)),
    );
  }

  private add(path: string, file: File): void {
    const parts = path.split("/").filter((part) => part !== "");
    const litter = parts.some((part) => part.startsWith(".") || LITTER.has(part.toLowerCase()));
    if (!litter) this.chosen.set(parts.join("/"), file);
  }

  private listenToDrops(): void {
    const zone = this.panel.querySelector<HTMLElement>("[data-drop=files]");
    zone?.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
    zone?.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone?.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      // Both must be taken now: the list is empty once this function has returned.
      const items = [...(event.dataTransfer?.items ?? [])];
      void this.takeAll(items.map((item) => item.webkitGetAsEntry() ?? item.getAsFile()));
    });
  }

  private async takeAll(entries: (FileSystemEntry | File | null)[]): Promise<void> {
    for (const entry of entries) {
      if (entry instanceof File) this.add(entry.name, entry);
      else if (entry !== null) await this.take(entry);
    }
    this.show();
  }

  private async take(entry: FileSystemEntry): Promise<void> {
    if (entry instanceof FileSystemFileEntry || entry.isFile) {
      const file = await new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject),
      );
      this.add(entry.fullPath, file);
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) {
      // A reader gives a hundred at a time, and none at its end.
      const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
        reader.readEntries(resolve, reject),
      );
      if (batch.length === 0) return;
      for (const below of batch) await this.take(below);
    }
  }
}
