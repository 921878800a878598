/* The Pdf view: a document page by page, with the regions of every question that is drawn on it. */

import { type Signal, signal } from "@preact/signals";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { pushViewScope } from "../core/focus-view";
import { t } from "../core/i18n";
import type { Binding } from "../core/keys";
import { register } from "../core/registry";
import { settings } from "../core/settings";
import type { View } from "../core/types";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { offerReveal } from "./compare";
import { useComputedCount } from "./image";
import { Minimap } from "./minimap";
import { PdfText, regionFromSelection } from "./pdf-text";
import { PdfThumbs } from "./pdf-thumbs";
import { PdfView } from "./pdf-view";
import { CanvasToolbar } from "./toolbar";

function PdfSurface({ view }: { view: View }) {
  const session = useSession();
  const host = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const number = useRef<HTMLInputElement>(null);
  const help = useId();
  const mounted = useRef(signal<PdfView | null>(null)).current;

  useLayoutEffect(() => {
    if (!host.current) return;
    const made = new PdfView(host.current, session, view);
    made.start();
    mounted.value = made;
    const unreveal = offerReveal((id) => made.reveal(id));
    const stop = pushViewScope(view, "keys.scope.pages", () =>
      pageKeys(made, stage.current, number.current),
    );
    return () => {
      mounted.value = null;
      unreveal();
      stop();
      made.close();
    };
  }, [session, view, mounted]);

  const pdf = mounted.value;
  const failure = pdf?.failure.value ?? null;
  const count = useComputedCount(session);
  const page = pdf?.page.value ?? 1;
  return (
    <div class="pdf-view" data-thumbs={settings.thumbs.value || undefined}>
      {pdf && settings.thumbs.value && <PdfThumbs view={pdf} session={session} />}
      <div class="image-view">
        {pdf && (
          <>
            <CanvasToolbar view={view} surface={pdf.surface} drawable={pdf.questions.length > 0} />
            <PageBar view={pdf} number={number} stage={stage} />
          </>
        )}
        <div ref={stage} class="pdf-stage">
          <div
            ref={host}
            class="canvas-host"
            role="application"
            tabIndex={0}
            aria-label={t("pdf.label", {
              position: session.position.value,
              page,
              count: count.value,
            })}
            aria-describedby={help}
            data-surface="pdf"
          />
          {pdf?.reading.value && <PdfText view={pdf} />}
          {pdf && !pdf.reading.value && <Minimap surface={pdf.surface} />}
        </div>
        <p id={help} class="visually-hidden">
          {t("pdf.help")}
        </p>
        {failure && (
          <div class="stage-message" role="alert">
            <p>{t(failure === "undecodable" ? "pdf.undecodable" : `media.${failure}`)}</p>
            {failure === "unreachable" && (
              <button type="button" class="btn" onClick={() => pdf?.retry()}>
                {t("media.retry")}
              </button>
            )}
          </div>
        )}
      </div>
    </div>
  );
}

interface BarProps {
  view: PdfView;
  number: { current: HTMLInputElement | null };
  stage: { current: HTMLDivElement | null };
}

/** Which page is looked at, and its text. */
function PageBar({ view, number, stage }: BarProps) {
  const session = useSession();
  const page = view.page.value;
  const count = view.book.value?.count ?? 1;
  const frozen = session.frozen.value !== null;
  const drawable = view.questions.length > 0;
  void session.selection.value;
  return (
    <div class="canvas-tools pdf-bar" role="toolbar" aria-label={t("pdf.bar")}>
      <div class="tool-group">
        <Button
          text="pdf.thumbs"
          icon="list"
          quiet
          keys="alt+b"
          pressed={settings.thumbs.value}
          onPress={() => flip(settings.thumbs)}
        />
      </div>
      <div class="tool-group">
        <Button
          text="pdf.previous"
          icon="prev"
          quiet
          keys="PageUp"
          disabled={page <= 1}
          onPress={() => view.go(page - 1)}
        />
        <PageNumber view={view} input={number} />
        <span class="num muted">{t("pdf.of", { n: count })}</span>
        <Button
          text="pdf.next"
          icon="next"
          quiet
          keys="PageDown"
          disabled={page >= count}
          onPress={() => view.go(page + 1)}
        />
      </div>
      <div class="tool-group">
        <Button
          text="pdf.select"
          icon="text"
          quiet
          keys="alt+t"
          pressed={view.reading.value}
          onPress={() => flip(view.reading)}
        />
        {drawable && (
          <Button
            text="pdf.take"
            icon="take"
            quiet
            keys="alt+w"
            disabled={frozen}
            onPress={() => take(view, stage.current)}
          />
        )}
      </div>
    </div>
  );
}

function PageNumber({ view, input }: { view: PdfView; input: BarProps["number"] }) {
  const [draft, setDraft] = useState<string | null>(null);
  const go = () => {
    if (draft !== null && draft.trim() !== "") view.go(Number(draft));
    setDraft(null);
  };
  return (
    <input
      ref={input}
      class="control page-number"
      type="text"
      inputMode="numeric"
      aria-label={t("pdf.number")}
      aria-keyshortcuts="Control+G"
      title={`${t("pdf.number")} (Ctrl+G)`}
      value={draft ?? String(view.page.value)}
      onFocus={(event) => event.currentTarget.select()}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onBlur={go}
      onKeyDown={(event) => {
        if (event.key === "Escape") setDraft(null);
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        // Leaving the field goes to the page.
        event.currentTarget.blur();
      }}
    />
  );
}

function pageKeys(
  view: PdfView,
  stage: HTMLElement | null,
  number: HTMLInputElement | null,
): Binding[] {
  const step = (keys: string[], text: Binding["text"], to: () => number): Binding => ({
    keys,
    text,
    repeat: true,
    run: () => view.go(to()),
  });
  return [
    step(["PageDown"], "pdf.next", () => view.page.peek() + 1),
    step(["PageUp"], "pdf.previous", () => view.page.peek() - 1),
    step(["Home"], "pdf.first", () => 1),
    step(["End"], "pdf.last", () => view.book.peek()?.count ?? 1),
    { keys: ["mod+g"], text: "pdf.number", editable: true, run: () => number?.focus() },
    { keys: ["alt+b"], text: "pdf.thumbs", run: () => flip(settings.thumbs) },
    { keys: ["alt+t"], text: "pdf.select", run: () => flip(view.reading) },
    { keys: ["alt+w"], text: "pdf.take", run: () => take(view, stage) },
    {
      keys: ["Escape"],
      text: null,
      when: () => view.reading.peek(),
      run: () => {
        view.reading.value = false;
      },
    },
  ];
}

/** Take the text that is selected as a new region; with none selected, the text beneath the chosen regions. */
function take(view: PdfView, stage: HTMLElement | null): void {
  if (!regionFromSelection(view, stage)) view.takeText();
}

function flip(one: Signal<boolean>): void {
  one.value = !one.value;
}

register({ kind: "content", type: "Pdf", Surface: PdfSurface });
