/* A timeline in step with the session: segments of the questions asked of a recording, made, moved and chosen by the
   pointer and by keys. Sound and film have it alike. */

import { batch, effect, signal, untracked } from "@preact/signals";
import { changeable, deleteChosen } from "../core/chosen";
import { say } from "../core/flow";
import { t } from "../core/i18n";
import {
  changeOnLine,
  createOnLine,
  type LineEdit,
  moments,
  splitOnLine,
} from "../core/line-edits";
import { selectedRegion } from "../core/region-actions";
import {
  describe,
  drawing,
  labelsFor,
  regionQuestions,
  stickyLabels,
  UNLABELED,
} from "../core/regions";
import type { Session } from "../core/session";
import type { Obj, View } from "../core/types";
import { editText } from "../core/typing";
import { type Edit, shifted } from "../surfaces/timeline/drag";
import type { Player } from "../surfaces/timeline/player";
import { TimelineSurface } from "../surfaces/timeline/surface";
import type { Ghost, Range, Strip } from "../surfaces/timeline/types";
import { clamp, microseconds } from "../surfaces/timeline/view";
import { compared, hiddenAll, hiddenIds, overlays } from "./compare";
import { feedSegments, type Lanes, laneAt, lanesOf, segmentsOfResults } from "./segment-feed";

export interface SegmentOptions {
  strips: readonly Strip[];
  /** The most pixels that a second may have. */
  finest: number;
  /** The smallest step of the keys, in seconds: of a film one frame. */
  step(): number;
  /** The nearest moment that a segment may begin or end at. */
  quantize?(time: number): number;
  /** The moment so many steps from another, where steps are not all of one length. */
  moved?(time: number, by: number): number;
}

export type Part = "start" | "end" | "all";

export class SegmentView {
  readonly surface: TimelineSurface;
  readonly lanes: readonly Lanes[];
  /** Where the segment begins that is being made by keys. */
  readonly mark = signal<number | null>(null);
  private readonly stops: (() => void)[] = [];
  /** What was made just now: the playhead stays where it is, so that the next one may begin there. */
  private fresh: string | null = null;
  private followed: string | null = null;
  private shown: number | null = null;

  constructor(
    host: HTMLElement,
    readonly session: Session,
    readonly view: View,
    readonly player: Player,
    private readonly options: SegmentOptions,
  ) {
    const own = regionQuestions(session.template.questions, view);
    this.lanes = lanesOf(own.filter(({ spec }) => spec.line?.unit === "second"));
    const names = this.lanes.flatMap((one) => one.names);
    this.surface = new TimelineSurface(
      host,
      {
        create: (range, track) => this.create(range, track),
        change: (edits) => this.change(edits),
        select: (ids, how) => this.select(ids, how),
        open: (id) => this.open(id),
        seek: (time) => player.goTo(time),
        frozen: () => session.frozen.peek() !== null || this.lanes.length === 0,
        color: () => this.nextColor(),
        quantize: (time) => this.quantize(time),
      },
      {
        tracks: names.length > 0 ? names : [""],
        strips: options.strips,
        duration: this.mediaDuration(),
        finest: options.finest,
        bare: this.lanes.length === 0,
      },
    );
  }

  start(): void {
    const { session, surface, player } = this;
    const { field } = this.view;
    moments.set(field, (time) => this.quantize(time));
    this.stops.push(
      () => moments.delete(field),
      effect(() => this.showSheet()),
      effect(() => {
        surface.select(session.selection.value, session.selected.value);
        const id = session.selected.value;
        untracked(() => this.follow(id));
      }),
      effect(() => surface.setHidden(hiddenIds.value, hiddenAll.value)),
      effect(() => surface.setTime(player.time.value, player.playing.value)),
      effect(() => surface.setLoop(player.loop.value ? player.range.value : null)),
      effect(() => {
        const from = this.mark.value;
        const now = player.time.value;
        surface.setPending(
          from === null ? null : { start: Math.min(from, now), end: Math.max(from, now) },
        );
      }),
      effect(() => surface.setGhosts(this.ghosts())),
      effect(() => {
        surface.setDuration(this.mediaDuration() || player.duration.value);
      }),
      effect(() => {
        void [stickyLabels.value, session.frozen.value];
        surface.repaint();
      }),
      // The labels beside it are those of the lane that is drawn on, and the other way round.
      effect(() => {
        const at = laneAt(this.lanes, surface.track.value);
        if (at && this.lanes.length > 1) drawing.value = at.question.question.questionId;
      }),
      effect(() => {
        const own = this.lanes.find(
          ({ question }) => question.question.questionId === drawing.value,
        );
        const now = laneAt(this.lanes, surface.track.peek());
        if (own && now?.question !== own.question) surface.track.value = own.first;
      }),
      effect(() => {
        if (session.frozen.value === null) return;
        surface.cancel();
        this.mark.value = null;
      }),
    );
  }

  close(): void {
    for (const stop of this.stops.reverse()) stop();
    this.surface.close();
  }

  private showSheet(): () => void {
    const sheet = this.session.sheet.value;
    if (!sheet) {
      this.mark.value = null;
      this.surface.load([]);
      return () => undefined;
    }
    // The same item may get another document while it is looked at: what is seen stays.
    if (sheet.position !== this.shown) {
      this.shown = sheet.position;
      this.mark.value = null;
      this.surface.setDuration(this.mediaDuration());
      this.surface.fit();
    }
    return feedSegments(this.surface, sheet.log, this.lanes);
  }

  private ghosts(): Ghost[] {
    const other = compared.value;
    const ghosts: Ghost[] = other ? segmentsOfResults(other.results, this.lanes) : [];
    for (const { results, color, mark } of overlays.value.values()) {
      for (const one of segmentsOfResults(results, this.lanes)) {
        ghosts.push({ ...one, color, text: `${mark} ${one.text}`.trim() });
      }
    }
    return ghosts;
  }

  private mediaDuration(): number {
    const payload = this.session.sheet.value?.payload.peek();
    return microseconds(payload?.media[this.view.field]?.duration ?? 0);
  }

  quantize(time: number): number {
    return microseconds(this.options.quantize?.(time) ?? time);
  }

  // --- what is done with segments -----------------------------------------------------------------------------------

  private create(range: Range, lane: number): void {
    const at = laneAt(this.lanes, lane);
    if (!at) return;
    const track = at.track > 0 ? { track: at.track } : {};
    batch(() => {
      this.fresh = createOnLine(this.session, at.question, [{ ...range, ...track }]);
    });
  }

  private change(edits: readonly Edit[], group: string | null = null): void {
    const { lanes } = this;
    const own = edits.flatMap(({ track: lane, ...edit }): LineEdit[] => {
      const at = laneAt(lanes, lane);
      const owner = this.session.sheet.peek()?.document.ownerOf(edit.id);
      // A segment answers its question on whatever lane it is let go.
      const track = at?.question.question.questionId === owner ? at?.track : undefined;
      return [track === undefined ? edit : { ...edit, track }];
    });
    changeOnLine(this.session, own, group);
  }

  private select(ids: readonly string[], how: "only" | "toggle"): void {
    if (how === "toggle") this.session.selected.toggle(ids);
    else this.session.selected.many(ids);
  }

  private open(id: string): void {
    this.session.selected.value = id;
    this.playChosen();
    editText(this.session);
  }

  private nextColor(): string {
    const target = laneAt(this.lanes, this.surface.track.peek())?.question.question;
    if (!target) return UNLABELED;
    return describe(target, { id: "", type: "", labels: labelsFor(target.questionId) }).color;
  }

  private editable(): boolean {
    return this.session.frozen.peek() === null && this.lanes.length > 0;
  }

  private now(): number {
    return clamp(this.quantize(this.player.time.peek()), 0, this.surface.duration);
  }

  /** A segment begins here: it ends where `markOut` comes. */
  markIn(): void {
    if (this.editable()) this.mark.value = this.now();
  }

  /** The segment that was begun ends here; without one there is nothing to end. */
  markOut(): void {
    const from = this.mark.peek();
    if (from === null || !this.editable()) {
      if (this.editable()) say(this.session, t("segment.noMark"), "warn");
      return;
    }
    const now = this.now();
    this.mark.value = null;
    if (now === from) return;
    const range = { start: Math.min(from, now), end: Math.max(from, now) };
    this.create(range, this.surface.track.peek());
  }

  /** The segment that was begun ends here, and the next one begins: nothing is left out between them. */
  markOn(): void {
    this.markOut();
    this.markIn();
  }

  /** Give up the segment that was begun, or a gesture. */
  cancel(): boolean {
    const marked = this.mark.peek() !== null;
    this.mark.value = null;
    return this.surface.cancel() || marked;
  }

  /** An instant at the playhead. */
  instant(): void {
    const now = this.now();
    if (this.editable()) this.create({ start: now, end: now }, this.surface.track.peek());
  }

  /** The ranges of the chosen segments that may be changed. */
  private chosen(): Edit[] {
    return changeable(this.session).flatMap(({ question, object }) => {
      const lane = this.lanes.find((one) => one.question.question === question.question);
      const edit = lane && this.editOf(lane, object);
      return edit ? [edit] : [];
    });
  }

  private editOf(lane: Lanes, object: Obj): Edit | null {
    const range = lane.question.spec.line?.range(object);
    if (!range) return null;
    const { start, end, track = 0 } = range;
    return { id: object.id, start, end, track: lane.first + track };
  }

  /** Move an end of the chosen segments, or all of them, by steps; steps in quick succession are one step of undo. */
  nudge(part: Part, by: number): void {
    const { duration } = this.surface;
    const { moved } = this.options;
    const edits = this.chosen().map((one): Edit => {
      if (moved) return movedBy(one, part, by, moved);
      const step = by * this.options.step();
      if (part === "all") {
        const most = clamp(step, -one.start, duration - one.end);
        return shifted(one, most, 0, { duration, quantize: (time) => this.quantize(time) });
      }
      if (part === "start") {
        return { ...one, start: clamp(this.quantize(one.start + step), 0, one.end) };
      }
      return { ...one, end: clamp(this.quantize(one.end + step), one.start, duration) };
    });
    this.change(edits, `nudge/${part}/${edits.map(({ id }) => id).join("/")}`);
  }

  /** The chosen segment begins, or ends, where it stands. */
  put(part: "start" | "end"): void {
    const now = this.now();
    const edits = this.chosen().map((one): Edit => {
      const [start, end] = part === "start" ? [now, one.end] : [one.start, now];
      return { ...one, start: Math.min(start, end), end: Math.max(start, end) };
    });
    if (edits.length === 1) this.change(edits);
  }

  /** Cut the chosen segment in two where it stands: both have its labels, the first one its text. */
  split(): void {
    const { session } = this;
    const region = selectedRegion(session);
    const now = this.now();
    const edit = this.chosen()[0];
    const document = session.sheet.peek()?.document;
    if (!region || !edit || !document || now <= edit.start || now >= edit.end) {
      if (this.editable()) say(session, t("segment.noSplit"), "warn");
      return;
    }
    splitOnLine(session, region, now);
  }

  /** Put the chosen segments, or what is made next, `by` tracks lower. */
  toTrack(by: 1 | -1): void {
    const { surface, lanes } = this;
    const count = lanes.reduce((sum, { names }) => sum + names.length, 0);
    const edits = this.editable() && selectedRegion(this.session) ? this.chosen() : [];
    if (edits.length === 0) {
      surface.track.value = clamp(surface.track.peek() + by, 0, Math.max(0, count - 1));
      return;
    }
    const next = edits.map((one) => ({ ...one, track: one.track + by }));
    const same = (at: number, lane: number) =>
      laneAt(lanes, at)?.question === laneAt(lanes, lane)?.question;
    if (next.some(({ track }, at) => !same(track, edits[at]?.track ?? 0))) return;
    this.change(next);
    surface.track.value = next[0]?.track ?? 0;
  }

  remove(): void {
    deleteChosen(this.session);
  }

  /** The range of the chosen segment. */
  chosenRange(): Range | null {
    const region = selectedRegion(this.session);
    return region?.question.spec.line?.range(region.object) ?? null;
  }

  /** Play the chosen segment alone; without one, what is seen. */
  playChosen(): void {
    const range = this.chosenRange();
    if (range && range.end > range.start) this.player.playRange(range);
    else this.player.play();
  }

  /** Play the chosen segment, or what is seen of all, over and over; again: no more. */
  toggleLoop(): void {
    const { player } = this;
    player.loop.value = !player.loop.peek();
    const range = this.chosenRange();
    if (!player.loop.peek() || !range || range.end <= range.start) return;
    if (player.playing.peek()) player.playRange(range);
    else player.range.value = range;
  }

  /** What is chosen is seen, and what is played next begins with it. */
  private follow(id: string | null): void {
    const made = this.fresh;
    this.fresh = null;
    if (id === null || id === this.followed) return;
    this.followed = id;
    if (id !== made) this.reveal(id);
  }

  /** Bring a segment into view. */
  reveal(id: string): void {
    const document = this.session.sheet.peek()?.document;
    for (const { question } of this.lanes) {
      const object = document?.object(question.question.questionId, id);
      const range = object && question.spec.line?.range(object);
      if (!range) continue;
      this.surface.reveal(range);
      // What is played next is what is looked at.
      if (!this.player.playing.peek()) this.player.goTo(range.start);
    }
  }

  zoom(factor: number): void {
    this.surface.zoom(factor);
  }

  /** The chosen segment fills the view, or all of it is seen. */
  closeUp(): void {
    const range = this.chosenRange();
    if (range) this.surface.closeUp(range);
    else this.surface.fit();
  }

  /** The segment before or behind where it stands. */
  step(by: 1 | -1): void {
    const { session } = this;
    const document = session.sheet.peek()?.document;
    const now = session.selected.peek();
    const all = this.lanes
      .flatMap(({ question }) => {
        const { ids, byId } = document?.objects(question.question.questionId) ?? { ids: [] };
        return ids.map((id) => ({ id, ...question.spec.line?.range(byId?.get(id) as Obj) }));
      })
      .sort((a, b) => (a.start ?? 0) - (b.start ?? 0) || (a.end ?? 0) - (b.end ?? 0));
    if (all.length === 0) return;
    const at = all.findIndex(({ id }) => id === now);
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length];
    if (!next) return;
    session.selected.value = next.id;
    this.reveal(next.id);
  }
}

/** The segment with a part of it so many steps on; where there are not so many it stays. */
function movedBy(
  one: Edit,
  part: Part,
  by: number,
  moved: (time: number, by: number) => number,
): Edit {
  const [start, end] = [one.start, one.end].map((time) => microseconds(moved(time, by)));
  if (start === undefined || end === undefined) return one;
  if (part === "start") return { ...one, start: Math.min(start, one.end) };
  if (part === "end") return { ...one, end: Math.max(one.start, end) };
  const whole = (time: number) =>
    microseconds(moved(moved(time, by), -by)) === microseconds(moved(time, 0));
  return whole(one.start) && whole(one.end) ? { ...one, start, end } : one;
}
