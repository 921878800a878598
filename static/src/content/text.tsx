/* The Text view: the item's text as it is given, cut into blocks so that a long one opens at once. */

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { useViewScope } from "../core/focus-view";
import { t } from "../core/i18n";
import type { Binding } from "../core/keys";
import { markPainted } from "../core/marks";
import { register } from "../core/registry";
import { settings } from "../core/settings";
import type { View } from "../core/types";
import { blocks } from "../surfaces/text/blocks";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";

const SMALLEST = 0.8;
const LARGEST = 2;
const STEP = 0.1;

function TextSurface({ view }: { view: View }) {
  const session = useSession();
  const scroller = useRef<HTMLDivElement>(null);
  const payload = session.payload.value;
  const raw = payload?.data[view.field];
  const text =
    typeof raw === "string" ? raw : raw === undefined ? "" : JSON.stringify(raw, null, 2);
  const parts = useMemo(() => blocks(text), [text]);
  const position = payload?.position;

  useLayoutEffect(() => {
    if (position === undefined) return;
    if (scroller.current) scroller.current.scrollTop = 0;
    requestAnimationFrame(() => markPainted(position));
    void session.prefetch();
  }, [position, session]);

  useViewScope(view, "keys.scope.text", () => {
    const scroll = (keys: string[], text: Binding["text"], by: number): Binding => ({
      keys,
      text,
      repeat: true,
      run: () => {
        const host = scroller.current;
        host?.scrollBy({ top: Math.abs(by) === 1 ? by * 60 : (by / 10) * host.clientHeight });
      },
    });
    return [
      scroll(["ArrowDown"], "text.down", 1),
      scroll(["ArrowUp"], "text.up", -1),
      scroll(["PageDown", "Space"], null, 9),
      scroll(["PageUp", "shift+Space"], null, -9),
    ];
  });

  const size = (by: number) => {
    const next = settings.textSize.value + by;
    settings.textSize.value = Math.round(Math.min(LARGEST, Math.max(SMALLEST, next)) * 10) / 10;
  };
  return (
    <div class="text-view">
      <div class="canvas-tools" role="toolbar" aria-label={t("tool.bar")}>
        <div class="tool-group">
          <Button text="text.smaller" icon="minus" quiet onPress={() => size(-STEP)} />
          <output class="zoom-value" aria-label={t("text.size")}>
            {t("tool.percent", { n: Math.round(settings.textSize.value * 100) })}
          </output>
          <Button text="text.larger" icon="plus" quiet onPress={() => size(STEP)} />
        </div>
      </div>
      <section
        ref={scroller}
        class="text-scroll"
        tabIndex={0}
        aria-label={t("text.label", { position: session.position.value })}
        data-surface="text"
      >
        <article class="text-page" style={{ "--text-scale": settings.textSize.value }}>
          {parts.map((part) => (
            <p key={part.start} data-start={part.start}>
              {part.text}
            </p>
          ))}
          {payload && text === "" && <p class="muted">{t("text.empty")}</p>}
        </article>
      </section>
    </div>
  );
}

register({ kind: "content", type: "Text", Surface: TextSurface });
