/* The builder: what can be put in, where it stands, and what it says. */

import { useEffect, useState } from "preact/hooks";
import { date, t, tn } from "../core/i18n";
import { Icon } from "../ui/icon";
import { Kbd } from "../ui/kbd";
import { Board } from "./board";
import { useDesigner } from "./context";
import { duplicate, remove, step } from "./edits";
import { partOf } from "./model";
import { Palette } from "./palette";
import { loadDatasets, PreviewPane } from "./preview-pane";
import { Properties } from "./properties";
import type { Designer } from "./state";

export function App() {
  const designer = useDesigner();
  useEffect(() => {
    void loadDatasets(designer);
    const keys = (event: KeyboardEvent) => press(designer, event);
    const leave = (event: BeforeUnloadEvent) => {
      if (designer.dirty.peek() && designer.frozen === "") event.preventDefault();
    };
    addEventListener("keydown", keys);
    addEventListener("beforeunload", leave);
    document.documentElement.dataset.ready = "";
    return () => {
      removeEventListener("keydown", keys);
      removeEventListener("beforeunload", leave);
    };
  }, [designer]);
  return (
    <div class={designer.previewing.value ? "ds ds-previewing" : "ds"}>
      <Head />
      {!designer.previewing.value && <Palette />}
      <main class="ds-main" id="main">
        <Notes />
        {designer.previewing.value ? <PreviewPane /> : <Board />}
      </main>
      <Properties />
    </div>
  );
}

function Head() {
  const designer = useDesigner();
  const about = designer.about.value;
  const draft = designer.draft.value;
  const faults = designer.faults.value;
  const frozen = designer.frozen;
  const { addresses } = designer.boot;
  const canCopy = designer.boot.copyTo !== null && about !== null;
  return (
    <header class="ds-head">
      <a
        class="btn btn-quiet btn-icon"
        href={addresses.list}
        aria-label={t("designer.back")}
        title={t("designer.back")}
      >
        <Icon name="back" />
      </a>
      <div class="ds-title">
        <h1 class="truncate">{draft.name || t("designer.new")}</h1>
        <p>
          {about?.builtin
            ? t("designer.general")
            : about
              ? t("designer.version", { version: about.version })
              : t("designer.unsaved")}
          {about?.shared === "everybody" && <span class="badge info">{t("designer.shared")}</span>}
          {about?.archived && <span class="badge warn">{t("designer.archived")}</span>}
        </p>
      </div>
      <div class="ds-tabs" role="group" aria-label={t("designer.shows")}>
        {[false, true].map((preview) => (
          <button
            key={String(preview)}
            type="button"
            class="btn btn-s"
            aria-pressed={designer.previewing.value === preview}
            aria-keyshortcuts={preview ? "Control+p" : undefined}
            onClick={() => {
              designer.previewing.value = preview;
            }}
          >
            <Icon name={preview ? "eye" : "grid"} />
            {t(preview ? "designer.preview" : "designer.build")}
          </button>
        ))}
      </div>
      {!frozen && (
        <>
          <div class="ds-group">
            <Tool
              text="edit.undo"
              icon="undo"
              keys="mod+z"
              off={!designer.canUndo.value}
              run={() => designer.undo()}
            />
            <Tool
              text="edit.redo"
              icon="redo"
              keys="mod+shift+z"
              off={!designer.canRedo.value}
              run={() => designer.redo()}
            />
          </div>
          <button
            type="button"
            class="btn btn-quiet btn-s ds-state"
            data-faults={faults.length}
            disabled={faults.length === 0}
            onClick={() => {
              designer.previewing.value = false;
              designer.chosen.value = faults[0]?.uid ?? null;
            }}
          >
            <Icon name={faults.length > 0 ? "warn" : "check"} />
            {faults.length > 0
              ? tn("designer.faults", faults.length)
              : t(designer.checked.value ? "designer.fine" : "designer.checking")}
          </button>
        </>
      )}
      <More />
      {canCopy && frozen !== "" && (
        <button type="button" class="btn btn-primary" onClick={() => void designer.copy()}>
          <Icon name="copy" />
          {t("designer.copy")}
        </button>
      )}
      {!frozen && (
        <button
          type="button"
          class="btn btn-primary"
          data-save
          aria-keyshortcuts="Control+s"
          disabled={designer.saving.value === "saving" || (about !== null && !designer.dirty.value)}
          onClick={() => void designer.save()}
        >
          {t(about ? "designer.saveVersion" : "designer.save")}
          <Kbd name="mod+s" />
        </button>
      )}
    </header>
  );
}

function Tool({
  text,
  icon,
  keys,
  off,
  run,
}: {
  text: "edit.undo" | "edit.redo";
  icon: "undo" | "redo";
  keys: string;
  off: boolean;
  run: () => void;
}) {
  const shown = keys.replace("mod+", "Ctrl+").replace("shift+", "Shift+").toUpperCase();
  return (
    <button
      type="button"
      class="btn btn-quiet btn-icon"
      aria-label={t(text)}
      aria-keyshortcuts={keys.replace("mod+", "Control+").replace("shift+", "Shift+")}
      title={`${t(text)} (${shown.replace("CTRL", "Ctrl").replace("SHIFT", "Shift")})`}
      disabled={off}
      onClick={run}
    >
      <Icon name={icon} />
    </button>
  );
}

/** What is done with a template as a whole, once it is stored. */
function More() {
  const designer = useDesigner();
  const [asking, setAsking] = useState(false);
  const about = designer.about.value;
  if (!about) return null;
  const { api, job } = designer.boot.addresses;
  const { share, change } = about.may;
  const newest = about.latest === about.id;
  return (
    <details class="menu ds-more">
      <summary class="btn btn-quiet">
        {t("designer.more")}
        <Icon name="down" />
      </summary>
      <div class="menu-panel">
        <a class="menu-item" href={`${api}/${about.id}/file`} download>
          {t("designer.export")}
        </a>
        {designer.boot.copyTo !== null && (
          <button type="button" class="menu-item" onClick={() => void designer.copy()}>
            {t("designer.copy")}
          </button>
        )}
        {designer.boot.copyTo !== null && newest && !about.archived && (
          <a class="menu-item" href={`${job}?template=${about.id}`}>
            {t("designer.job")}
          </a>
        )}
        {!about.builtin && !share && newest && (
          <>
            <hr />
            {about.shared === "everybody" ? (
              <button
                type="button"
                class="menu-item"
                onClick={() => void designer.share("workspace")}
              >
                {t("designer.unshare")}
              </button>
            ) : asking ? (
              <div class="ds-ask">
                <p>{t("designer.share.what")}</p>
                <button
                  type="button"
                  class="btn btn-primary btn-s"
                  onClick={() => {
                    setAsking(false);
                    void designer.share("everybody");
                  }}
                >
                  {t("designer.share.yes")}
                </button>
              </div>
            ) : (
              <button type="button" class="menu-item" onClick={() => setAsking(true)}>
                {t("designer.share")}
              </button>
            )}
          </>
        )}
        {!about.builtin && !change && newest && (
          <button
            type="button"
            class="menu-item"
            onClick={() => void designer.archive(!about.archived)}
          >
            {t(about.archived ? "designer.restore" : "designer.archive")}
          </button>
        )}
        {about.versions.length > 1 && (
          <>
            <hr />
            <p class="ds-help">{t("designer.versions")}</p>
            <ul class="ds-versions">
              {about.versions.map((one) => (
                <li key={one.id}>
                  <a
                    class="menu-item"
                    href={`${designer.boot.addresses.list}${one.id}/edit/`}
                    aria-current={one.id === about.id ? "true" : undefined}
                  >
                    {t("designer.version", { version: one.version })}
                    <small>
                      {date(one.at)}
                      {one.by && ` · ${one.by}`}
                    </small>
                  </a>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </details>
  );
}

/** What the person is told: why nothing can be changed, and what became of saving. */
function Notes() {
  const designer = useDesigner();
  const said = designer.said.value;
  const frozen = designer.frozen;
  return (
    <>
      {frozen && <p class="notice info">{frozen}</p>}
      <div role="status" aria-live="polite">
        {said && <p class={`notice ${said.bad ? "bad" : "ok"}`}>{said.text}</p>}
      </div>
    </>
  );
}

/** Keys of the builder; in fields only those that mean nothing there. */
function press(designer: Designer, event: KeyboardEvent): void {
  if (event.isComposing || event.keyCode === 229) return;
  const mod = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  const target = event.target as HTMLElement;
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  const draft = designer.draft.peek();
  const part = partOf(draft, designer.chosen.peek());
  const run = (action: () => void) => {
    event.preventDefault();
    action();
  };
  if (mod && key === "s") run(() => void designer.save());
  else if (mod && key === "p") {
    run(() => {
      designer.previewing.value = !designer.previewing.peek();
    });
  } else if (typing) return;
  else if (mod && key === "z") run(() => (event.shiftKey ? designer.redo() : designer.undo()));
  else if (mod && key === "y") run(() => designer.redo());
  else if (!part || designer.frozen) return;
  else if (mod && key === "d") {
    run(() => {
      const made = duplicate(draft, part.uid);
      designer.change(made.draft);
      designer.chosen.value = made.copy;
    });
  } else if (event.altKey && (key === "arrowup" || key === "arrowdown")) {
    run(() => {
      designer.change(step(draft, part.uid, key === "arrowup" ? -1 : 1));
      requestAnimationFrame(() =>
        document.querySelector<HTMLElement>(`[data-part="${part.uid}"]`)?.focus(),
      );
    });
  } else if (key === "delete" || key === "backspace") {
    run(() => {
      designer.change(remove(draft, part.uid));
      designer.chosen.value = null;
    });
  }
}
