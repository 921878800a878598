/* Many items at once, in place of the one that is open: small pictures with their answers. */

import { effect } from "@preact/signals";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { wholeKeys, wholeQuestions } from "../core/answer-keys";
import { gridBindings } from "../core/grid-keys";
import { t, tn } from "../core/i18n";
import { GRID_KEY, gridOf, type ItemGrid, pictured, summaryOf } from "../core/item-grid";
import { pushScope } from "../core/keys";
import { shownViews } from "../core/layout";
import { answerOf, topic } from "../core/registry";
import type { Session } from "../core/session";
import { isDone } from "../core/sheet";
import { inShort } from "../topic/typed";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { Icon } from "../ui/icon";
import { QuestionTitle } from "./question-title";

/** The least size of a tile, and what it takes beside its picture. */
const TILE = 168;
const GAP = 8;
const TILE_HEIGHT = 176;

export function ItemGridView() {
  const session = useSession();
  const grid = gridOf(session);
  const scroll = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const host = scroll.current;
    if (!host) return;
    const measure = () => {
      const columns = Math.max(1, Math.floor((host.clientWidth - GAP) / (TILE + GAP)));
      grid.fit(columns, Math.max(1, Math.floor(host.clientHeight / (TILE_HEIGHT + GAP))));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(host);
    measure();
    host.focus({ preventScroll: true });
    // Another filter of the list beside is another list here.
    const followFilter = effect(() => {
      void session.filter.value;
      if (grid.on.peek()) {
        grid.list();
        void grid.load();
      }
    });
    const followFocus = effect(() => {
      const index = grid.focus.value;
      host.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: "nearest" });
    });
    // Whoever opens an item elsewhere on the page wants to see it.
    const opened = session.position.peek();
    const followItem = effect(() => {
      if (session.position.value !== opened) grid.on.value = false;
    });
    const bindings = gridBindings(session);
    const unbind = pushScope("tool", "keys.scope.grid", () => bindings);
    return () => {
      unbind();
      observer.disconnect();
      followItem();
      followFilter();
      followFocus();
    };
  }, [grid, session]);
  const page = grid.page.value;
  void grid.arrived.value;
  const problem = grid.problem.value;
  return (
    <div class="item-grid">
      <div
        ref={scroll}
        class="grid-tiles"
        role="listbox"
        aria-multiselectable="true"
        aria-label={t("grid.title")}
        aria-activedescendant={`tile-${page[grid.focus.value] ?? 0}`}
        tabIndex={0}
        style={{ "--columns": grid.columns.value }}
        data-grid
      >
        {page.map((position, index) => (
          <Tile key={position} session={session} grid={grid} position={position} index={index} />
        ))}
      </div>
      {problem && (
        <div class="stage-message" role="alert">
          <p>{problem === "refused" ? t("item.refused") : t("save.unreachable")}</p>
          <button type="button" class="btn" onClick={() => void grid.load()}>
            {t("media.retry")}
          </button>
        </div>
      )}
    </div>
  );
}

interface TileProps {
  session: Session;
  grid: ItemGrid;
  position: number;
  index: number;
}

function Tile({ session, grid, position, index }: TileProps) {
  const payload = session.items.peek(position);
  const { template } = session;
  const pictures = pictured(template);
  const words = shownViews(template)
    .filter((view) => !pictures.includes(view))
    .map(({ field }) => payload?.data[field])
    .filter((one): one is string => typeof one === "string");
  const state = summaryOf(session, position)?.state ?? "open";
  const waiting = session.outbox.unsent.value > 0 && session.outbox.has(position);
  return (
    <div
      id={`tile-${position}`}
      role="option"
      aria-selected={grid.chosen.value.has(position)}
      class="grid-tile"
      data-position={position}
      data-index={index}
      data-focus={grid.focus.value === index || undefined}
      data-state={state}
      onMouseDown={(event) => {
        if (event.shiftKey) event.preventDefault();
      }}
      onClick={(event) => grid.choose(index, event.shiftKey)}
      onDblClick={() => grid.leave(position)}
    >
      <div class="tile-pictures">
        {pictures.map(({ bindField, field }) => (
          <Thumb key={bindField} url={payload?.media[field]?.url ?? null} />
        ))}
      </div>
      {words.length > 0 && (
        <p class="tile-words" dir="auto">
          {inShort(words.join(" · "))}
        </p>
      )}
      <span class="tile-mark" aria-hidden="true">
        <Icon name="check" />
      </span>
      <p class="tile-foot">
        <span class="num">{position}</span>
        <Said session={session} position={position} />
        {state === "abandoned" && <Icon name="ban" />}
        {state === "locked" && <Icon name="lock" />}
        {waiting && <span class="strip-unsent" title={t("items.unsent")} />}
      </p>
      <span class="visually-hidden">{t(`state.${state}`)}</span>
    </div>
  );
}

/** The answers in words, each with its colour. */
function Said({ session, position }: { session: Session; position: number }) {
  const sheet = session.items.peek(position) && session.sheetAt(position);
  if (!sheet) return <span class="truncate muted">…</span>;
  void sheet.document.changed.value;
  const answers = session.template.questions.flatMap((question) => {
    const spec = topic(question.type)?.value;
    const value = answerOf(sheet.document.value(question.questionId));
    return spec && !spec.isEmpty(value) ? [spec.describe(question, value)] : [];
  });
  return (
    <span class="tile-said truncate">
      {answers.map(({ text, color }, at) => (
        <span key={at} class="tile-answer">
          <span class="swatch" style={{ "--color": color || "var(--line-strong)" }} />
          {text}
        </span>
      ))}
    </span>
  );
}

const TRIES = 4;

/** A busy server refuses a few of many small pictures for a moment: they are asked for again. */
function Thumb({ url }: { url: string | null }) {
  const [tries, setTries] = useState(0);
  const timer = useRef(0);
  useLayoutEffect(() => () => clearTimeout(timer.current), []);
  if (url === null) return <span class="tile-picture" />;
  if (tries >= TRIES) return <span class="tile-picture tile-broken">{t("grid.noPicture")}</span>;
  const sign = url.includes("?") ? "&" : "?";
  return (
    <img
      class="tile-picture"
      src={`${url}${sign}size=thumb${tries > 0 ? `&again=${tries}` : ""}`}
      alt=""
      decoding="async"
      draggable={false}
      onError={() => {
        timer.current = window.setTimeout(() => setTries(tries + 1), 700 * 2 ** tries);
      }}
    />
  );
}

/** The questions for all that is chosen: what the answers have in common is shown, and changed. */
export function GridQuestions() {
  const session = useSession();
  const grid = gridOf(session);
  void [grid.chosen.value, grid.focus.value, grid.first.value, grid.arrived.value];
  void [grid.canUndo.value, session.list.value];
  const questions = wholeQuestions(session);
  const hotkeys = wholeKeys(session);
  const targets = grid.targets();
  for (const position of targets) void session.sheetAt(position)?.document.changed.value;
  const frozen = session.mode !== "labeling" || !session.active;
  return (
    <>
      <section class="panel" aria-live="polite">
        <p class="panel-hint">
          {grid.chosen.value.size > 0
            ? tn("grid.forChosen", targets.length)
            : t("grid.forOne", { position: targets[0] ?? 0 })}
        </p>
      </section>
      {questions
        .filter((question) => grid.asks(question))
        .map((question) => {
          const spec = topic(question.type)?.value;
          const keys = (hotkeys.get(question.questionId) ?? []).filter(({ run }) => !run);
          return (
            spec && (
              <section key={question.questionId} class="panel" data-topic={question.questionId}>
                <QuestionTitle question={question} />
                <spec.Field
                  question={question}
                  value={grid.common(question)}
                  frozen={frozen}
                  name={`grid-${targets.join("-")}`}
                  hotkeys={keys}
                  onChange={(next) => {
                    grid.answer(question, () => next);
                    if (keys[0]?.completes && questions.length === 1) grid.goOn();
                  }}
                />
              </section>
            )
          );
        })}
    </>
  );
}

/** The foot of the page while many items are shown. */
export function GridBar() {
  const session = useSession();
  const grid = gridOf(session);
  const { first, size, positions, pages, pageNumber } = grid;
  const page = new Set(grid.page.value);
  const shown = session.list.value.filter((item) => page.has(item.position));
  const open = shown.filter((item) => !isDone(item.state)).length;
  return (
    <footer class="wb-foot">
      <div class="row">
        <Button
          text="grid.prevPage"
          icon="prev"
          keys="a"
          disabled={first.value === 0}
          onPress={() => grid.turn(-1)}
        />
        <span class="wb-place num" data-testid="grid-page">
          {t("grid.page", { at: pageNumber.value, total: pages.value })}
        </span>
        <Button
          text="grid.nextPage"
          icon="next"
          keys="d"
          disabled={first.value + size.value >= positions.value.length}
          onPress={() => grid.turn(1)}
        />
        <span class="grid-counts num" data-testid="grid-counts">
          {t("grid.counts", { chosen: grid.chosen.value.size, open, shown: shown.length })}
        </span>
      </div>
      <div class="row">
        <Button text="grid.chooseOpen" keys="o" onPress={() => grid.chooseOpen()} />
        <Button text="grid.chooseAll" keys="mod+a" onPress={() => grid.chooseAll()} />
        {session.inspecting && (
          <Button
            text="verdict.pass"
            icon="check"
            kind="primary"
            keys="p"
            disabled={!session.active}
            onPress={() => grid.pass()}
          />
        )}
        <Button text="grid.leave" icon="one" keys={GRID_KEY} onPress={() => grid.leave()} />
      </div>
    </footer>
  );
}
