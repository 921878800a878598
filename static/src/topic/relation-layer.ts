/* Relations over a text: arrows between its spans, and making them by dragging from label to label or by keys. */

import { effect } from "@preact/signals";
import { compared, hiddenAll, hiddenIds, lockedIds, overlays } from "../content/compare";
import { chooseRegions } from "../content/tools";
import { objectsOf } from "../core/document";
import { t } from "../core/i18n";
import { findRegion } from "../core/region-actions";
import { describe } from "../core/regions";
import { type LinkSpec, type TextLayerMount, topic } from "../core/registry";
import { endWords, relate, relates, relating } from "../core/relations";
import { settings } from "../core/settings";
import type { Obj } from "../core/types";
import { type Arrow, ArrowMarks } from "../surfaces/text/arrow-marks";
import { HEIGHTS, type Link, sceneOf } from "../surfaces/text/arrow-scene";
import type { Box } from "../surfaces/text/surface";
import { relateByKeys } from "./relation-keys";

/** A relation that is shown: of the answer, or of one that is laid over it. */
interface Shown extends Link {
  text: string;
  said: string;
  color: string;
  ghost: boolean;
}

/** A label is no wider, in px. */
const WIDEST = 150;
/** What a label has around its words. */
const AROUND = 13;
/** So often in a row lines may move for the arrows' sake. */
const ROUNDS = 4;

export function relationLayer(mount: TextLayerMount): () => void {
  const link = topic(mount.question.type)?.regions?.link;
  if (!relates(mount.question) || !link) return () => undefined;
  const layer = new RelationLayer(mount, link);
  return () => layer.close();
}

class RelationLayer {
  private readonly marks: ArrowMarks;
  private readonly widths = new Map<string, number>();
  private readonly pen = document.createElement("canvas").getContext("2d");
  /** Blocks between whose lines there is room for arrows. */
  private roomy = new Set<number>();
  private rounds = 0;
  private dragged: { from: string; x: number; y: number; moved: boolean } | null = null;
  private readonly stops: (() => void)[];

  constructor(
    private readonly mount: TextLayerMount,
    private readonly link: LinkSpec,
  ) {
    const { surface, pointer, session, question } = mount;
    this.marks = new ArrowMarks(surface.over, (id, event) => this.choose(id, event));
    const down = (id: string, event: MouseEvent) => this.down(id, event);
    pointer.spanDown.add(down);
    const follow = effect(() => {
      void session.sheet.value?.document.questionVersion(question.questionId).value;
      void [session.selection.value, session.frozen.value, relating.value, settings.texts.value];
      void [hiddenAll.value, hiddenIds.value, lockedIds.value, compared.value, overlays.value];
      surface.moved();
    });
    const give = effect(() => {
      // What has begun on one item, or while it could be changed, does not go on elsewhere.
      void [session.sheet.value, session.frozen.value];
      relating.value = null;
      this.drop();
    });
    this.stops = [
      follow,
      give,
      surface.onLayout(() => this.draw()),
      () => pointer.spanDown.delete(down),
      relateByKeys(mount),
      this.listen("mousemove", (event) => this.move(event)),
      this.listen("mouseup", (event) => this.up(event)),
      this.listen("keydown", (event) => {
        if (event.key !== "Escape" || !this.dragged) return;
        event.stopPropagation();
        this.drop();
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.drop();
    this.marks.close();
  }

  private listen<K extends "mousemove" | "mouseup" | "keydown">(
    name: K,
    run: (event: WindowEventMap[K]) => void,
  ): () => void {
    window.addEventListener(name, run, true);
    return () => window.removeEventListener(name, run, true);
  }

  // --- what is shown ------------------------------------------------------------------------------------------------

  private draw(): void {
    const { surface, session } = this.mount;
    const shown = hiddenAll.peek() ? [] : [...this.own(), ...this.others()];
    const edge = this.edge();
    const scene = sceneOf(surface, shown, edge);
    if (this.makeRoom(scene.rooms, shown) && this.rounds++ < ROUNDS) return;
    this.rounds = 0;
    const chosen = session.selection.peek();
    const byId = new Map(shown.map((one) => [one.id, one]));
    const arrows = scene.placed.map(({ id, points, label, backwards }): Arrow => {
      const { text, said, color, ghost } = byId.get(id) as Shown;
      return { id, points, label, backwards, text, said, color, ghost, chosen: chosen.has(id) };
    });
    this.marks.draw(
      arrows,
      shown.some(({ id }) => chosen.has(id)),
    );
    this.frame(shown.filter(({ id }) => chosen.has(id)));
  }

  /** Lines go apart where arrows need it; whether any did now. */
  private makeRoom(
    rooms: ReadonlyMap<number, { between: number; above: number }>,
    shown: readonly Shown[],
  ): boolean {
    const { surface } = this.mount;
    let moved = false;
    for (const [block, { between, above }] of rooms) {
      if (surface.setRoom(block, between, above)) moved = true;
    }
    // What is far away keeps its room, so that nothing jumps when it comes back.
    const used = new Set(rooms.keys());
    for (const { from, to } of shown) {
      for (const id of [from, to]) {
        const span = surface.span(id);
        if (span) used.add(surface.words.blockAt(span.start));
      }
    }
    for (const block of this.roomy) {
      if (!used.has(block) && surface.setRoom(block, 0, 0)) moved = true;
    }
    this.roomy = used;
    return moved;
  }

  private frame(chosen: readonly Shown[]): void {
    const { surface } = this.mount;
    const now = relating.peek();
    const ids = now
      ? [now.from, ...(now.to === null ? [] : [now.to])]
      : this.dragged
        ? [this.dragged.from]
        : chosen.flatMap(({ from, to }) => [from, to]);
    this.marks.frame(ids.flatMap((id) => surface.boxesOf(id) ?? []));
    if (this.dragged) return;
    const ends = now && [this.middle(now.from), now.to === null ? null : this.middle(now.to)];
    const [a, b] = ends ?? [];
    this.marks.draft(a && b ? [a, b] : null);
  }

  private middle(id: string): [number, number] | null {
    const box = this.mount.surface.boxesOf(id)?.[0];
    return box ? [(box.left + box.right) / 2, (box.top + box.bottom) / 2] : null;
  }

  /** How wide the page is beside its text. */
  private edge(): number {
    const block = this.mount.surface.body.firstElementChild;
    return block ? Number.parseFloat(getComputedStyle(block).paddingInlineStart) || 0 : 0;
  }

  private own(): Shown[] {
    const { session, question } = this.mount;
    const document = session.sheet.peek()?.document;
    if (!document) return [];
    const { ids, byId } = document.objects(question.questionId);
    const find = (id: string) => byId.get(id) ?? null;
    return ids.flatMap((id) => this.shown(byId.get(id) as Obj, find) ?? []);
  }

  /** Relations of other answers that are looked at beside this one. */
  private others(): Shown[] {
    const { session, question } = this.mount;
    const document = session.sheet.peek()?.document;
    const other = compared.peek();
    const laid = [...overlays.peek()].map(([id, one]) => ({ id, ...one }));
    return [...(other ? [{ ...other, color: null, mark: "" }] : []), ...laid].flatMap(
      ({ id: name, results, color, mark }) => {
        const element = results.find(({ questionId }) => questionId === question.questionId);
        const objects = objectsOf(question, element).map((one) => ({
          ...one,
          labels: one.labels ?? {},
        }));
        const byId = new Map(objects.map((object) => [object.id, object]));
        const find = (id: string) =>
          byId.get(id) ?? document?.object(question.questionId, id) ?? null;
        return objects.flatMap((object) => {
          const found = this.shown(object, find, (id) => this.spanFor(name, id));
          if (!found) return [];
          const text = `${mark} ${found.text}`.trim();
          return {
            ...found,
            id: `${name}/${found.id}`,
            text,
            width: this.widthOf(text),
            ghost: true,
            color: color ?? found.color,
          };
        });
      },
    );
  }

  /** The span as an answer beside this one has it, or, where only a part of that is shown, as this one has it. */
  private spanFor(name: string, id: string): string {
    return this.mount.surface.span(`${name}/${id}`) ? `${name}/${id}` : id;
  }

  private shown(
    object: Obj,
    find: (id: string) => Obj | null,
    named: (id: string) => string = (id) => id,
  ): Shown | null {
    const { surface, question } = this.mount;
    const ends = this.link.ends(object);
    const hidden = hiddenIds.peek();
    if (!ends || [object.id, ends.from, ends.to].some((id) => hidden.has(id))) return null;
    const [from, to] = [named(ends.from), named(ends.to)];
    if (!surface.span(from) || !surface.span(to)) return null;
    const { text, typed, color } = describe(question, object);
    const label = [text, typed].filter(Boolean).join(" · ") || t("region.unlabeled");
    const spec = topic(question.type)?.regions;
    const words = spec && endWords({ question: { question, spec }, object }, find);
    const said = words ? t("relation.said", { ...words, relation: label }) : label;
    const width = this.widthOf(label);
    return { id: object.id, from, to, width, text: label, said, color, ghost: false };
  }

  private widthOf(text: string): number {
    const known = this.widths.get(text);
    if (known !== undefined) return known;
    let width = WIDEST;
    if (this.pen) {
      const family = getComputedStyle(this.mount.surface.page).fontFamily;
      const size = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      this.pen.font = `600 ${0.6875 * size}px ${family}`;
      width = Math.min(WIDEST, Math.ceil(this.pen.measureText(text).width) + AROUND);
    }
    this.widths.set(text, width);
    return width;
  }

  // --- the mouse ----------------------------------------------------------------------------------------------------

  private choose(id: string, event: MouseEvent): void {
    const { session, surface } = this.mount;
    if (lockedIds.peek().has(id)) return;
    surface.scroller.focus({ preventScroll: true });
    chooseRegions(session, [id], event.ctrlKey || event.metaKey ? "toggle" : "only");
  }

  /** A drag from a label draws an arrow; while one is made by keys, a click says where it goes. */
  private down(id: string, event: MouseEvent): boolean {
    const { session, question, surface } = this.mount;
    if (event.button !== 0 || session.frozen.peek() !== null) return false;
    if (findRegion(session, id)?.question.question !== question) return false;
    const now = relating.peek();
    if (now) {
      surface.scroller.focus({ preventScroll: true });
      if (relate(session, now.from, id)) relating.value = null;
      return true;
    }
    if (!(event.target as Element).closest("[data-span]")) return false;
    surface.scroller.focus({ preventScroll: true });
    this.dragged = { from: id, x: event.clientX, y: event.clientY, moved: false };
    return true;
  }

  private move(event: MouseEvent): void {
    const { dragged } = this;
    if (!dragged) return;
    if (Math.abs(event.clientX - dragged.x) + Math.abs(event.clientY - dragged.y) > 3) {
      dragged.moved = true;
    }
    if (!dragged.moved) return;
    const { surface } = this.mount;
    const view = surface.scroller.getBoundingClientRect();
    if (event.clientY < view.top + HEIGHTS.lane) surface.scroller.scrollTop -= surface.height / 2;
    else if (event.clientY > view.bottom - HEIGHTS.lane)
      surface.scroller.scrollTop += surface.height / 2;
    const label = surface.labelBox(dragged.from);
    const over = surface.over.getBoundingClientRect();
    const to: [number, number] = [event.clientX - over.left, event.clientY - over.top];
    const from: [number, number] = label
      ? [label.left + 4, (label.top + label.bottom) / 2]
      : [dragged.x - over.left, dragged.y - over.top];
    this.marks.draft([from, to]);
    const target = surface.spanAt(event.clientX, event.clientY);
    const ids = target === null ? [dragged.from] : [dragged.from, target];
    this.marks.frame(ids.flatMap((id): Box[] => surface.boxesOf(id) ?? []));
  }

  private up(event: MouseEvent): void {
    const { dragged } = this;
    if (!dragged || event.button !== 0) return;
    this.drop();
    const { session, surface } = this.mount;
    const target = surface.spanAt(event.clientX, event.clientY);
    if (dragged.moved && target !== dragged.from) {
      if (target !== null) relate(session, dragged.from, target);
    } else if (!lockedIds.peek().has(dragged.from)) {
      const how = event.ctrlKey || event.metaKey ? "toggle" : "only";
      chooseRegions(session, [dragged.from], how);
    }
  }

  /** Draw no arrow any more. */
  private drop(): void {
    if (!this.dragged) return;
    this.dragged = null;
    this.marks.draft(null);
    this.mount.surface.moved();
  }
}
