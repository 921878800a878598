/* The Image view: the item's picture with the regions of every question that is drawn on it. */

import { computed, effect, signal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../core/i18n";
import { pushScope } from "../core/keys";
import { markPainted } from "../core/marks";
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
import { register, topic } from "../core/registry";
import type { Session } from "../core/session";
import { settings } from "../core/settings";
import type { View } from "../core/types";
import { CanvasSurface } from "../surfaces/canvas/surface";
import { useSession } from "../ui/context";
import { drawingKeys, gestureKeys, viewKeys } from "./canvas-keys";
import { compared, hiddenAll, hiddenIds, overlays, revealed } from "./compare";
import { Minimap } from "./minimap";
import { feedShapes } from "./shape-feed";
import { CanvasToolbar } from "./toolbar";
import { chooseRegions, kindsOf, toolOf } from "./tools";
import { brightness, contrast, turnAt } from "./view-state";

type Failure = "unreachable" | "refused" | "undecodable" | "missing";

/** One mounted Image view: the surface and everything that keeps it in step with the session. */
class ImageView {
  readonly surface: CanvasSurface;
  readonly failure = signal<Failure | null>(null);
  readonly questions: RegionQuestion[];
  private readonly stops: (() => void)[] = [];

  constructor(
    host: HTMLElement,
    private readonly session: Session,
    private readonly view: View,
  ) {
    this.questions = regionQuestions(session.template.questions, view);
    this.surface = new CanvasSurface(
      host,
      {
        create: (geometry) => createRegion(session, geometry),
        change: (id, geometry) => changeRegion(session, id, geometry),
        edit: (edit) => editRegions(session, edit),
        select: (ids, how) => chooseRegions(session, ids, how),
        message: (text) => {
          session.toast.value = { text: t(text), kind: "warn" };
        },
        frozen: () => session.frozen.peek() !== null || this.questions.length === 0,
        color: () => this.nextColor(),
        kinds: () => kindsOf(session),
        painted: () => markPainted(session.position.peek()),
      },
      this.settings(),
    );
    this.stops.push(
      effect(() => this.showSheet()),
      effect(() => this.surface.select(session.selection.value, session.selected.value)),
      effect(() => this.surface.apply(this.settings())),
      effect(() => this.surface.setHidden(hiddenIds.value, hiddenAll.value)),
      effect(() => {
        const other = compared.value;
        const ghosts = other ? shapesOfResults(other.results, this.questions) : [];
        for (const { results, color, mark, line = 0 } of overlays.value.values()) {
          for (const shape of shapesOfResults(results, this.questions)) {
            ghosts.push({ ...shape, color, line, text: `${mark} ${shape.text}`.trim() });
          }
        }
        this.surface.setGhosts(ghosts);
      }),
      effect(() => {
        void [session.frozen.value, stickyLabels.value, drawing.value];
        this.surface.refresh();
      }),
      ...layersOn(view, session).map(({ question, layer }) =>
        layer({ host, camera: this.surface.camera, question, session }),
      ),
      effect(() => {
        if (session.frozen.value !== null) this.surface.driver.cancel();
      }),
      pushScope("content", "keys.scope.canvas", () => [
        ...(this.questions.length > 0 ? drawingKeys(session, this.surface) : []),
        ...viewKeys(session, this.surface),
      ]),
      pushScope("tool", "keys.scope.drawing", () => gestureKeys(this.surface)),
      this.holdSpace(host),
    );
  }

  close(): void {
    for (const stop of this.stops.reverse()) stop();
    this.surface.close();
  }

  private settings() {
    return {
      tool: toolOf(this.session),
      cross: settings.cross.value,
      texts: settings.texts.value,
      fill: settings.fill.value,
      wheelPans: settings.wheelPans.value,
      look: { brightness: brightness.value, contrast: contrast.value },
    };
  }

  private nextColor(): string {
    const target = drawingQuestion(this.session)?.question;
    if (!target) return "#aab4b0";
    return describe(target, { id: "", type: "", labels: labelsFor(target.questionId) }).color;
  }

  /** Show the open item, and follow its document until another is opened. */
  private showSheet(): () => void {
    const sheet = this.session.sheet.value;
    const { surface } = this;
    if (!sheet) {
      surface.setPicture(null, { width: 1, height: 1 });
      surface.load([]);
      return () => undefined;
    }
    const payload = sheet.payload.peek();
    const media = payload.media[this.view.field];
    const size = { width: media?.width || 1, height: media?.height || 1 };
    let stale = false;
    const release = media ? this.session.pictures.hold(media.url) : () => undefined;
    surface.setTurn(turnAt(payload.position));
    this.failure.value = media ? null : "missing";
    const unsubscribe = feedShapes(surface, sheet.log, this.questions);
    const ready = media ? this.session.pictures.peek(media.url) : null;
    if (ready || !media) {
      surface.setPicture(ready, ready ?? size);
      void this.session.prefetch();
    } else {
      surface.setPicture(null, size);
      this.session.pictures.get(media).then(
        (picture) => {
          if (stale) return;
          surface.setPicture(picture, picture);
          void this.session.prefetch();
        },
        (error: unknown) => {
          if (!stale) this.failed(error);
        },
      );
    }
    return () => {
      stale = true;
      unsubscribe();
      release();
    };
  }

  /** Load the picture again after it could not be had. */
  retry(): void {
    const sheet = this.session.sheet.peek();
    const media = sheet?.payload.peek().media[this.view.field];
    if (!media) return;
    this.failure.value = null;
    this.session.pictures.get(media).then(
      (picture) => {
        if (this.session.sheet.peek() === sheet) this.surface.setPicture(picture, picture);
      },
      (error: unknown) => this.failed(error),
    );
  }

  private failed(error: unknown): void {
    const kind = error instanceof MediaFailure ? error.kind : "refused";
    if (kind === "signin") this.session.outbox.signedOut();
    this.failure.value = kind === "signin" ? "unreachable" : kind;
  }

  private holdSpace(host: HTMLElement): () => void {
    const down = (event: KeyboardEvent) => {
      if (event.code !== "Space" || event.repeat || this.surface.driver.keyed.peek()) return;
      const target = event.target as HTMLElement | null;
      if (target !== document.body && target !== host) return;
      event.preventDefault();
      this.surface.holdSpace(true);
    };
    const up = (event: KeyboardEvent) => {
      if (event.code === "Space") this.surface.holdSpace(false);
    };
    document.addEventListener("keydown", down);
    document.addEventListener("keyup", up);
    return () => {
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

function ImageSurface({ view }: { view: View }) {
  const session = useSession();
  const host = useRef<HTMLDivElement>(null);
  const help = useId();
  const mounted = useRef(signal<ImageView | null>(null)).current;

  useLayoutEffect(() => {
    if (!host.current) return;
    const made = new ImageView(host.current, session, view);
    mounted.value = made;
    revealed.value = (id) => made.surface.reveal(id);
    return () => {
      mounted.value = null;
      made.close();
    };
  }, [session, view, mounted]);

  const imageView = mounted.value;
  const failure = imageView?.failure.value ?? null;
  const count = useComputedCount(session);
  return (
    <div class="image-view">
      {imageView && (
        <CanvasToolbar surface={imageView.surface} drawable={imageView.questions.length > 0} />
      )}
      <div
        ref={host}
        class="canvas-host"
        role="application"
        tabIndex={0}
        aria-label={t("canvas.label", { position: session.position.value, count: count.value })}
        aria-describedby={help}
        data-surface="image"
      />
      {imageView && <Minimap surface={imageView.surface} />}
      <p id={help} class="visually-hidden">
        {t("canvas.help")}
      </p>
      {failure && (
        <div class="stage-message" role="alert">
          <p>{t(`media.${failure}`)}</p>
          {failure === "unreachable" && (
            <button type="button" class="btn" onClick={() => imageView?.retry()}>
              {t("media.retry")}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

/** How many regions the open item has. */
function useComputedCount(session: Session) {
  const count = useRef(
    computed(() => {
      const document = session.sheet.value?.document;
      if (!document) return 0;
      void document.changed.value;
      return regionQuestions(session.template.questions).reduce(
        (sum, one) => sum + document.objects(one.question.questionId).ids.length,
        0,
      );
    }),
  );
  return count.current;
}

register({ kind: "content", type: "Image", Surface: ImageSurface, thumbs: true });
