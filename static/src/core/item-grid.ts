/* Many items at once: which are shown, which are chosen, and answers given to all of them.

   Every answer goes through the sheet of its item, as it does where the item is open alone. */

import { batch, computed, signal } from "@preact/signals";
import { hiddenIn } from "./conditions";
import type { Op } from "./document";
import { matches } from "./filters";
import { say, whyNotPass } from "./flow";
import { t, tn } from "./i18n";
import type { LoadProblem } from "./items";
import { shownViews } from "./layout";
import { setElement } from "./oplog";
import { answerOf, content, elementOf, topic, type ValueSpec } from "./registry";
import type { Session } from "./session";
import { isDone, type Sheet } from "./sheet";
import type { ItemSummary, Question, Template, View } from "./types";

/** The fewest and the most items of a page. */
export const LEAST = 24;
export const MOST = 60;

/** What turns the grid on, and off again. */
export const GRID_KEY = "shift+v";

/** Whether the template can be answered here: a view with small pictures, every question for the whole item. */
export function offersGrid(session: Session): boolean {
  const { questions } = session.template;
  return (
    pictured(session.template).length > 0 &&
    questions.length > 0 &&
    questions.every(({ type, view }) => topic(type)?.value !== undefined && view === undefined)
  );
}

/** The views that have small pictures. */
export function pictured(template: Pick<Template, "views">): View[] {
  return shownViews(template).filter(({ type }) => content(type)?.thumbs === true);
}

/** How many items a page has in this much room: whole rows, from LEAST to MOST. */
export function pageSize(columns: number, rows: number): number {
  const fitting = Math.min(MOST, Math.max(LEAST, columns * rows));
  const whole = fitting - (fitting % columns);
  return whole >= LEAST ? whole : Math.min(MOST, whole + columns);
}

/** What several values have in common. */
export function commonOf(spec: ValueSpec, values: readonly unknown[]): unknown {
  if (spec.common) return spec.common(values);
  const first = JSON.stringify(values[0] ?? null);
  return values.every((value) => JSON.stringify(value ?? null) === first)
    ? (values[0] ?? null)
    : null;
}

/** What was answered to many items in one step. */
type Step = { position: number; sheet: Sheet; op: Op }[];

export class ItemGrid {
  readonly on = signal(false);
  /** The items that are gone through, as they were listed when it began. */
  readonly positions = signal<readonly number[]>([]);
  readonly size = signal(LEAST);
  readonly columns = signal(1);
  readonly first = signal(0);
  readonly focus = signal(0);
  readonly chosen = signal<ReadonlySet<number>>(new Set());
  readonly problem = signal<LoadProblem | null>(null);
  /** Grows when items of the page have arrived. */
  readonly arrived = signal(0);
  private anchor = 0;
  private readonly done = signal<readonly Step[]>([]);
  private readonly undone = signal<readonly Step[]>([]);
  readonly canUndo = computed(() => this.done.value.length > 0);
  readonly canRedo = computed(() => this.undone.value.length > 0);

  readonly page = computed(() =>
    this.positions.value.slice(this.first.value, this.first.value + this.size.value),
  );
  readonly pages = computed(() =>
    Math.max(1, Math.ceil(this.positions.value.length / this.size.value)),
  );
  readonly pageNumber = computed(() => Math.floor(this.first.value / this.size.value) + 1);

  constructor(private readonly session: Session) {}

  // --- what is shown ------------------------------------------------------------------------------------------------

  toggle(): void {
    if (this.on.peek()) this.leave();
    else this.enter();
  }

  enter(): void {
    const { session } = this;
    if (!offersGrid(session) || session.correcting.peek() !== null) return;
    batch(() => {
      this.on.value = true;
      this.list();
    });
    void this.load();
  }

  /** List the items of the filter anew, from the open one on. */
  list(): void {
    const { session } = this;
    const filter = session.filter.peek();
    const flags = session.desk.flags.peek();
    const listed = session.list.peek().filter((item) => matches(item, filter, flags));
    const all = (listed.length > 0 ? listed : session.list.peek()).map((item) => item.position);
    batch(() => {
      this.positions.value = all;
      this.chosen.value = new Set();
      this.show(Math.max(0, all.indexOf(session.position.peek())));
    });
  }

  /** Back to one item alone: the one that has the focus. */
  leave(position: number | null = this.focused): void {
    this.on.value = false;
    if (position !== null && position !== this.session.position.peek()) {
      void this.session.goTo(position);
    }
  }

  /** How the room changed. */
  fit(columns: number, rows: number): void {
    const size = pageSize(columns, rows);
    if (size === this.size.peek() && columns === this.columns.peek()) return;
    batch(() => {
      this.columns.value = columns;
      this.size.value = size;
      this.show(this.first.peek() + this.focus.peek());
    });
    void this.load();
  }

  /** Show the page on which this place of the list is, with the focus there. */
  private show(index: number): void {
    const size = this.size.peek();
    this.first.value = Math.floor(index / size) * size;
    this.focus.value = index - this.first.peek();
    this.anchor = this.focus.peek();
  }

  turn(by: 1 | -1): void {
    const first = this.first.peek() + by * this.size.peek();
    if (first < 0 || first >= this.positions.peek().length) {
      say(this.session, t(by > 0 ? "grid.lastPage" : "grid.firstPage"), "warn");
      return;
    }
    batch(() => {
      this.chosen.value = new Set();
      this.show(first);
    });
    void this.load();
  }

  /** The next page with an item that still needs an answer or a verdict, looking round. */
  nextOpen(): void {
    const { session } = this;
    const open = new Set(
      session.list
        .peek()
        .filter((item) => !isDone(item.state))
        .map((item) => item.position),
    );
    const all = this.positions.peek();
    const from = this.first.peek() + this.focus.peek() + 1;
    const order = [...all.keys()].map((index) => (from + index) % all.length);
    const index = order.find((one) => open.has(all[one] as number));
    if (index === undefined) {
      say(session, t("filter.none.open"), "warn");
      return;
    }
    batch(() => {
      if (!this.page.peek().includes(all[index] as number)) this.chosen.value = new Set();
      this.show(index);
    });
    void this.load();
  }

  /** Load what the page shows, then what comes next. */
  async load(): Promise<void> {
    const { items } = this.session;
    const page = this.page.peek();
    const end = this.first.peek() + this.size.peek();
    this.problem.value = null;
    for (const position of page) {
      const problem = await items.load(position);
      if (problem === "signin") this.session.outbox.signedOut();
      if (problem) {
        if (page === this.page.peek()) this.problem.value = problem;
        return;
      }
      this.arrived.value++;
      if (page !== this.page.peek()) return;
    }
    const next = this.positions.peek().slice(end, end + this.size.peek());
    for (const position of next) if (await items.load(position)) return;
  }

  // --- what is chosen -----------------------------------------------------------------------------------------------

  get focused(): number | null {
    return this.page.peek()[this.focus.peek()] ?? null;
  }

  /** Move the focus by places of the page; over its end to the next one. */
  move(by: number, extend = false): void {
    const to = this.focus.peek() + by;
    if (to < 0 || to >= this.page.peek().length) {
      if (!extend) this.over(by > 0 ? 1 : -1);
      return;
    }
    this.focus.value = to;
    if (extend) this.chooseTo(to);
    else this.anchor = to;
  }

  private over(by: 1 | -1): void {
    const first = this.first.peek() + by * this.size.peek();
    if (first < 0 || first >= this.positions.peek().length) return;
    this.turn(by);
    if (by < 0) this.focus.value = this.page.peek().length - 1;
  }

  /** Choose an item as well, or not any more; with `range` all from the last one on. */
  choose(index: number, range = false): void {
    const position = this.page.peek()[index];
    if (position === undefined) return;
    this.focus.value = index;
    if (range) {
      this.chooseTo(index);
      return;
    }
    const next = new Set(this.chosen.peek());
    if (!next.delete(position)) next.add(position);
    this.chosen.value = next;
    this.anchor = index;
  }

  private chooseTo(index: number): void {
    const [from, to] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
    const range = this.page.peek().slice(from, to + 1);
    this.chosen.value = new Set([...this.chosen.peek(), ...range]);
  }

  chooseAll(): void {
    this.chosen.value = new Set(this.page.peek());
  }

  chooseOpen(): void {
    const open = new Map(this.session.list.peek().map((item) => [item.position, item.state]));
    const page = this.page.peek();
    this.chosen.value = new Set(page.filter((one) => !isDone(open.get(one) ?? "open")));
  }

  chooseNone(): void {
    this.chosen.value = new Set();
  }

  /** What an answer goes to: the chosen items, without any the one with the focus. */
  targets(): number[] {
    const chosen = this.page.peek().filter((one) => this.chosen.peek().has(one));
    const focused = this.focused;
    return chosen.length > 0 ? chosen : focused === null ? [] : [focused];
  }

  // --- answers ------------------------------------------------------------------------------------------------------

  /** What the targets' answers to a question have in common. */
  /** Whether any of the targets is asked this. */
  asks({ questionId }: Question): boolean {
    const { questions } = this.session.template;
    if (questions.every(({ showIf }) => showIf === undefined)) return true;
    return this.targets().some((position) => {
      const document = this.session.sheetAt(position)?.document;
      return document !== undefined && !hiddenIn(document, questions).has(questionId);
    });
  }

  common(question: Question): unknown {
    const spec = topic(question.type)?.value;
    const values = this.targets().map((position) => {
      const document = this.session.sheetAt(position)?.document;
      return answerOf(document?.value(question.questionId) ?? null);
    });
    return spec && values.length > 0 ? commonOf(spec, values) : null;
  }

  /** Give all targets the change that leads from what they have in common to another value. */
  answer(question: Question, change: (value: unknown) => unknown): void {
    const spec = topic(question.type)?.value;
    const targets = this.targets();
    if (!spec || targets.length === 0) return;
    const from = this.common(question);
    const to = change(from);
    const step: Step = [];
    let frozen = 0;
    batch(() => {
      for (const position of targets) {
        const sheet = this.session.sheetAt(position);
        if (!sheet || this.session.whyFrozen(sheet.payload.peek()) !== null) {
          frozen++;
          continue;
        }
        const { questionId } = question;
        if (hiddenIn(sheet.document, this.session.template.questions).has(questionId)) continue;
        const now = answerOf(sheet.document.value(questionId));
        const value = spec.follow ? spec.follow(now, from, to) : to;
        const element = elementOf(question, spec, value);
        if (JSON.stringify(element) === JSON.stringify(sheet.document.value(questionId))) continue;
        const op = setElement(sheet.document, questionId, element);
        sheet.log.commit([op]);
        step.push({ position, sheet, op });
      }
      if (step.length > 0) {
        this.done.value = [...this.done.value, step];
        this.undone.value = [];
      }
    });
    if (frozen > 0) say(this.session, tn("grid.frozen", frozen), "warn");
    else if (to !== null) say(this.session, tn("grid.answered", targets.length));
  }

  /** After a choice that completes: nothing is chosen any more; a single answer moves the focus on. */
  goOn(): void {
    if (this.chosen.peek().size > 0) this.chooseNone();
    else this.move(1);
  }

  /** Pass the targets that have no verdict of the inspector's own making. */
  pass(): void {
    const { session } = this;
    if (!session.active) return;
    let refused = 0;
    const targets = this.targets();
    for (const position of targets) {
      const sheet = session.sheetAt(position);
      const payload = sheet?.payload.peek() ?? null;
      const verdict = payload?.verdict;
      if (!sheet || whyNotPass(payload)) refused++;
      else if (verdict !== "modified" && verdict !== "passed") session.verb("pass", {}, sheet);
    }
    if (refused > 0) say(session, tn("grid.frozen", refused), "warn");
    else say(session, tn("grid.passed", targets.length));
    this.goOn();
  }

  undo(): void {
    this.back(
      this.done,
      this.undone,
      (sheet) => sheet.log.undo(),
      (sheet) => sheet.log.last,
    );
  }

  redo(): void {
    this.back(
      this.undone,
      this.done,
      (sheet) => sheet.log.redo(),
      (sheet) => sheet.log.next,
    );
  }

  /** Take the last step of one list to the other; what was changed alone since then stays. */
  private back(
    from: typeof this.done,
    to: typeof this.done,
    carry: (sheet: Sheet) => unknown,
    present: (sheet: Sheet) => Op | null,
  ): void {
    const step = from.peek().at(-1);
    if (!step) return;
    let kept = 0;
    batch(() => {
      from.value = from.peek().slice(0, -1);
      to.value = [...to.peek(), step];
      for (const { position, sheet, op } of step) {
        const same = this.session.sheetAt(position) === sheet && present(sheet)?.next === op.next;
        if (same && this.session.whyFrozen(sheet.payload.peek()) === null) carry(sheet);
        else kept++;
      }
    });
    if (kept > 0) say(this.session, tn("grid.kept", kept), "warn");
  }
}

/** The item of a position, as the list has it. */
export function summaryOf(session: Session, position: number): ItemSummary | null {
  return session.list.value.find((item) => item.position === position) ?? null;
}

const grids = new WeakMap<Session, ItemGrid>();

export function gridOf(session: Session): ItemGrid {
  const found = grids.get(session) ?? new ItemGrid(session);
  grids.set(session, found);
  return found;
}
