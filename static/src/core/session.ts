/* The labeling page's state: which item is open, what may be done with it, and the way of every change to the server.

   Panels and surfaces read its signals and call its verbs; they know nothing of requests. */

import { batch, computed, signal } from "@preact/signals";
import { Clipboard } from "./clipboard";
import { collected } from "./correction";
import { Desk } from "./desk";
import type { Op } from "./document";
import { type Filter, nextMatch } from "./filters";
import { Items, type LoadProblem } from "./items";
import { markKey } from "./marks";
import { Pictures } from "./media";
import {
  type Answer,
  type Entry,
  Outbox,
  type Store,
  type Transport,
  type VerbName,
} from "./outbox";
import { Selection } from "./selection";
import { expected, isDone, queued, Sheet } from "./sheet";
import type {
  Bootstrap,
  Element,
  Flag,
  ItemPayload,
  ItemState,
  ItemSummary,
  Template,
} from "./types";

const SHEETS_KEPT = 30;
/** While many items are shown at once, whose undo is kept too. */
const SHEETS_AT_ONCE = 240;

/** Why nothing can be changed, or null. */
export type Frozen = "read" | "other-tab" | "late" | "locked" | "abandoned" | "inspecting" | null;

export interface Toast {
  text: string;
  kind: "ok" | "warn" | "bad";
}

export class Session {
  readonly assignment;
  readonly mode;
  readonly inspecting: boolean;
  readonly items: Items;
  readonly desk: Desk;
  readonly pictures = new Pictures();
  readonly outbox: Outbox;
  readonly clipboard: Clipboard;
  readonly list = signal<readonly ItemSummary[]>([]);
  readonly position = signal(0);
  readonly sheet = signal<Sheet | null>(null);
  readonly loadProblem = signal<LoadProblem | null>(null);
  /** The region that panels and surfaces show as chosen: of several, the primary one. */
  readonly selected = new Selection();
  /** All regions that are chosen. */
  readonly selection = this.selected.all;
  /** The item whose answer the inspector is changing. */
  readonly modifying = signal<number | null>(null);
  /** The item whose answer in force a manager is correcting: its log is all there is of it until it is saved. */
  readonly correcting = signal<number | null>(null);
  /** Where the person wants to go while a correction is not saved. */
  readonly leaving = signal<number | null>(null);
  readonly late = signal(false);
  readonly otherTab = signal(false);
  /** The package has been handed in from here. */
  readonly submitted = signal(false);
  /** Which items the strip lists. */
  readonly filter = signal<Filter>("all");
  /** Whether the next package is taken as soon as this one is handed in. */
  readonly claimNext = signal(false);
  /** Spoken by the live region and shown for a moment. */
  readonly toast = signal<Toast | null>(null);
  private readonly asked;
  /** How often the labels have changed since the page was opened. */
  readonly relabeled = signal(0);
  private readonly sheets = new Map<number, Sheet>();
  /** Items whose answer the server completes in its own way once what waits is stored. */
  private readonly unsure = new Set<number>();
  /** How often each item was saved from here. */
  private readonly saves = new Map<number, number>();

  readonly payload = computed(() => this.sheet.value?.payload.value ?? null);
  readonly frozen = computed<Frozen>(() => this.whyFrozen(this.payload.value));
  /** Whether there is a correction that would be lost. */
  readonly unsaved = computed(() => {
    const sheet = this.sheet.value;
    return this.correcting.value !== null && sheet !== null && collected(sheet.log).length > 0;
  });
  readonly done = computed(() => this.list.value.filter((item) => isDone(item.state)).length);

  constructor(
    readonly boot: Bootstrap,
    readonly store: Store,
    readonly transport: Transport,
  ) {
    this.assignment = boot.assignment;
    this.asked = signal(boot.assignment.template);
    this.mode = boot.assignment.mode;
    this.inspecting = this.mode === "check" || this.mode === "acceptance";
    this.list.value = boot.assignment.items;
    this.claimNext.value = boot.user.claim_next;
    this.desk = new Desk(boot);
    this.clipboard = new Clipboard(boot.user.id);
    const last = boot.assignment.items.at(-1)?.position ?? boot.position;
    this.items = new Items(boot.assignment.api, boot.assignment.id !== null, last);
    this.items.put(boot.item);
    this.outbox = new Outbox({
      user: boot.user.id,
      assignment: boot.assignment.id ?? 0,
      store,
      transport,
      onStored: (position, answer, entry) => this.stored(position, answer, entry),
      onNoted: (position, flag) => this.noted(position, flag),
    });
    this.show(boot.item);
  }

  /** The questions as they are asked now. */
  get template(): Template {
    return this.asked.value;
  }

  /** Ask with these labels from now on: documents are built anew, with what is unsent on top. */
  relabel(template: Template): void {
    batch(() => {
      this.asked.value = template;
      this.relabeled.value++;
      this.rebuild();
    });
  }

  // --- which item is open -------------------------------------------------------------------------------------------

  /** Open an item; one that is loaded is there before this returns. */
  async goTo(position: number, options: { replace?: boolean } = {}): Promise<void> {
    if (!this.list.peek().some((item) => item.position === position)) return;
    if (this.unsaved.peek() && position !== this.position.peek()) {
      // The browser's own buttons have changed the address already.
      setAddress(this.position.peek());
      this.leaving.value = position;
      return;
    }
    markKey(position);
    this.position.value = position;
    this.selected.value = null;
    setAddress(position, options.replace);
    const ready = this.items.peek(position);
    if (ready) {
      this.show(ready);
      return;
    }
    this.sheet.value = null;
    const problem = await this.items.load(position);
    if (this.position.peek() !== position) return;
    this.loadProblem.value = problem;
    if (problem === "signin") this.outbox.signedOut();
    const payload = this.items.peek(position);
    if (payload) this.show(payload);
  }

  /** Open the item `by` places on in the list, if there is one. */
  step(by: 1 | -1): boolean {
    const list = this.list.peek();
    const at = list.findIndex((item) => item.position === this.position.peek());
    const target = list[at + by];
    if (!target) return false;
    void this.goTo(target.position);
    return true;
  }

  /** The next item that still needs an answer or a verdict, looking round from the present one. */
  nextOpen(): ItemSummary | null {
    return this.next("open");
  }

  /** The next item of this kind, looking round from the present one. */
  next(filter: Filter): ItemSummary | null {
    return nextMatch(this.list.peek(), this.position.peek(), filter, this.desk.flags.peek());
  }

  /** Whether this is a package that the person has handed in. */
  get takesBack(): boolean {
    return this.boot.own && this.desk.state.value === "submitted";
  }

  /** Whether some item's votes did not agree. */
  get disputes(): boolean {
    return this.list.value.some((item) => item.disputed);
  }

  private show(payload: ItemPayload): void {
    const { position } = payload;
    this.loadProblem.value = null;
    this.position.value = position;
    this.sheet.value = this.sheetOf(payload, SHEETS_KEPT);
  }

  /** The sheet of an item that is loaded, whether it is open or not. */
  sheetAt(position: number): Sheet | null {
    const payload = this.items.peek(position);
    return payload && this.sheetOf(payload, SHEETS_AT_ONCE);
  }

  private sheetOf(payload: ItemPayload, kept: number): Sheet {
    const { position } = payload;
    const known = this.sheets.get(position);
    const waiting = known ? [] : (this.outbox?.entries(position) ?? []);
    const sheet = known ?? new Sheet(payload, this.template, this.mode, waiting);
    if (!known) sheet.log.subscribe((ops) => this.edited(position, ops));
    this.sheets.delete(position);
    this.sheets.set(position, sheet);
    for (const [key, one] of this.sheets) {
      if (this.sheets.size <= kept) break;
      // The open one is shown, and worked on, whatever else is looked at beside it.
      if (one !== this.sheet.peek()) this.sheets.delete(key);
    }
    return sheet;
  }

  /** Load and decode what is likely to be opened next. */
  async prefetch(): Promise<void> {
    const list = this.list.peek();
    const at = list.findIndex((item) => item.position === this.position.peek());
    const near = [at + 1, at + 2, at + 3, at - 1].map((index) => list[index]?.position);
    const wanted = new Set([near[0], this.nextOpen()?.position, ...near.slice(1)]);
    for (const position of wanted) {
      if (position === undefined) continue;
      if (await this.items.load(position)) return;
      const payload = this.items.peek(position);
      for (const media of Object.values(payload?.media ?? {})) {
        if (media.type === "image") await this.pictures.get(media).catch(() => null);
      }
    }
  }

  /** Read an item anew from the server and build its document again, drafts on top. */
  async reload(position: number): Promise<void> {
    const known = this.items.peek(position);
    let problem: LoadProblem | null;
    let saves: number | undefined;
    do {
      // What was stored while the answer was on its way is not in it.
      saves = this.saves.get(position);
      this.items.forget(position);
      problem = await this.items.load(position);
    } while (problem === null && saves !== this.saves.get(position));
    const payload = this.items.peek(position);
    if (payload) {
      // Only now: until here work went on in the old one, and what of it waits is carried over.
      this.sheets.delete(position);
      this.updateList(position, payload.state);
    } else if (known) {
      this.items.put(known);
    }
    if (this.position.peek() !== position) return;
    this.loadProblem.value = problem;
    if (payload) this.show(payload);
  }

  /** The answer to an item as it is here, unsent work included. */
  draft(position: number): Element[] {
    const known = this.items.peek(position);
    const sheet =
      this.sheets.get(position) ??
      (known && new Sheet(known, this.template, this.mode, this.outbox.entries(position)));
    return sheet?.document.toResults() ?? [];
  }

  /** Put what is unsent of an item on top of another version of its answer. */
  rebase(position: number, results: Element[], version: number): void {
    const known = this.items.peek(position);
    if (!known) return;
    const verdict = this.inspecting ? "modified" : known.verdict;
    this.items.put({ ...known, results, version, verdict });
    this.sheets.delete(position);
    if (this.position.peek() === position) this.show(this.items.peek(position) as ItemPayload);
  }

  /** Forget every loaded item but those with unsent work and the open one: the server changed many at once. */
  forgetLoaded(): void {
    this.items.forgetAll();
    for (const position of this.sheets.keys()) {
      if (!this.outbox.has(position) && position !== this.position.peek()) {
        this.sheets.delete(position);
      }
    }
  }

  /** Build open documents again from their payloads: the outbox was read, or the server's side was taken. */
  rebuild(): void {
    this.sheets.clear();
    const payload = this.items.peek(this.position.peek());
    if (payload) this.show(payload);
    for (const item of this.list.peek()) {
      const entries = this.outbox.entries(item.position);
      const known = this.items.peek(item.position);
      if (entries.length === 0 || !known) continue;
      const sheet = new Sheet(known, this.template, this.mode, entries);
      this.updateList(item.position, sheet.payload.peek().state);
    }
  }

  /** Correct the open item's answer, or stop that: what is not saved is dropped. */
  correct(on: boolean): void {
    const position = this.position.peek();
    batch(() => {
      this.correcting.value = on ? position : null;
      const known = this.items.peek(position);
      if (on || !known) return;
      this.selected.value = null;
      this.sheets.delete(position);
      this.show(known);
    });
  }

  /** A correction of this item is stored: show what the server made of it. */
  async corrected(position: number, answer: Partial<ItemPayload>): Promise<void> {
    const known = this.items.peek(position);
    if (known) this.items.put({ ...known, ...answer });
    if (this.position.peek() === position) this.correct(false);
    await this.reload(position);
  }

  // --- changes ------------------------------------------------------------------------------------------------------

  /** Why an item's answer cannot be changed, or null. */
  whyFrozen(payload: ItemPayload | null): Frozen {
    if (this.mode === "read") {
      return payload && this.correcting.value === payload.position ? null : "read";
    }
    if (this.otherTab.value) return "other-tab";
    if (this.late.value) return "late";
    if (this.submitted.value || !payload) return "read";
    if (this.inspecting) {
      return this.modifying.value === payload.position ? null : "inspecting";
    }
    if (payload.locked) return "locked";
    if (payload.abandoned) return "abandoned";
    return null;
  }

  /** Whether anything at all can be done with the assignment. */
  get active(): boolean {
    return (
      this.mode !== "read" && !this.otherTab.value && !this.late.value && !this.submitted.value
    );
  }

  /** Change the open item's answer; without effect while it is frozen. */
  commit(ops: readonly Op[], group: string | null = null): void {
    if (this.frozen.peek() !== null) return;
    this.sheet.peek()?.log.commit(ops, group);
  }

  undo(): void {
    if (this.frozen.peek() === null) this.followed(this.sheet.peek()?.log.undo() ?? null);
  }

  redo(): void {
    if (this.frozen.peek() === null) this.followed(this.sheet.peek()?.log.redo() ?? null);
  }

  private followed(ops: readonly Op[] | null): void {
    const last = new Map<string, Op>();
    for (const op of ops ?? []) if (op.id !== null) last.set(op.id, op);
    if (last.size === 0) return;
    this.selected.many([...last.values()].flatMap((op) => (op.next === null ? [] : (op.id ?? []))));
  }

  private edited(position: number, ops: readonly Op[]): void {
    // A correction goes out as a whole, with a reason.
    if (this.mode === "read") return;
    this.push(position, { kind: "ops", ops: ops.map(queued) });
  }

  /** Say that the open item's answer is right as it stands. */
  confirm(): void {
    const sheet = this.sheet.peek();
    if (!sheet || this.frozen.peek() !== null) return;
    this.push(sheet.position, { kind: "ops", ops: [] });
  }

  /** Queue a verb on the open item, or on another. */
  verb(name: VerbName, body: Record<string, unknown> = {}, sheet = this.sheet.peek()): void {
    if (!sheet || !this.active) return;
    const { position } = sheet;
    const wasModified = sheet.payload.peek().verdict === "modified";
    this.push(position, { kind: "verb", verb: name, body });
    if (wasModified && (name === "pass" || name === "reject")) this.dropChanges(sheet);
  }

  /** Make a vote the answer. */
  adopt(voter: number): void {
    const sheet = this.sheet.peek();
    const vote = sheet?.payload.peek().votes?.find((one) => one.voter === voter);
    if (!sheet || !vote || !this.active) return;
    // What this voter was not asked is what the others agree on, which the server knows.
    this.unsure.add(sheet.position);
    this.push(sheet.position, { kind: "verb", verb: "adopt", body: { vote: voter } });
    this.modifying.value = null;
    this.items.put({ ...sheet.payload.peek(), results: vote.results });
    this.sheets.delete(sheet.position);
    this.show(this.items.peek(sheet.position) as ItemPayload);
  }

  /** Ask those who lead the job about the open item. */
  flag(text: string): void {
    const sheet = this.sheet.peek();
    if (!sheet || !this.active) return;
    this.push(sheet.position, { kind: "verb", verb: "flag", body: { text } });
    const flag = sheet.payload.peek().flag;
    if (flag) this.desk.setFlag(sheet.position, flag);
  }

  private noted(position: number, flag: Flag): void {
    this.desk.setFlag(position, flag);
    const known = this.items.peek(position);
    if (known) this.items.put({ ...known, flag });
    const sheet = this.sheets.get(position);
    if (sheet) sheet.payload.value = { ...sheet.payload.peek(), flag };
  }

  /** A verdict takes an inspector's own changes back: what is shown is again what is judged. */
  private dropChanges(sheet: Sheet): void {
    const payload = sheet.payload.peek();
    const known = this.items.peek(sheet.position);
    this.items.put({ ...(known ?? payload), ...payload, results: null });
    this.sheets.delete(sheet.position);
    this.modifying.value = null;
    this.show(this.items.peek(sheet.position) as ItemPayload);
  }

  private push(position: number, entry: Entry): void {
    const sheet = this.sheets.get(position);
    if (!sheet) return;
    const payload = sheet.payload.peek();
    if (entry.kind === "ops") this.outbox.pushOps(position, entry.ops, payload.version);
    else this.outbox.pushVerb(position, entry.verb, entry.body, payload.version);
    sheet.payload.value = expected(payload, entry, this.mode, sheet.complete);
    this.updateList(position, sheet.payload.peek().state);
  }

  private stored(
    position: number,
    answer: Extract<Answer, { kind: "stored" }>,
    entry: Entry,
  ): void {
    if (answer.late) this.late.value = true;
    else this.desk.worked();
    this.saves.set(position, (this.saves.get(position) ?? 0) + 1);
    const sheet = this.sheets.get(position);
    const waiting = this.outbox.entries(position).length > 0;
    const known = this.items.peek(position);
    if (known && sheet) {
      const now = expected(known, entry, this.mode, sheet.complete);
      this.items.put({ ...now, ...stateOf(answer), results: sheet.document.toResults() });
    } else {
      this.items.forget(position);
    }
    if (sheet) {
      const payload = sheet.payload.peek();
      // While more waits, what the page expects is newer than what the server says.
      sheet.payload.value = {
        ...payload,
        ...(waiting ? {} : stateOf(answer)),
        version: answer.version,
      };
    }
    if (!waiting) this.updateList(position, answer.state as ItemState);
    if (!waiting && this.unsure.delete(position)) void this.reload(position);
  }

  updateList(position: number, state: ItemState): void {
    const list = this.list.peek();
    const at = list.findIndex((item) => item.position === position);
    const old = list[at];
    if (!old || old.state === state) return;
    this.list.value = list.with(at, { ...old, state });
  }
}

function setAddress(position: number, replace = false): void {
  const path = location.pathname.replace(/\/\d+\/?$/, `/${position}`);
  if (path === location.pathname) return;
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
}

function stateOf(answer: Extract<Answer, { kind: "stored" }>) {
  return {
    version: answer.version,
    state: answer.state as ItemState,
    verdict: answer.verdict ?? "",
  };
}
