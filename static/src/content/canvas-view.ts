/* What every view on a canvas does: regions of every question that is drawn on it, tools, keys, other answers. */

import { effect, signal } from "@preact/signals";
import { isInUse, pushViewScope } from "../core/focus-view";
import { t } from "../core/i18n";
import { pushScope } from "../core/keys";
import { markPainted } from "../core/marks";
import { takesMasks } from "../core/masks";
import { MediaFailure } from "../core/media";
import { changeRegion, createRegion, drawingQuestion } from "../core/region-actions";
import { editRegions } from "../core/region-edits";
import {
  describe,
  drawing,
  labelsFor,
  type RegionQuestion,
  regionQuestions,
  shapesOfResults,
  stickyLabels,
} from "../core/regions";
import { topic } from "../core/registry";
import type { Session } from "../core/session";
import { settings } from "../core/settings";
import type { Obj, View } from "../core/types";
import type { Geometry } from "../surfaces/canvas/shapes";
import { CanvasSurface } from "../surfaces/canvas/surface";
import { drawingKeys, gestureKeys, viewKeys } from "./canvas-keys";
import { compared, hiddenAll, hiddenIds, overlays } from "./compare";
import { maskKeys } from "./mask-keys";
import { chooseRegions, kindsOf, toolOf } from "./tools";
import { brightness, contrast } from "./view-state";

export type Failure = "unreachable" | "refused" | "undecodable" | "missing";

/** One mounted view: the surface and everything that keeps it in step with the session. `start` it once it is made. */
export abstract class CanvasView {
  readonly surface: CanvasSurface;
  readonly failure = signal<Failure | null>(null);
  readonly questions: RegionQuestion[];
  protected readonly stops: (() => void)[] = [];

  constructor(
    protected readonly host: HTMLElement,
    protected readonly session: Session,
    protected readonly view: View,
  ) {
    this.questions = regionQuestions(session.template.questions, view);
    this.surface = new CanvasSurface(
      host,
      {
        create: (geometry) => this.create(geometry),
        change: (id, geometry) => changeRegion(session, id, geometry),
        edit: (edit) => editRegions(session, edit),
        select: (ids, how) => chooseRegions(session, ids, how),
        message: (text) => {
          session.toast.value = { text: t(text), kind: "warn" };
        },
        frozen: () => session.frozen.peek() !== null || this.questions.length === 0,
        color: () => this.nextColor(),
        kinds: () => kindsOf(session, view),
        painted: () => this.painted(),
      },
      this.settings(),
    );
  }

  start(): void {
    const { session } = this;
    this.stops.push(
      effect(() => this.showSheet()),
      effect(() => this.surface.select(session.selection.value, session.selected.value)),
      effect(() => this.surface.apply(this.settings())),
      effect(() => this.surface.setHidden(hiddenIds.value, hiddenAll.value)),
      effect(() => {
        const shown = (object: Obj) => this.shows(object);
        const other = compared.value;
        const ghosts = other ? shapesOfResults(other.results, this.questions, shown) : [];
        for (const { results, color, mark, line = 0 } of overlays.value.values()) {
          for (const shape of shapesOfResults(results, this.questions, shown)) {
            ghosts.push({ ...shape, color, line, text: `${mark} ${shape.text}`.trim() });
          }
        }
        this.surface.setGhosts(ghosts);
      }),
      effect(() => {
        void [session.frozen.value, stickyLabels.value, drawing.value, settings.brush.value];
        this.surface.refresh();
      }),
      ...layersOn(this.view, session).map(({ question, layer }) =>
        layer({ host: this.host, camera: this.surface.camera, question, session }),
      ),
      effect(() => {
        if (session.frozen.value !== null) this.surface.driver.cancel();
      }),
      pushViewScope(this.view, "keys.scope.canvas", () => [
        ...(this.questions.length > 0 ? drawingKeys(session, this.surface, this.view) : []),
        ...viewKeys(session, this.surface, this.view),
        ...(takesMasks(this.questions) ? maskKeys(session) : []),
      ]),
      pushScope("tool", "keys.scope.drawing", () => gestureKeys(this.surface)),
      this.holdSpace(this.host),
    );
  }

  close(): void {
    for (const stop of this.stops.reverse()) stop();
    this.surface.close();
  }

  private settings() {
    return {
      tool: toolOf(this.session, this.view),
      cross: settings.cross.value,
      texts: settings.texts.value,
      fill: settings.fill.value,
      wheelPans: settings.wheelPans.value,
      backdrop: takesMasks(this.questions) ? settings.backdrop.value : "",
      look: { brightness: brightness.value, contrast: contrast.value },
    };
  }

  private nextColor(): string {
    const target = drawingQuestion(this.session, this.view)?.question;
    if (!target) return "#aab4b0";
    return describe(target, { id: "", type: "", labels: labelsFor(target.questionId) }).color;
  }

  /** Show the open item, and follow its document until another is opened. */
  protected abstract showSheet(): () => void;

  /** Whether this object lies on what is seen. */
  protected shows(_object: Obj): boolean {
    return true;
  }

  protected create(geometry: Geometry): void {
    createRegion(this.session, geometry, this.view);
  }

  /** The whole item is on the canvas for the first time. */
  protected painted(): void {
    markPainted(this.session.position.peek());
    // Beside other views the page is painted before all of them are.
    this.host.dataset.painted = String(this.session.position.peek());
  }

  protected failed(error: unknown): void {
    const kind = error instanceof MediaFailure ? error.kind : "refused";
    if (kind === "signin") this.session.outbox.signedOut();
    this.failure.value = kind === "signin" ? "unreachable" : kind;
  }

  private holdSpace(host: HTMLElement): () => void {
    const down = (event: KeyboardEvent) => {
      if (event.code !== "Space" || event.repeat || this.surface.driver.keyed.peek()) return;
      if (!isInUse(this.view)) return;
      const target = event.target as HTMLElement | null;
      if (target !== document.body && target !== host) return;
      event.preventDefault();
      this.surface.holdSpace(true);
    };
    const up = (event: KeyboardEvent) => {
      if (event.code === "Space") this.surface.holdSpace(false);
    };
    // The key may be let go in another window.
    const away = () => this.surface.holdSpace(false);
    document.addEventListener("keydown", down);
    document.addEventListener("keyup", up);
    window.addEventListener("blur", away);
    return () => {
      window.removeEventListener("blur", away);
      document.removeEventListener("keydown", down);
      document.removeEventListener("keyup", up);
    };
  }
}

/** The questions that lie over this view in a way of their own. */
function layersOn(view: View, session: Session) {
  return session.template.questions.flatMap((question) => {
    const layer = topic(question.type)?.layer;
    const here = question.view === undefined || question.view === view.bindField;
    return layer && here ? [{ question, layer }] : [];
  });
}
