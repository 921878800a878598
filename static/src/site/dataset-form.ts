/* Makes a dataset, or adds to one: what is chosen is checked here as far as it can be, and sent to the API by
   XMLHttpRequest, which alone tells how much has gone. Mistakes come back by field. */

import { FolderBrowser } from "./dataset/browser";
import { fill, type Limits, size, type Texts } from "./dataset/limits";
import { Picked } from "./dataset/picked";
import { csrfToken } from "./lib/htmx";

interface ApiError {
  detail?: string;
  errors?: { field?: string; line?: number; message: string }[];
}

export default function start(form: HTMLElement): void {
  const data = document.getElementById("dataset-form-data");
  if (!(form instanceof HTMLFormElement) || data === null) return;
  new DatasetForm(form, JSON.parse(data.textContent ?? "{}") as Limits);
}

class DatasetForm {
  private readonly texts: Texts;
  private readonly files: Picked | null;
  private readonly browser: FolderBrowser | null;
  private manifest: File | null = null;
  private request: XMLHttpRequest | null = null;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly limits: Limits,
  ) {
    this.texts = limits.texts;
    const panel = this.one("[data-panel=upload]");
    this.files = panel && new Picked(panel, limits, () => this.kind());
    const storage = this.one("[data-panel=storage]");
    this.browser = storage && new FolderBrowser(storage, limits);
    this.listenToManifest();
    form.addEventListener("change", (event) => {
      if (event.target instanceof HTMLInputElement && event.target.type === "radio") this.show();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.one("[data-abort]")?.addEventListener("click", () => this.request?.abort());
    window.addEventListener("beforeunload", (event) => {
      if (this.request !== null) event.preventDefault();
    });
    this.show();
  }

  private one(selector: string): HTMLElement | null {
    return this.form.querySelector<HTMLElement>(selector);
  }

  private value(name: string): string {
    const found = new FormData(this.form).get(name);
    return typeof found === "string" ? found : "";
  }

  private kind(): string {
    return this.form.dataset.kind ?? this.value("kind");
  }

  private ofFiles(): boolean {
    return this.limits.fileKinds.includes(this.kind());
  }

  /** Show the panels of what is chosen. */
  private show(): void {
    const origin = this.value("origin");
    const kind = this.kind();
    const making = this.form.dataset.kind === undefined;
    const shown: Record<string, boolean> = {
      upload: origin === "upload",
      manifest: origin === "manifest",
      storage: making && (origin === "folder" || (origin === "manifest" && kind !== "text")),
    };
    for (const panel of this.form.querySelectorAll<HTMLElement>("[data-panel]"))
      panel.hidden = !shown[panel.dataset.panel ?? ""];
    const help = this.one("[data-storage-help]");
    if (help !== null) help.hidden = origin !== "manifest";
    const leaveOut = this.one("[data-leave-out]");
    if (leaveOut !== null) leaveOut.hidden = !this.ofFiles() || origin === "manifest";
    if (shown.storage) this.browser?.open();
    this.files?.show();
  }

  private listenToManifest(): void {
    const input = this.one("[data-pick-manifest]");
    const zone = this.one("[data-drop=manifest]");
    const take = (file: File | undefined): void => {
      if (file === undefined) return;
      const fits = /\.(manifest|jsonl)$/i.test(file.name);
      this.say("manifest", fits ? "" : this.texts.noManifest);
      this.manifest = fits ? file : null;
      const name = this.one("[data-manifest-name]");
      if (name === null) return;
      name.hidden = !fits;
      name.textContent = `${file.name} · ${size(file.size)}`;
    };
    input?.addEventListener("change", () => {
      if (input instanceof HTMLInputElement) take(input.files?.[0]);
    });
    zone?.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
    zone?.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone?.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      take(event.dataTransfer?.files[0]);
    });
  }

  // --- sending ----------------------------------------------------------------------------------------------------

  private submit(): void {
    if (this.request !== null) return;
    this.clear();
    const origin = this.value("origin");
    if (this.form.dataset.kind === undefined && this.value("name").trim() === "")
      this.say("name", this.texts.giveName);
    if (origin === "upload") this.say("files", this.files?.problem() ?? "");
    if (origin === "manifest") {
      if (this.manifest === null) this.say("manifest", this.texts.chooseManifest);
      else if (this.manifest.size > this.limits.maxBytes)
        this.say("manifest", fill(this.texts.tooLarge, this.sizes(this.manifest.size)));
    }
    if (this.focusOnError()) return;
    this.send(this.body(origin));
  }

  private sizes(bytes: number): Record<string, string> {
    return { size: size(bytes), limit: size(this.limits.maxBytes) };
  }

  private body(origin: string): FormData {
    const body = new FormData();
    if (this.form.dataset.kind === undefined) {
      body.set("workspace", String(this.limits.workspace));
      for (const name of ["name", "kind", "origin"]) body.set(name, this.value(name));
      const panel = this.one("[data-panel=storage]");
      if (panel !== null && !panel.hidden && this.value("storage") !== "") {
        body.set("storage", this.value("storage"));
        body.set("prefix", this.value("prefix"));
      }
    }
    if (this.ofFiles() && origin !== "manifest" && this.value("leave_out") !== "")
      body.set("leave_out", "true");
    if (origin === "manifest" && this.manifest !== null) body.set("manifest", this.manifest);
    if (origin === "upload" && this.files !== null) {
      body.set("paths", JSON.stringify([...this.files.chosen.keys()]));
      for (const file of this.files.chosen.values()) body.append("files", file);
    }
    return body;
  }

  private send(body: FormData): void {
    const request = new XMLHttpRequest();
    this.request = request;
    this.sending(true);
    this.progress(0, 0);
    request.upload.addEventListener("progress", (event) =>
      this.progress(event.loaded, event.total),
    );
    request.addEventListener("load", () => this.answered(request));
    request.addEventListener("error", () => this.ended(this.texts.lost));
    request.addEventListener("abort", () => this.ended(this.texts.stopped));
    request.open("POST", this.limits.api);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  }

  private sending(on: boolean): void {
    const box = this.one("[data-sending]");
    if (box !== null) box.hidden = !on;
    const button = this.one("[data-submit]");
    if (button instanceof HTMLButtonElement) button.disabled = on;
    this.form.toggleAttribute("aria-busy", on);
  }

  private progress(done: number, total: number): void {
    const bar = this.one("[data-sending-bar]");
    const text = this.one("[data-sending-text]");
    if (!(bar instanceof HTMLProgressElement) || text === null) return;
    bar.max = total || 1;
    bar.value = done;
    text.textContent =
      total > 0 && done >= total
        ? this.texts.sent
        : fill(this.texts.sending, { done: size(done), total: size(total) });
  }

  private ended(message: string): void {
    this.request = null;
    this.sending(false);
    this.sayAll(message);
  }

  private answered(request: XMLHttpRequest): void {
    this.request = null;
    const answer = parse(request.responseText);
    if (request.status === 201) {
      const id = this.limits.dataset ?? (answer as { id?: number }).id ?? 0;
      location.assign(this.limits.pages.replace("/0/", `/${id}/`));
      return;
    }
    this.sending(false);
    const { detail, errors } = answer as ApiError;
    let placed = false;
    for (const error of errors ?? []) {
      const field = (error.field ?? "").replace(/[.[].*$/, "");
      const target = field === "paths" ? "files" : field;
      placed = this.say(target, error.message) || placed;
    }
    this.sayAll(placed ? "" : (detail ?? `${request.status} ${request.statusText}`));
    this.focusOnError();
  }

  // --- what is wrong ----------------------------------------------------------------------------------------------

  private clear(): void {
    for (const place of this.form.querySelectorAll("[data-error]")) place.textContent = "";
    for (const input of this.form.querySelectorAll("[aria-invalid]"))
      input.removeAttribute("aria-invalid");
    this.sayAll("");
  }

  /** Put the message at its field; false where there is no such place. The first message stays. */
  private say(field: string, message: string): boolean {
    const place = this.form.querySelector<HTMLElement>(`[data-error="${CSS.escape(field)}"]`);
    if (place === null || place.closest("[hidden]") !== null) return false;
    if (message !== "" && place.textContent !== "") return true;
    place.textContent = message;
    const input = this.form.elements.namedItem(field);
    if (input instanceof HTMLInputElement || input instanceof HTMLSelectElement)
      input.toggleAttribute("aria-invalid", message !== "");
    if (message !== "" && input instanceof HTMLElement) input.setAttribute("aria-invalid", "true");
    return true;
  }

  private sayAll(message: string): void {
    const box = this.one("[data-error-all]");
    const text = box?.querySelector("p");
    if (box === null || !text) return;
    text.textContent = message;
    box.hidden = message === "";
  }

  private focusOnError(): boolean {
    const wrong = [...this.form.querySelectorAll<HTMLElement>("[data-error]")].find(
      (place) => place.textContent !== "" && place.closest("[hidden]") === null,
    );
    if (wrong === undefined) return false;
    const field = wrong.closest(".field, section");
    field?.querySelector<HTMLElement>("input, select, button")?.focus();
    wrong.scrollIntoView({ block: "nearest" });
    return true;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
