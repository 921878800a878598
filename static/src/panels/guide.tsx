/* What the job's maker wrote for the people who label it: a short description, and the guide one key away. */

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import {
  answers,
  confirmGuide,
  guide,
  guideOpen,
  guideProblem,
  leaveAt,
  leftAt,
  loadGuide,
} from "../core/guide";
import { date, t } from "../core/i18n";
import { settings } from "../core/settings";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { Icon } from "../ui/icon";

export function Description() {
  const { boot } = useSession();
  if (!boot.guide.trim()) return null;
  return (
    <details
      class="panel disclosure guide"
      open={settings.guide.value}
      onToggle={(event) => {
        settings.guide.value = event.currentTarget.open;
      }}
    >
      <summary>{t("guide.description")}</summary>
      <p class="plain-text">{boot.guide}</p>
    </details>
  );
}

/** The guide beside the work, which goes on meanwhile. */
export function GuideDrawer() {
  if (!guideOpen.value) return null;
  return <OpenDrawer />;
}

function OpenDrawer() {
  const ref = useRef<HTMLElement>(null);
  const close = () => {
    guideOpen.value = false;
  };
  useLayoutEffect(() => {
    const before = document.activeElement;
    ref.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <section
      ref={ref}
      class="guide-drawer"
      aria-label={t("guide.title")}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close();
      }}
    >
      <header>
        <h2>{t("guide.title")}</h2>
        <Button
          text="guide.close"
          binding="guide.action"
          icon="cross"
          quiet
          kind="quiet"
          keys="F1"
          onPress={close}
        />
      </header>
      <GuideBody>
        <Confirm />
      </GuideBody>
    </section>
  );
}

/** The guide's text or PDF, the published answers, and what is to be done with them. */
export function GuideBody({ children }: { children?: ComponentChildren }) {
  const session = useSession();
  const { job } = session.assignment;
  const shown = guide.value;
  const scroll = useRef<HTMLDivElement>(null);
  const known = session.desk.guide.value?.version;
  useEffect(() => {
    void known;
    void loadGuide(session);
  }, [session, known]);
  useLayoutEffect(() => {
    if (shown && scroll.current) scroll.current.scrollTop = leftAt(job.id, shown.version);
  }, [job.id, shown]);
  return (
    <>
      <div
        ref={scroll}
        class="guide-scroll"
        tabIndex={0}
        role="document"
        aria-label={t("guide.title")}
        onScroll={(event) => {
          if (shown) leaveAt(job.id, shown.version, event.currentTarget.scrollTop);
        }}
      >
        {guideProblem.value && (
          <p class="notice bad" role="alert">
            {guideProblem.value}
          </p>
        )}
        {shown?.note && <p class="notice">{t("guide.note", { note: shown.note })}</p>}
        {shown?.file ? (
          <Pdf url={shown.file} />
        ) : shown ? (
          <Html html={shown.html} />
        ) : (
          <p class="muted">{t(known === undefined ? "guide.none" : "item.loading")}</p>
        )}
        {answers.value.length > 0 && (
          <section class="guide-answers">
            <h3>{t("guide.answers")}</h3>
            {answers.value.map((one) => (
              <article key={one.id} class="feedback-one">
                {one.question && (
                  <p class="plain-text">
                    <strong>{one.question}</strong>
                  </p>
                )}
                <p class="plain-text">{one.answer}</p>
                <p class="small muted">
                  <time dateTime={one.published_at}>{date(one.published_at)}</time>
                </p>
              </article>
            ))}
          </section>
        )}
      </div>
      {children}
    </>
  );
}

/** HTML that the server made from Markdown and cleaned: no scripts, styles or frames, only our own pictures. */
function Html({ html }: { html: string }) {
  return <div class="guide-text" dangerouslySetInnerHTML={{ __html: html }} />;
}

/** The server hands a PDF out to be saved, never as a page of its own. */
function Pdf({ url }: { url: string }) {
  return (
    <div class="guide-pdf">
      <p>{t("guide.isPdf")}</p>
      <a class="btn btn-primary" href={url} target="_blank" rel="noopener">
        <Icon name="book" />
        {t("guide.pdf")}
      </a>
    </div>
  );
}

/** Says that the version shown was read, where that was not said before. */
export function Confirm({ onDone }: { onDone?: () => void }) {
  const session = useSession();
  const [error, setError] = useState("");
  const shown = guide.value;
  if (!shown || shown.confirmed || session.mode === "read") return null;
  return (
    <footer class="guide-read">
      <p class="small">{error || t("guide.mustConfirm", { version: shown.version })}</p>
      <Button
        text="guide.confirm"
        icon="check"
        kind="primary"
        onPress={async () => {
          const problem = await confirmGuide(session);
          setError(problem);
          if (!problem) onDone?.();
        }}
      />
    </footer>
  );
}
