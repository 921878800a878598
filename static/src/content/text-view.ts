/* A text with the spans of every question that is answered on it, kept in step with the session. */

import { computed, effect, signal } from "@preact/signals";
import { colorOf } from "../core/colors";
import type { Op } from "../core/document";
import { objectsOf } from "../core/document";
import { say } from "../core/flow";
import { pushViewScope, takeKeys } from "../core/focus-view";
import { t, tn } from "../core/i18n";
import { markPainted } from "../core/marks";
import { deleteRegion, drawingQuestion, findRegion } from "../core/region-actions";
import { labelsFor, marked, type RegionQuestion, regionQuestions } from "../core/regions";
import { topic } from "../core/registry";
import type { Session } from "../core/session";
import { settings } from "../core/settings";
import type { Sheet } from "../core/sheet";
import type { Element, Obj, View } from "../core/types";
import { Caret } from "../surfaces/text/caret";
import { findAll, nextOf } from "../surfaces/text/find";
import { Offsets, type Piece } from "../surfaces/text/offsets";
import { TextPointer } from "../surfaces/text/pointer";
import type { Span } from "../surfaces/text/spans";
import { TextSurface } from "../surfaces/text/surface";
import type { Unit } from "../surfaces/text/words";
import { compared, hiddenAll, hiddenIds, lockedIds, offerReveal, overlays } from "./compare";
import { changeSpan, makeSpans, type Shown, spanOf, unmarked } from "./span-actions";
import { caretKeys, textKeys } from "./text-keys";
import { chooseRegions } from "./tools";

/** What the mouse snaps to where a person has said otherwise than the question; for as long as the page is open. */
const chosenUnit = signal<"word" | "character" | null>(null);

/** What is looked for in a text. */
export interface Search {
  words: string;
  exact: boolean;
  whole: boolean;
  /** The labels that all places get; null: those used last. */
  labels: Record<string, unknown> | null;
  /** The question that those labels belong to; null: the one that is answered next. */
  question: string | null;
}

export class TextView {
  readonly surface: TextSurface;
  readonly caret: Caret;
  readonly pointer: TextPointer;
  readonly questions: RegionQuestion[];
  /** What a screen reader is told of the caret. */
  readonly spoken = signal("");
  readonly search = signal<Search | null>(null);
  /** Which of the places that were found was gone to. */
  readonly foundAt = signal(-1);
  readonly found = computed<readonly Piece[]>(() => {
    const search = this.search.value;
    void this.surface.shown.value;
    if (!search) return [];
    const { words } = this.surface;
    return findAll(words.text, search.words, search, (at) => words.isEdge(at));
  });
  private offsets = new Offsets("");
  private position: number | null = null;
  /** The span that the last click made: one more click makes another of it. */
  private lastMade: string | null = null;
  private readonly stops: (() => void)[] = [];

  constructor(
    scroller: HTMLElement,
    page: HTMLElement,
    readonly session: Session,
    readonly view: View,
  ) {
    this.questions = regionQuestions(session.template.questions, view);
    this.surface = new TextSurface(scroller, page);
    this.caret = new Caret(this.surface);
    this.pointer = new TextPointer(this.surface, this.caret, {
      marks: () => this.marks,
      snap: (piece, exact) => this.snap(piece, exact),
      mark: (piece, how) => this.marked(piece, how),
      choose: (id, how) => this.choose(id, how),
      change: (id, piece) => changeSpan(session, this.shown, id, piece),
      held: () => this.held,
    });
  }

  /** Whether stretches can be marked now. */
  get marks(): boolean {
    return this.questions.length > 0 && this.session.frozen.value === null;
  }

  get shown(): Shown {
    return { text: this.surface.text, offsets: this.offsets };
  }

  start(): void {
    const { session, surface, view } = this;
    this.stops.push(
      effect(() => this.showSheet()),
      effect(() => surface.select(session.selection.value)),
      effect(() => {
        const [all, ids] = [hiddenAll.value, hiddenIds.value];
        surface.setHidden((id) => all || ids.has(id));
      }),
      effect(() => {
        void [session.frozen.value, lockedIds.value, session.selected.value];
        surface.moved();
      }),
      effect(() => {
        const piece = this.caret.marked.value;
        if (!piece || !this.marks) return undefined;
        const make = (labels: Record<string, unknown>) => this.makeMarked(labels);
        marked.value = make;
        return () => {
          if (marked.peek() === make) marked.value = null;
        };
      }),
      effect(() => {
        surface.mark("itag-found", this.found.value);
        const now = this.found.value[this.foundAt.value];
        surface.mark("itag-found-now", now ? [now] : []);
      }),
      ...this.layers(),
      pushViewScope(view, "keys.scope.text", () => textKeys(this)),
      offerReveal((id) => this.reveal(id)),
    );
    if (this.questions.length > 0) {
      this.stops.push(pushViewScope(view, "keys.scope.caret", () => caretKeys(this), "tool"));
    }
  }

  close(): void {
    for (const stop of this.stops.reverse()) stop();
    this.pointer.close();
    this.caret.close();
    this.surface.close();
  }

  private layers(): (() => void)[] {
    const { surface, pointer, session } = this;
    return this.questions.flatMap(({ question }) => {
      const layer = topic(question.type)?.textLayer;
      return layer ? [layer({ surface, pointer, question, session })] : [];
    });
  }

  /** Show the open item, and follow its document until another is opened. */
  private showSheet(): () => void {
    const sheet = this.session.sheet.value;
    const text = sheet ? textOf(sheet.payload.peek().data[this.view.field]) : "";
    const position = sheet?.position ?? null;
    if (position !== this.position || text !== this.surface.text) {
      this.position = position;
      this.offsets = new Offsets(text);
      this.caret.put(null);
      this.foundAt.value = -1;
      this.surface.setText(text);
    }
    const stop = sheet ? this.follow(sheet) : () => undefined;
    if (position !== null) {
      requestAnimationFrame(() => markPainted(position));
      void this.session.prefetch();
    }
    return stop;
  }

  /** Keep the spans of the surface those of the document. */
  private follow(sheet: Sheet): () => void {
    const { surface } = this;
    const { document } = sheet;
    const own = () =>
      this.questions.flatMap((question) => {
        const { ids, byId } = document.objects(question.question.questionId);
        return ids.flatMap((id) => this.spanOf(question, byId.get(id) as Obj) ?? []);
      });
    // Reads what is laid over the text, and how it is coloured. Overlays are made anew with every edit.
    let ghosts: readonly Span[] | null = null;
    let colors = "";
    const stop = effect(() => {
      const [next, by] = [this.ghosts(), settings.colorBy.value];
      if (ghosts && by === colors && JSON.stringify(next) === JSON.stringify(ghosts)) return;
      ghosts = next;
      colors = by;
      surface.load([...own(), ...next]);
    });
    const unsubscribe = sheet.log.subscribe((ops) => {
      if (ops.some(({ q, id }) => id === null && this.questionOf(q))) {
        surface.load([...own(), ...(ghosts ?? [])]);
      } else for (const op of ops) this.carryOut(op);
    });
    return () => {
      stop();
      unsubscribe();
    };
  }

  private carryOut({ q, id, next }: Op): void {
    const question = this.questionOf(q);
    if (!question || id === null) return;
    const span = next === null ? null : this.spanOf(question, next as Obj);
    if (span) this.surface.put(span);
    else this.surface.remove(id);
  }

  private questionOf(q: string): RegionQuestion | undefined {
    return this.questions.find(({ question }) => question.questionId === q);
  }

  private spanOf(question: RegionQuestion, object: Obj): Span | null {
    const span = spanOf(question, object, this.shown);
    if (!span || settings.colorBy.peek() !== "region") return span;
    return { ...span, color: colorOf(object.id) };
  }

  /** The spans of other answers that are looked at beside the answer. */
  private ghosts(): Span[] {
    const other = compared.value;
    const found: Span[] = other ? this.spansOf(other.id, other.results) : [];
    for (const [id, { results, color, mark }] of overlays.value) {
      for (const span of this.spansOf(id, results)) {
        found.push({ ...span, color, label: `${mark} ${span.label}`.trim() });
      }
    }
    return found;
  }

  private spansOf(id: string, results: readonly Element[]): Span[] {
    return this.questions.flatMap((one) => {
      const element = results.find(({ questionId }) => questionId === one.question.questionId);
      return objectsOf(one.question, element).flatMap((object) => {
        const span = spanOf(one, { ...object, labels: object.labels ?? {} }, this.shown);
        return span ? [{ ...span, id: `${id}/${span.id}`, ghost: true }] : [];
      });
    });
  }

  private reveal(id: string): void {
    const span = this.surface.span(id);
    if (span) this.surface.reveal(span.start);
  }

  // --- marking ------------------------------------------------------------------------------------------------------

  /** What the mouse snaps to. */
  get unit(): "word" | "character" {
    const { question } = drawingQuestion(this.session, this.view) ?? {};
    return chosenUnit.value ?? (question?.unit === "character" ? "character" : "word");
  }

  changeUnit(): void {
    chosenUnit.value = this.unit === "word" ? "character" : "word";
    say(this.session, t(this.unit === "word" ? "text.snapsWord" : "text.snapsCharacter"));
  }

  private snap(piece: Piece, exact: boolean): Piece | null {
    const { words } = this.surface;
    return (this.unit === "word") === exact ? words.trim(piece) : words.snap(piece);
  }

  private marked(piece: Piece, how: "drag" | "word" | "sentence"): void {
    const { session } = this;
    const last = how === "sentence" && this.lastMade === session.selected.peek() && this.lastMade;
    this.lastMade = null;
    if (last) {
      changeSpan(session, this.shown, last, piece, `make/${last}`);
      return;
    }
    const same = how === "drag" ? undefined : this.sameAs(piece);
    if (same) {
      session.selected.value = same.id;
      return;
    }
    this.lastMade = makeSpans(session, this.view, this.shown, [piece])[0] ?? null;
  }

  /** The span that lies on exactly this piece. */
  private sameAs({ start, end }: Piece): Span | undefined {
    return this.surface.spansAt(start).find((span) => span.start === start && span.end === end);
  }

  private makeMarked(labels: Record<string, unknown> | null): void {
    const piece = this.caret.marked.peek();
    const trimmed = piece && this.surface.words.trim(piece);
    if (!trimmed) return;
    makeSpans(this.session, this.view, this.shown, [trimmed], labels ? { labels } : {});
    this.caret.unmark();
  }

  /** Make what is marked a span with the labels used last. */
  make(): void {
    this.makeMarked(null);
  }

  private choose(id: string | null, how: "only" | "toggle"): void {
    const locked = id !== null && lockedIds.peek().has(id);
    if (id !== null && !locked) chooseRegions(this.session, [id], how);
    else if (how === "only") this.session.selected.clear();
  }

  /** The chosen span, if it alone is chosen and can be changed. */
  get held(): string | null {
    const id = this.session.selected.peek();
    if (!this.marks || id === null || this.session.selection.peek().size !== 1) return null;
    return lockedIds.peek().has(id) || !this.surface.span(id) ? null : id;
  }

  // --- keys ---------------------------------------------------------------------------------------------------------

  /** Turn the caret on: at the chosen span, else where reading is. */
  turnOn(): void {
    const id = this.session.selected.peek();
    const span = id === null ? null : this.surface.span(id);
    takeKeys(this.view.bindField);
    this.surface.scroller.focus({ preventScroll: true });
    this.caret.put(span?.start ?? this.surface.firstInView());
    this.tell("word");
  }

  /** Say what the caret is at, or what is marked. */
  tell(unit: Unit): void {
    const { words } = this.surface;
    const at = this.caret.at;
    const piece = this.caret.marked.peek();
    const here = piece ?? (at === null ? null : (words.at(unit, at) ?? { start: at, end: at + 1 }));
    const text = here ? words.text.slice(here.start, here.end) : "";
    const spans = at === null ? [] : this.surface.spansAt(at).map(({ label }) => label);
    const said = [piece ? t("text.marked", { text }) : text, ...spans].filter(Boolean);
    this.spoken.value = said.join(", ");
  }

  /** Choose the span at the caret; again: the one around it. */
  chooseAtCaret(): void {
    const at = this.caret.at;
    if (at === null) return;
    const before = at > 0 ? this.surface.spansAt(at - 1).filter(({ end }) => end === at) : [];
    const spans = [...this.surface.spansAt(at), ...before];
    const now = spans.findIndex(({ id }) => id === this.session.selected.peek());
    const next = spans[(now + 1) % spans.length];
    if (next) this.session.selected.value = next.id;
    else say(this.session, t("text.noSpanHere"), "warn");
  }

  /** Move an end of the chosen span, or both, by a unit. */
  moveEnd(end: "start" | "end" | "both", unit: "word" | "character", by: 1 | -1): void {
    const id = this.held;
    const span = id === null ? null : this.surface.span(id);
    if (id === null || !span) return;
    const { words } = this.surface;
    const step = (at: number) => words.step(unit, at, by);
    let { start, end: stop } = span;
    if (end !== "end") start = end === "start" ? startStep(words, unit, start, by) : step(start);
    if (end !== "start") stop = end === "end" ? endStep(words, unit, stop, by) : step(stop);
    if (start >= stop) return;
    changeSpan(this.session, this.shown, id, { start, end: stop }, `${end}/${id}`);
    this.surface.reveal(end === "start" ? start : stop);
    this.spoken.value = t("text.marked", { text: words.text.slice(start, stop) });
  }

  remove(): void {
    deleteRegion(this.session);
  }

  // --- search -------------------------------------------------------------------------------------------------------

  /** Look for words: what is marked, else what was looked for last. */
  openSearch(): void {
    const piece = this.caret.marked.peek();
    const words = piece ? this.surface.text.slice(piece.start, piece.end) : "";
    const former = this.search.peek() ?? { words: "", exact: false, whole: false };
    this.search.value = { ...former, words: words || former.words, labels: null, question: null };
  }

  /** Look for all other places of the chosen span's words, to give them its labels. */
  searchOccurrences(): void {
    const region = findRegion(this.session, this.session.selected.peek());
    const span = region && this.surface.span(region.object.id);
    if (!region || !span) return;
    const words = this.surface.text.slice(span.start, span.end);
    const labels = { ...region.object.labels };
    const { questionId } = region.question.question;
    this.search.value = { words, exact: true, whole: true, labels, question: questionId };
  }

  closeSearch(): void {
    this.search.value = null;
    this.foundAt.value = -1;
  }

  goToFound(by: 1 | -1): void {
    const found = this.found.peek();
    const now = found[this.foundAt.peek()];
    const place = this.caret.at ?? this.surface.firstInView();
    const from = now ? (by > 0 ? now.end : now.start) : place;
    const next = nextOf(found, from, by);
    this.foundAt.value = next;
    const piece = found[next];
    if (piece) this.surface.reveal(piece.start, 0.3);
  }

  /** The question that the places which are found answer: labels are given to spans of their own question only. */
  get target(): RegionQuestion | null {
    const own = this.search.peek()?.question;
    return (own && this.questionOf(own)) || drawingQuestion(this.session, this.view);
  }

  /** The places that were found and are no spans yet. */
  get open(): Piece[] {
    return unmarked(this.session, this.target, this.shown, this.found.peek());
  }

  /** Give all places that were found the labels, as one step. */
  labelFound(): void {
    const search = this.search.peek();
    if (!search || !this.marks) return;
    const { target } = this;
    if (!target) return;
    const labels = search.labels ?? labelsFor(target.question.questionId);
    const options = { labels, target, choose: search.labels === null };
    const made = makeSpans(this.session, this.view, this.shown, this.open, options);
    this.closeSearch();
    say(this.session, made.length > 0 ? tn("text.labelled", made.length) : t("text.allLabelled"));
  }
}

function startStep(words: TextSurface["words"], unit: Unit, at: number, by: 1 | -1): number {
  if (by < 0 || unit === "character") return words.step(unit, at, by);
  // On to the beginning of the next word, not to the end of this one.
  const end = words.step(unit, words.step(unit, at, 1), 1);
  return words.step(unit, end, -1);
}

function endStep(words: TextSurface["words"], unit: Unit, at: number, by: 1 | -1): number {
  if (by > 0 || unit === "character") return words.step(unit, at, by);
  const start = words.step(unit, words.step(unit, at, -1), -1);
  return words.step(unit, start, 1);
}

/** What a field says, as a text. */
function textOf(raw: unknown): string {
  if (typeof raw === "string") return raw;
  return raw === undefined ? "" : JSON.stringify(raw, null, 2);
}
