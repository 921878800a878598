/* One mounted Pdf view: the page that is looked at is the picture of the surface, its regions are the shapes. */

import { effect, type Signal, signal, untracked } from "@preact/signals";
import { hiddenNow } from "../core/asked";
import { changeable } from "../core/chosen";
import type { Picture } from "../core/media";
import { setObject } from "../core/oplog";
import { pageOf, pageOfId } from "../core/pages";
import { createRegion, drawingQuestion } from "../core/region-actions";
import { withLabel } from "../core/regions";
import type { Session } from "../core/session";
import type { Sheet } from "../core/sheet";
import type { Media, Obj, View } from "../core/types";
import type { Geometry } from "../surfaces/canvas/shapes";
import { Book, Rank } from "../surfaces/pdf/book";
import { GivenUp } from "../surfaces/pdf/queue";
import { shownOn } from "../surfaces/pdf/shown";
import { clampPage, pageCount } from "../surfaces/pdf/sizes";
import { textChild, textUnder } from "../topic/pdf";
import { geometryOf } from "../topic/picture";
import { CanvasView } from "./canvas-view";
import { feedShapes } from "./shape-feed";
import { placeIn, turnAt } from "./view-state";

/** Bitmaps are made for scales in these steps, so that a few pixels more of room do not make all anew. */
const STEP = 0.25;
/** A bitmap is made anew once it is this much too coarse, and the camera has been still for so long. */
const COARSE = 1.2;
const STILL_MS = 180;
const NO_SIZE = { width: 1, height: 1 };

export class PdfView extends CanvasView {
  readonly page: Signal<number>;
  readonly book = signal<Book | null>(null);
  /** The text of the page can be selected; nothing is drawn meanwhile. */
  readonly reading = signal(false);
  private readonly shown;
  /** Where each item was left. */
  private readonly places = new Map<number, number>();
  private media: Media | null = null;
  private scale = 0;
  private timer = 0;

  constructor(host: HTMLElement, session: Session, view: View) {
    super(host, session, view);
    this.page = pageOf(view.field);
    this.shown = shownOn(view.field);
  }

  override start(): void {
    super.start();
    this.stops.push(
      effect(() => this.followSelection()),
      effect(() => {
        void this.surface.camera.value;
        clearTimeout(this.timer);
        this.timer = window.setTimeout(() => void this.sharpen(), STILL_MS);
      }),
    );
  }

  override close(): void {
    super.close();
    clearTimeout(this.timer);
    this.book.peek()?.close();
    this.shown.value = { page: 0, picture: null, runs: null };
  }

  /** Look at a page; what is chosen on another one is not any more. */
  go(page: number): void {
    const next = clampPage(page, this.book.peek()?.count ?? 1);
    if (next === this.page.peek()) return;
    const { session } = this;
    const document = session.sheet.peek()?.document;
    const there = [...session.selection.peek()].filter((id) => {
      const owner = document?.ownerOf(id);
      return owner != null && document?.object(owner, id)?.page === next;
    });
    this.page.value = next;
    session.selected.many(there);
  }

  /** Bring a region into view, on whatever page it is. */
  reveal(id: string): void {
    const page = this.pageOfRegion(id);
    if (page === null) return;
    this.go(page);
    this.surface.reveal(id);
  }

  /** Load the file again after it could not be had. */
  retry(): void {
    const sheet = this.session.sheet.peek();
    const media = this.media;
    if (!sheet || !media) return;
    // What is on the surface is closed with its book.
    this.surface.setPicture(null, this.book.peek()?.size(this.page.peek()) ?? NO_SIZE);
    this.book.peek()?.close();
    this.failure.value = null;
    this.book.value = new Book(media);
    void this.showPage(sheet, this.page.peek());
  }

  protected override shows(object: Obj): boolean {
    return object.page === this.page.value;
  }

  protected override painted(): void {
    super.painted();
    this.host.dataset.page = String(this.page.peek());
  }

  protected override create(geometry: Geometry): void {
    createRegion(this.session, geometry, this.view);
    const id = this.session.selected.peek();
    // The page is there before its text is.
    if (this.shown.peek().runs === null && id !== null)
      void this.readText(this.page.peek()).then(() => this.takeText([id], `text/${id}`));
  }

  /** Draw around the text that is selected, as one region. */
  createFromText(geometry: Geometry): void {
    if (this.session.frozen.peek() === null && drawingQuestion(this.session, this.view))
      this.create(geometry);
  }

  /** Put the text beneath the chosen regions of this page into them, whatever they say now. */
  takeText(ids?: readonly string[], group: string | null = null): void {
    const document = this.session.sheet.peek()?.document;
    if (!document) return;
    const ops = changeable(this.session)
      .filter(({ object }) => (ids ? ids.includes(object.id) : true))
      .flatMap(({ question: { question }, object }) => {
        const child = textChild(question);
        const text = textUnder(question, object.page as number, geometryOf(object));
        if (!child || text === null || text === (object.labels[child.questionId] ?? "")) return [];
        const labels = withLabel(object.labels, child.questionId, text);
        return [setObject(document, question.questionId, object.id, { ...object, labels })];
      });
    this.session.commit(ops, group);
  }

  protected override showSheet(): () => void {
    const sheet = this.session.sheet.value;
    const { surface } = this;
    if (!sheet) {
      surface.setPicture(null, NO_SIZE);
      surface.load([]);
      return () => undefined;
    }
    return untracked(() => {
      const media = sheet.payload.peek().media[this.view.field] ?? null;
      const count = pageCount(media ?? undefined);
      this.failure.value = count > 0 ? null : "missing";
      if (media?.url !== this.media?.url || !this.book.peek()) {
        this.book.peek()?.close();
        this.media = media;
        this.book.value = media && count > 0 ? new Book(media) : null;
      }
      surface.setTurn(turnAt(placeIn(this.view, sheet.position)));
      this.page.value = clampPage(this.places.get(sheet.position) ?? 1, count);
      return effect(() => {
        const page = this.page.value;
        return untracked(() => this.mountPage(sheet, page));
      });
    });
  }

  private mountPage(sheet: Sheet, page: number): () => void {
    this.places.set(sheet.position, page);
    // What was wrong with another page is not wrong with this one.
    if (this.book.peek()) this.failure.value = null;
    const seen = (object: Obj) => object.page === page;
    this.surface.setPicture(null, this.book.peek()?.size(page) ?? NO_SIZE);
    const stop = feedShapes(this.surface, sheet.log, this.questions, seen, hiddenNow(this.session));
    const follow = sheet.log.subscribe((ops) => {
      // What is undone is looked at.
      const part = ops.map(({ id }) => pageOfId(id)).find((one) => one !== null);
      if (part != null) this.go(part);
    });
    void this.showPage(sheet, page);
    return () => {
      stop();
      follow();
    };
  }

  private async showPage(sheet: Sheet, page: number): Promise<void> {
    const book = this.book.peek();
    const { surface } = this;
    this.shown.value = { page, picture: null, runs: book?.peekText(page)?.runs ?? null };
    delete this.host.dataset.text;
    if (!book) {
      void this.session.prefetch();
      return;
    }
    book.leave();
    const here = () =>
      this.book.peek() === book && this.page.peek() === page && this.session.sheet.peek() === sheet;
    try {
      const scale = this.wantedScale(book, page);
      const bitmap = book.peek(page, scale) ?? (await book.render(page, scale, Rank.Page));
      if (!here()) return;
      this.put(book, page, scale, bitmap, (picture, size) => surface.setPicture(picture, size));
      await this.readText(page);
      if (!here()) return;
      void this.session.prefetch();
      for (const next of [page + 1, page - 1]) {
        if (next < 1 || next > book.count) continue;
        // What is wrong with them is said where they are looked at.
        await book.render(next, this.wantedScale(book, next), Rank.Next).catch(() => undefined);
        if (!here()) return;
      }
    } catch (error) {
      if (!(error instanceof GivenUp) && here()) this.failed(error);
    }
  }

  /** Read the page's text, for what takes it. */
  private async readText(page: number): Promise<void> {
    const book = this.book.peek();
    if (!book) return;
    const { runs } = await book.text(page);
    const seen = this.shown.peek();
    if (this.book.peek() !== book || seen.page !== page) return;
    this.shown.value = { ...seen, runs };
    this.host.dataset.text = "";
  }

  /** Pixels of the bitmap for a point of the page, as it is seen now. */
  private wantedScale(book: Book, page: number): number {
    const seen = this.surface.camera.peek().scale * Math.min(2, window.devicePixelRatio || 1);
    return book.scaleFor(page, Math.max(STEP, Math.ceil(seen / STEP) * STEP));
  }

  private put(
    book: Book,
    page: number,
    scale: number,
    bitmap: ImageBitmap,
    show: (picture: Picture, size: { width: number; height: number }) => void,
  ): void {
    const size = book.size(page);
    const picture = { bitmap, ...size };
    book.hold(page, scale);
    this.scale = scale;
    show(picture, size);
    this.shown.value = { ...this.shown.peek(), page, picture };
  }

  /** Draw the page anew where it is looked at closer than it was drawn for. */
  private async sharpen(): Promise<void> {
    const book = this.book.peek();
    const page = this.page.peek();
    if (!book || this.shown.peek().picture === null) return;
    const scale = this.wantedScale(book, page);
    if (scale < this.scale * COARSE) return;
    try {
      const bitmap = await book.render(page, scale, Rank.Sharp);
      if (this.book.peek() !== book || this.page.peek() !== page) return;
      if (scale > this.scale)
        this.put(book, page, scale, bitmap, (picture) => this.surface.sharpen(picture));
    } catch (error) {
      if (!(error instanceof GivenUp)) this.failed(error);
    }
  }

  /** Whatever is chosen, from whatever list, is looked at. A page's own id stands for the page. */
  private followSelection(): void {
    const id = this.session.selected.value;
    if (id === null) return;
    untracked(() => {
      const page = this.pageOfRegion(id);
      if (page === null) return;
      if (pageOfId(id) !== null) this.session.selected.clear();
      if (page !== this.page.peek())
        this.page.value = clampPage(page, this.book.peek()?.count ?? 1);
    });
  }

  private pageOfRegion(id: string): number | null {
    const whole = pageOfId(id);
    if (whole !== null) return whole;
    const document = this.session.sheet.peek()?.document;
    const question = this.questions.find(
      (one) => document?.ownerOf(id) === one.question.questionId,
    )?.question;
    const page = question && document?.object(question.questionId, id)?.page;
    return typeof page === "number" ? page : null;
  }
}
