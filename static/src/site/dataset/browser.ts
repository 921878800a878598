/* Walks through the folders of a storage; the one that is open is the one that is chosen. */

import { csrfToken } from "../lib/htmx";
import { fill, type Limits } from "./limits";

interface Listing {
  path: string;
  folders: string[];
  files: number;
  more: boolean;
}

export class FolderBrowser {
  private readonly select: HTMLSelectElement | null;
  private readonly prefix: HTMLInputElement | null;
  private opened = false;

  constructor(
    private readonly panel: HTMLElement,
    private readonly limits: Limits,
  ) {
    this.select = panel.querySelector("select[name=storage]");
    this.prefix = panel.querySelector("input[name=prefix]");
    this.select?.addEventListener("change", () => void this.go(""));
    this.listenToNewStorage();
  }

  /** Show the root of the chosen storage, the first time. */
  open(): void {
    if (this.opened) return;
    this.opened = true;
    void this.go("");
  }

  private async go(path: string, focus = false): Promise<void> {
    if (this.select === null || this.prefix === null) return;
    if (this.select.value === "") {
      this.text("[data-browser-sum]", this.limits.texts.noStorage);
      return;
    }
    const address = `${this.limits.storages}/${this.select.value}/folders?${new URLSearchParams({ path })}`;
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    const answer = (await response.json()) as Listing & { detail?: string };
    if (!response.ok) {
      this.text("[data-browser-sum]", answer.detail ?? String(response.status));
      return;
    }
    this.prefix.value = answer.path;
    this.show(answer);
    if (focus) this.panel.querySelector<HTMLElement>("[data-browser-list] button")?.focus();
  }

  private text(selector: string, text: string): void {
    const place = this.panel.querySelector(selector);
    if (place !== null) place.textContent = text;
  }

  private show(listing: Listing): void {
    const { texts } = this.limits;
    this.text("[data-browser-path]", listing.path === "" ? texts.root : listing.path);
    const rows: HTMLElement[] = [];
    if (listing.path !== "") {
      const above = listing.path.split("/").slice(0, -1).join("/");
      rows.push(this.row(`↑ ${texts.up}`, above));
    }
    for (const name of listing.folders)
      rows.push(this.row(name, listing.path === "" ? name : `${listing.path}/${name}`));
    this.panel.querySelector("[data-browser-list]")?.replaceChildren(...rows);
    const count = new Intl.NumberFormat(document.documentElement.lang).format(listing.files);
    const files = listing.more ? `${count}+` : count;
    const sum = files === "1" ? texts.folderSumOne : texts.folderSum;
    this.text("[data-browser-sum]", fill(sum, { n: files }));
  }

  private row(text: string, path: string): HTMLElement {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", () => void this.go(path, true));
    item.append(button);
    return item;
  }

  /** The dialog that names another folder as a storage, which is then chosen. */
  private listenToNewStorage(): void {
    const form = document.querySelector<HTMLFormElement>("[data-storage-form]");
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.nameStorage(form);
    });
  }

  private async nameStorage(form: HTMLFormElement): Promise<void> {
    const fields = new FormData(form);
    const response = await fetch(this.limits.storages, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify({
        workspace: this.limits.workspace,
        name: fields.get("name"),
        root: fields.get("root"),
      }),
    });
    const answer = (await response.json()) as {
      id?: number;
      name?: string;
      detail?: string;
      errors?: { field?: string; message: string }[];
    };
    for (const place of form.querySelectorAll("[data-error]")) place.textContent = "";
    if (!response.ok || answer.id === undefined) {
      for (const error of answer.errors ?? []) {
        const place = form.querySelector(`[data-error="${CSS.escape(error.field ?? "")}"]`);
        if (place !== null) place.textContent = error.message;
      }
      if ((answer.errors ?? []).length === 0) {
        const place = form.querySelector("[data-error=root]");
        if (place !== null) place.textContent = answer.detail ?? String(response.status);
      }
      return;
    }
    this.select?.add(new Option(answer.name ?? "", String(answer.id), false, true));
    form.reset();
    form.closest("dialog")?.close();
    void this.go("", true);
  }
}
