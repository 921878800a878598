/* The builder's state: the draft with its past, what is chosen, what is wrong, and the way to the server. */

import { computed, effect, signal } from "@preact/signals";
import { type FieldError, type Outcome, request } from "../core/api";
import { t } from "../core/i18n";
import { advance, back, begin, forth } from "./history";
import { type Draft, EMPTY, type Json, type Part, partOf, readDraft, writeDraft } from "./model";
import { type Fault, faultsOf } from "./paths";

const CHECK_MS = 500;

export interface Kind {
  /** View types that it marks on; none: it needs no view. */
  views: readonly string[];
  options: boolean;
  /** It may be asked of an object. */
  nests: boolean;
  /** What a template may say of it beyond what every question has. */
  members: readonly string[];
  shapes: readonly string[];
  /** What stands where the template says nothing. */
  defaults: Json;
}

export interface About {
  id: number;
  version: number;
  builtin: boolean;
  shared: "workspace" | "everybody";
  archived: boolean;
  latest: number;
  /** Why not, or "". */
  may: { change: string; share: string };
  versions: { id: number; version: number; at: string; by: string }[];
}

export interface DesignerBoot {
  template: About | null;
  content: Json | null;
  workspace: number | null;
  /** The workspace that copies go to; null: the person makes none. */
  copyTo: number | null;
  csrf: string;
  language: string;
  palette: string[];
  shortcuts: string[];
  limits: { options: number; depth: number };
  kinds: Record<string, Kind>;
  /** View type → types of dataset fields that it shows. */
  shows: Record<string, string[]>;
  addresses: Record<"list" | "api" | "datasets" | "job" | "preview", string>;
  preferences: { theme: string; language: string; languages: [string, string][] };
}

export type Saving = "idle" | "saving" | "saved" | "failed";

export class Designer {
  private readonly history = signal(begin<Draft>(EMPTY));
  readonly draft = computed(() => this.history.value.now);
  readonly canUndo = computed(() => this.history.value.past.length > 0);
  readonly canRedo = computed(() => this.history.value.future.length > 0);
  readonly chosen = signal<string | null>(null);
  readonly part = computed<Part | null>(() => partOf(this.draft.value, this.chosen.value));
  readonly about = signal<About | null>(null);
  readonly faults = signal<readonly Fault[]>([]);
  readonly checked = signal(false);
  readonly saving = signal<Saving>("idle");
  /** What went wrong with what was asked of the server, or what was done. */
  readonly said = signal<{ text: string; bad: boolean } | null>(null);
  readonly previewing = signal(false);
  /** What is being dragged: a part that is there, or one that is new. */
  readonly dragged = signal<Part | null>(null);
  private readonly stored = signal<string>("");
  readonly dirty = computed(
    () => JSON.stringify(writeDraft(this.draft.value)) !== this.stored.value,
  );
  private asked = 0;
  private timer = 0;

  constructor(readonly boot: DesignerBoot) {
    const draft = boot.content ? readDraft(boot.content) : EMPTY;
    this.history.value = begin(draft);
    this.stored.value = JSON.stringify(writeDraft(draft));
    this.about.value = boot.template;
    effect(() => {
      const now = this.draft.value;
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.check(now), CHECK_MS);
    });
  }

  /** Why nothing can be changed, or "". */
  get frozen(): string {
    const about = this.about.value;
    if (about === null) return "";
    if (about.may.change) return about.may.change;
    if (about.archived) return t("designer.why.archived");
    return about.latest === about.id ? "" : t("designer.why.old");
  }

  /** Go on with another draft; `group`: what is changed, where many small changes are one step. */
  change(next: Draft, group: string | null = null): void {
    if (this.frozen) return;
    this.history.value = advance(this.history.peek(), next, group, Date.now());
    if (this.saving.peek() === "saved") this.saving.value = "idle";
  }

  undo(): void {
    this.history.value = back(this.history.peek());
  }

  redo(): void {
    this.history.value = forth(this.history.peek());
  }

  /** Ask the server what is wrong; only the newest answer counts. */
  private async check(draft: Draft): Promise<void> {
    const mine = ++this.asked;
    const url = `${this.boot.addresses.api}/check`;
    const body = writeDraft(draft);
    const outcome = await request<{ errors: FieldError[] }>(url, { method: "POST", body });
    if (mine !== this.asked) return;
    // What cannot be asked now is asked again with the next change, and with saving.
    if (outcome.kind !== "ok") return;
    this.faults.value = faultsOf(draft, outcome.body.errors);
    this.checked.value = true;
  }

  /** Save as a new template, or as the next version. */
  async save(): Promise<void> {
    if (this.frozen || this.saving.peek() === "saving") return;
    const { api } = this.boot.addresses;
    const draft = this.draft.peek();
    const written = writeDraft(draft);
    const about = this.about.peek();
    this.saving.value = "saving";
    this.said.value = null;
    const outcome = about
      ? await request<Stored>(`${api}/${about.id}`, { method: "PATCH", body: written })
      : await request<Stored>(api, {
          method: "POST",
          body: { ...written, workspace: this.boot.workspace },
        });
    if (outcome.kind !== "ok") {
      this.saving.value = "failed";
      if (outcome.kind === "refused" && outcome.code === "invalid") {
        this.faults.value = faultsOf(draft, outcome.errors);
        this.checked.value = true;
        this.said.value = { text: t("designer.save.faults"), bad: true };
      } else this.complain(outcome);
      return;
    }
    const { id, version } = outcome.body;
    this.stored.value = JSON.stringify(written);
    this.saving.value = "saved";
    this.said.value = { text: t("designer.save.done", { version }), bad: false };
    const row = { id, version, at: outcome.body.created_at, by: "" };
    const former = about?.versions.filter((one) => one.id !== id) ?? [];
    this.about.value = {
      ...(about ?? { builtin: false, shared: "workspace", archived: false, may: BOTH }),
      id,
      version,
      latest: id,
      versions: [row, ...former],
    };
    history.replaceState(null, "", `${this.boot.addresses.list}${id}/edit/`);
  }

  /** Copy what is stored into the person's workspace, and go there. */
  async copy(): Promise<void> {
    const about = this.about.peek();
    if (!about) return;
    const url = `${this.boot.addresses.api}/${about.id}/clone`;
    const body = { workspace: this.boot.copyTo };
    const outcome = await request<Stored>(url, { method: "POST", body });
    if (outcome.kind === "ok") {
      // What is not saved is not in the copy: the browser asks before it is lost.
      location.assign(`${this.boot.addresses.list}${outcome.body.id}/edit/`);
    } else this.complain(outcome);
  }

  async share(shared: About["shared"]): Promise<void> {
    await this.tell("share", { shared }, (about) => ({ ...about, shared }));
  }

  async archive(archived: boolean): Promise<void> {
    await this.tell("archive", { archived }, (about) => ({ ...about, archived }));
  }

  private async tell(verb: string, body: Json, next: (about: About) => About): Promise<void> {
    const about = this.about.peek();
    if (!about) return;
    const url = `${this.boot.addresses.api}/${about.id}/${verb}`;
    const outcome = await request(url, { method: "POST", body });
    if (outcome.kind === "ok") this.about.value = next(about);
    else this.complain(outcome);
  }

  private complain(outcome: Exclude<Outcome<unknown>, { kind: "ok" }>): void {
    const text =
      outcome.kind === "refused"
        ? outcome.detail
        : t(outcome.kind === "signin" ? "preview.signedOut" : "save.unreachable");
    this.said.value = { text, bad: true };
  }
}

interface Stored {
  id: number;
  version: number;
  created_at: string;
}

const BOTH = { change: "", share: "" };
