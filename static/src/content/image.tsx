/* The Image view: the item's picture with the regions of every question that is drawn on it. */

import { computed, signal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { hiddenNow } from "../core/asked";
import { t } from "../core/i18n";
import { regionQuestions } from "../core/regions";
import { register } from "../core/registry";
import type { Session } from "../core/session";
import type { View } from "../core/types";
import { useSession } from "../ui/context";
import { CanvasView } from "./canvas-view";
import { offerReveal } from "./compare";
import { Minimap } from "./minimap";
import { feedShapes } from "./shape-feed";
import { CanvasToolbar } from "./toolbar";
import { placeIn, turnAt } from "./view-state";

class ImageView extends CanvasView {
  /** Show the open item, and follow its document until another is opened. */
  protected override showSheet(): () => void {
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
    surface.setTurn(turnAt(placeIn(this.view, payload.position)));
    this.failure.value = media ? null : "missing";
    const unsubscribe = feedShapes(
      surface,
      sheet.log,
      this.questions,
      undefined,
      hiddenNow(this.session),
    );
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
}

function ImageSurface({ view }: { view: View }) {
  const session = useSession();
  const host = useRef<HTMLDivElement>(null);
  const help = useId();
  const mounted = useRef(signal<ImageView | null>(null)).current;

  useLayoutEffect(() => {
    if (!host.current) return;
    const made = new ImageView(host.current, session, view);
    made.start();
    mounted.value = made;
    const unreveal = offerReveal((id) => made.surface.reveal(id));
    return () => {
      mounted.value = null;
      unreveal();
      made.close();
    };
  }, [session, view, mounted]);

  const imageView = mounted.value;
  const failure = imageView?.failure.value ?? null;
  const count = useComputedCount(session);
  return (
    <div class="image-view">
      {imageView && (
        <CanvasToolbar
          view={view}
          surface={imageView.surface}
          drawable={imageView.questions.length > 0}
        />
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
export function useComputedCount(session: Session) {
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
