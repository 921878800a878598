/* The Markdown view: a text with its headings, lists and tables. The server has made and cleaned its HTML. */

import { t } from "../core/i18n";
import { register } from "../core/registry";
import { settings } from "../core/settings";
import type { View } from "../core/types";
import { useSession } from "../ui/context";
import { TextSize, useReading } from "./reading";

function MarkdownSurface({ view }: { view: View }) {
  const session = useSession();
  const scroller = useReading(view, "keys.scope.text");
  const payload = session.payload.value;
  const raw = payload?.data[view.field];
  const text = typeof raw === "string" ? raw : raw == null ? "" : JSON.stringify(raw, null, 2);
  const html = payload?.markdown?.[view.field];
  return (
    <div class="text-view">
      <div class="canvas-tools" role="toolbar" aria-label={t("tool.bar")}>
        <TextSize />
      </div>
      <section
        ref={scroller}
        class="text-scroll"
        tabIndex={0}
        aria-label={t("text.label", { position: session.position.value })}
        data-surface="markdown"
      >
        <article
          class="text-page"
          dir="auto"
          style={{ "--text-scale": settings.textSize.value }}
          data-plain={html === undefined || undefined}
        >
          {html !== undefined && text.trim() !== "" && (
            <div class="guide-text" dangerouslySetInnerHTML={{ __html: html }} />
          )}
          {html === undefined && text !== "" && <p>{text}</p>}
          {payload && text.trim() === "" && <p class="muted">{t("text.empty")}</p>}
        </article>
      </section>
    </div>
  );
}

register({ kind: "content", type: "Markdown", Surface: MarkdownSurface });
