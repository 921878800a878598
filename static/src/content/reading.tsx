/* What views that are read have in common: their size, scrolling by keys, and when they are on the screen. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { useViewScope } from "../core/focus-view";
import { type Key, t } from "../core/i18n";
import type { Binding } from "../core/keys";
import { markPainted } from "../core/marks";
import { settings } from "../core/settings";
import type { View } from "../core/types";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";

const SMALLEST = 0.8;
const LARGEST = 2;
const STEP = 0.1;

/** Larger or smaller letters, of all texts. */
export function sizeText(by: 1 | -1): void {
  const next = settings.textSize.peek() + by * STEP;
  settings.textSize.value = Math.round(Math.min(LARGEST, Math.max(SMALLEST, next)) * 10) / 10;
}

/** Begins at the top with every item; scrolls by keys while the view is in use. */
export function useReading(view: View, title: Key, more: readonly Binding[] = []) {
  const session = useSession();
  const scroller = useRef<HTMLElement>(null);
  const position = session.payload.value?.position;
  useLayoutEffect(() => {
    if (position === undefined) return;
    if (scroller.current) scroller.current.scrollTop = 0;
    requestAnimationFrame(() => markPainted(position));
    void session.prefetch();
  }, [position, session]);
  useViewScope(view, title, () => {
    const scroll = (keys: string[], text: Binding["text"], by: (height: number) => number) => ({
      keys,
      text,
      repeat: true,
      run: () => {
        const host = scroller.current;
        host?.scrollBy({ top: by(host.clientHeight) });
      },
    });
    return [
      ...more,
      scroll(["ArrowDown"], "text.down", () => 60),
      scroll(["ArrowUp"], "text.up", () => -60),
      scroll(["PageDown", "Space"], null, (height) => 0.9 * height),
      scroll(["PageUp", "shift+Space"], null, (height) => -0.9 * height),
    ];
  });
  return scroller;
}

/** The size of the letters. */
export function TextSize() {
  return (
    <div class="tool-group">
      <Button text="text.smaller" icon="minus" quiet onPress={() => sizeText(-1)} />
      <output class="zoom-value" aria-label={t("text.size")}>
        {t("tool.percent", { n: Math.round(settings.textSize.value * 100) })}
      </output>
      <Button text="text.larger" icon="plus" quiet onPress={() => sizeText(1)} />
    </div>
  );
}
