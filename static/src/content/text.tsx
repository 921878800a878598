/* The Text view: the item's text as it is given, with the spans of the questions that are answered on it. */

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../core/i18n";
import { register } from "../core/registry";
import { relates } from "../core/relations";
import { settings } from "../core/settings";
import type { View } from "../core/types";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { hiddenAll } from "./compare";
import { RelateBar, RelateButtons } from "./relate-bar";
import { TextFind } from "./text-find";
import { TextView } from "./text-view";

const SMALLEST = 0.8;
const LARGEST = 2;
const STEP = 0.1;

function TextSurface({ view }: { view: View }) {
  const session = useSession();
  const scroller = useRef<HTMLElement>(null);
  const page = useRef<HTMLElement>(null);
  const mounted = useRef(signal<TextView | null>(null)).current;

  useLayoutEffect(() => {
    if (!scroller.current || !page.current) return;
    const made = new TextView(scroller.current, page.current, session, view);
    made.start();
    mounted.value = made;
    return () => {
      mounted.value = null;
      made.close();
    };
  }, [session, view, mounted]);

  const textView = mounted.value;
  const spans = (textView?.questions.length ?? 0) > 0;
  const payload = session.payload.value;
  const empty = payload !== null && textView?.surface.shown.value && textView.surface.text === "";
  return (
    <div class="text-view">
      <div class="canvas-tools" role="toolbar" aria-label={t("tool.bar")}>
        {textView && spans && <SpanTools view={textView} />}
        <div class="tool-group">
          <Button
            text="text.search"
            icon="find"
            quiet
            badge
            keys="f"
            pressed={textView?.search.value != null}
            onPress={() =>
              textView?.search.peek() ? textView.closeSearch() : textView?.openSearch()
            }
          />
        </div>
        <TextSize />
      </div>
      {spans && <RelateBar />}
      {textView?.search.value && <TextFind view={textView} search={textView.search.value} />}
      <section
        ref={scroller}
        class="text-scroll"
        tabIndex={0}
        aria-label={t("text.label", { position: session.position.value })}
        data-surface="text"
        data-spans={spans || undefined}
        data-texts={settings.texts.value || undefined}
      >
        <article ref={page} class="text-page" style={{ "--text-scale": settings.textSize.value }} />
        {empty && <p class="text-empty muted">{t("text.empty")}</p>}
      </section>
      <p class="visually-hidden" aria-live="polite">
        {textView?.spoken.value}
      </p>
    </div>
  );
}

function SpanTools({ view }: { view: TextView }) {
  const { session } = view;
  void session.selection.value;
  return (
    <div class="tool-group">
      <Button
        text="text.caret"
        icon="caret"
        quiet
        badge
        keys="n"
        pressed={view.caret.on.value}
        onPress={() => (view.caret.on.peek() ? view.caret.put(null) : view.turnOn())}
      />
      <Button
        text="text.snap"
        icon="snap-word"
        quiet
        badge
        keys="w"
        pressed={view.unit === "word"}
        disabled={!view.marks}
        onPress={() => view.changeUnit()}
      />
      <Button
        text="text.occurrences"
        icon="occurrences"
        quiet
        badge
        keys="o"
        disabled={view.held === null}
        onPress={() => view.searchOccurrences()}
      />
      {view.questions.some(({ question }) => relates(question)) && (
        <RelateButtons session={session} />
      )}
      <Button
        text="tool.texts"
        icon="text"
        quiet
        badge
        keys="t"
        pressed={settings.texts.value}
        onPress={() => {
          settings.texts.value = !settings.texts.peek();
        }}
      />
      <Button
        text="tool.hideAll"
        icon={hiddenAll.value ? "eye-off" : "eye"}
        quiet
        badge
        keys="h"
        pressed={hiddenAll.value}
        onPress={() => {
          hiddenAll.value = !hiddenAll.peek();
        }}
      />
    </div>
  );
}

function TextSize() {
  const size = (by: number) => {
    const next = settings.textSize.value + by;
    settings.textSize.value = Math.round(Math.min(LARGEST, Math.max(SMALLEST, next)) * 10) / 10;
  };
  return (
    <div class="tool-group">
      <Button text="text.smaller" icon="minus" quiet onPress={() => size(-STEP)} />
      <output class="zoom-value" aria-label={t("text.size")}>
        {t("tool.percent", { n: Math.round(settings.textSize.value * 100) })}
      </output>
      <Button text="text.larger" icon="plus" quiet onPress={() => size(STEP)} />
    </div>
  );
}

register({ kind: "content", type: "Text", Surface: TextSurface });
