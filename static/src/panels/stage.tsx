/* The stage: the item's views, and questions among them, in rows of cells whose borders can be moved. */

import { Fragment } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { hoverView, isInUse, mountView, takeKeys, viewCount } from "../core/focus-view";
import { t } from "../core/i18n";
import {
  type Block,
  type Cell,
  keptShares,
  movedBorder,
  type Row,
  rowsOf,
  shownViews,
} from "../core/layout";
import { orderOf } from "../core/ranking";
import { answerOf, content, topic } from "../core/registry";
import { settings } from "../core/settings";
import type { View } from "../core/types";
import { useSession } from "../ui/context";
import { PlacedQuestion } from "./questions";

export function Stage() {
  const session = useSession();
  const rows = rowsOf(session.template);
  const name = `${session.assignment.job.id}`;
  const usual = rows.map(({ height }) => height ?? 0);
  const shares = keptShares(settings.shares.value[name], usual);
  return (
    <div class="stage-rows">
      {rows.map((row, at) => (
        <Fragment key={at}>
          {at > 0 && usual[at] !== 0 && usual[at - 1] !== 0 && (
            <Border name={name} shares={shares} at={at - 1} kind="row" />
          )}
          <StageRow name={`${name}/${at}`} row={row} share={shares[at] ?? 0} />
        </Fragment>
      ))}
    </div>
  );
}

function StageRow({ name, row, share }: { name: string; row: Row; share: number }) {
  const usual = row.cells.map(({ width }) => width);
  const shares = keptShares(settings.shares.value[name], usual);
  return (
    <div class="stage-row" data-auto={share === 0 || undefined} style={{ "--share": share }}>
      {row.cells.map((cell, at) => (
        <Fragment key={at}>
          {at > 0 && <Border name={name} shares={shares} at={at - 1} kind="cell" />}
          <StageCell cell={cell} share={shares[at] ?? 1} />
        </Fragment>
      ))}
    </div>
  );
}

function StageCell({ cell, share }: { cell: Cell; share: number }) {
  const seen = cell.blocks.some(({ kind }) => kind === "view");
  return (
    <div class="stage-cell" data-views={seen || undefined} style={{ "--share": share }}>
      {cell.blocks.map((block) => (
        <StageBlock key={nameOf(block)} block={block} />
      ))}
    </div>
  );
}

function nameOf(block: Block): string {
  return block.kind === "view" ? `v/${block.view.bindField}` : `q/${block.question.questionId}`;
}

function StageBlock({ block }: { block: Block }) {
  if (block.kind === "view") return <StageView view={block.view} />;
  return (
    <div class="stage-question" data-stop>
      <PlacedQuestion question={block.question} />
    </div>
  );
}

/** Tells where the pointer and the focus are. */
function usedBy(view: string, editor: boolean) {
  return {
    onPointerDown: () => takeKeys(view, editor),
    onFocusIn: () => takeKeys(view, editor),
    onPointerMove: () => hoverView(view, true, editor),
    onPointerLeave: () => hoverView(view, false, editor),
  };
}

function StageView({ view }: { view: View }) {
  const session = useSession();
  const { bindField } = view;
  useLayoutEffect(() => mountView(bindField), [bindField]);
  const component = content(view.type);
  const shown = shownViews(session.template);
  const docks = session.template.questions.filter(
    (question) =>
      topic(question.type)?.Dock &&
      (shown.find((one) => one.bindField === question.view) ?? shown[0])?.bindField === bindField,
  );
  const marked = viewCount.value > 1 && isInUse(view);
  return (
    <div class="stage-work">
      <section
        class="stage-view"
        aria-label={view.title || undefined}
        data-view={bindField}
        data-stop
        data-in-use={marked || undefined}
        {...usedBy(bindField, false)}
      >
        <ViewTitle view={view} />
        {component ? (
          <component.Surface view={view} />
        ) : (
          <p class="stage-message" role="alert">
            {t("content.unknown", { type: view.type })}
          </p>
        )}
      </section>
      {docks.map((question) => {
        const Dock = topic(question.type)?.Dock;
        return (
          Dock && (
            <div
              key={question.questionId}
              class="stage-dock"
              data-stop
              {...usedBy(bindField, true)}
            >
              <Dock question={question} />
            </div>
          )
        );
      })}
    </div>
  );
}

/** The view's title, and its place in every order of which it is a content. */
function ViewTitle({ view }: { view: View }) {
  const session = useSession();
  const document = session.sheet.value?.document;
  if (!view.title) return null;
  const places = session.template.questions.flatMap((question) => {
    const key = Object.entries(question.contents ?? {}).find(
      ([, to]) => to === view.bindField,
    )?.[0];
    if (key === undefined || !document) return [];
    void document.questionVersion(question.questionId).value;
    const order = orderOf(question, answerOf(document.value(question.questionId)));
    const label = question.options?.find((option) => option.key === key)?.label ?? key;
    return [{ id: question.questionId, label, place: order ? order.indexOf(key) + 1 : null }];
  });
  return (
    <h2 class="stage-title">
      {view.title}
      {places.map(({ id, label, place }) => (
        <span key={id} class="stage-rank">
          {label !== view.title && <span>{label}</span>}
          {place !== null && (
            <span class="option-rank" title={t("ranking.place")}>
              {place}
            </span>
          )}
        </span>
      ))}
    </h2>
  );
}

interface BorderProps {
  name: string;
  shares: readonly number[];
  at: number;
  kind: "row" | "cell";
}

/** So much of the whole a key moves a border. */
const STEP = 0.02;
/** The sizes of so many rows are kept. */
const KEPT = 60;

/** Between two cells, or two rows: dragged, moved by the arrow keys, put back by a double click or Enter. */
export function Border({ name, shares, at, kind }: BorderProps) {
  const from = useRef<{ place: number; shares: readonly number[]; whole: number } | null>(null);
  const across = kind === "cell";
  const put = (next: readonly number[] | null) => {
    const { [name]: _, ...rest } = settings.shares.peek();
    const kept = Object.entries(rest).slice(1 - KEPT);
    settings.shares.value = Object.fromEntries(next ? [...kept, [name, next]] : kept);
  };
  const placeOf = (event: PointerEvent) => (across ? event.clientX : event.clientY);
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const [less, more] = across ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    if (event.key === less) put(movedBorder(shares, at, -STEP));
    else if (event.key === more) put(movedBorder(shares, at, STEP));
    else if (event.key === "Enter") put(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const whole = shares.reduce((sum, one) => sum + one, 0);
  return (
    <div
      class="stage-border"
      role="separator"
      tabIndex={0}
      data-kind={kind}
      aria-label={t(across ? "stage.border" : "stage.borderRows")}
      aria-orientation={across ? "vertical" : "horizontal"}
      aria-valuenow={Math.round((100 * (shares[at] ?? 0)) / whole)}
      title={t("stage.borderHelp")}
      onKeyDown={onKey}
      onDblClick={() => put(null)}
      onPointerDown={(event) => {
        const host = event.currentTarget.parentElement as HTMLElement;
        const whole = across ? host.clientWidth : host.clientHeight;
        from.current = { place: placeOf(event), shares, whole: Math.max(1, whole) };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        const start = from.current;
        if (start) put(movedBorder(start.shares, at, (placeOf(event) - start.place) / start.whole));
      }}
      onPointerUp={() => {
        from.current = null;
      }}
      onPointerCancel={() => {
        from.current = null;
      }}
    />
  );
}
