/* The parts where they stand: the stage with its rows and cells, and the questions at the side. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t, tn } from "../core/i18n";
import type { Option } from "../core/types";
import { Icon } from "../ui/icon";
import { useDesigner } from "./context";
import { heighten, place, type Target, widen } from "./edits";
import { lookOf, mayNest, nestsOf } from "./kinds";
import { atSide, type Nest, type Part, partOf, type QuestionPart, type Row } from "./model";
import { flat } from "./paste";

export function Board() {
  const designer = useDesigner();
  const draft = designer.draft.value;
  return (
    <div class="ds-board">
      <section class="ds-stage" aria-labelledby="ds-stage">
        <h2 id="ds-stage">{t("designer.stage")}</h2>
        <Drop
          target={{ at: "row", before: draft.rows[0]?.uid ?? null }}
          wide={draft.rows.length === 0}
        >
          {draft.rows.length === 0 ? t("designer.stage.empty") : null}
        </Drop>
        {draft.rows.map((row, at) => (
          <StageRow key={row.uid} row={row} at={at} next={draft.rows[at + 1]?.uid ?? null} />
        ))}
      </section>
      <section class="ds-side" aria-labelledby="ds-side">
        <h2 id="ds-side">{t("designer.side")}</h2>
        <Level parts={atSide(draft)} targetOf={(before) => ({ at: "side", before })}>
          {t("designer.side.empty")}
        </Level>
      </section>
    </div>
  );
}

function StageRow({ row, at, next }: { row: Row; at: number; next: string | null }) {
  const designer = useDesigner();
  const draft = designer.draft.value;
  const disabled = designer.frozen !== "";
  return (
    <>
      <div class="ds-row">
        <div class="ds-row-head">
          <span>{t("designer.row", { n: at + 1 })}</span>
          <label>
            {t("designer.height")}
            <select
              value={row.height === null ? "" : String(row.height)}
              disabled={disabled}
              onChange={(event) => {
                const { value } = event.currentTarget;
                designer.change(heighten(draft, at, value === "" ? null : Number(value)));
              }}
            >
              <option value="">{t("designer.height.auto")}</option>
              {Array.from({ length: 12 }, (_, n) => (
                <option key={n} value={String(n + 1)}>
                  {n + 1}
                </option>
              ))}
            </select>
          </label>
        </div>
        <div class="ds-cells">
          <Drop target={{ at: "new-cell", row: row.uid, cell: 0 }} upright />
          {row.cells.map((cell, index) => (
            <>
              <div key={cell.blocks.join()} class="ds-cell" style={{ flexGrow: cell.width }}>
                {row.cells.length > 1 && (
                  <label class="ds-width">
                    {t("designer.width")}
                    <input
                      type="number"
                      min={1}
                      max={12}
                      value={cell.width}
                      disabled={disabled}
                      onChange={(event) => {
                        const width = Number(event.currentTarget.value);
                        if (Number.isInteger(width)) {
                          designer.change(widen(draft, at, index, width));
                        }
                      }}
                    />
                  </label>
                )}
                {cell.blocks.map((block) => {
                  const part = partOf(draft, block);
                  const target: Target = { at: "cell", row: row.uid, cell: index, before: block };
                  return part ? (
                    <div key={block}>
                      <Drop target={target} />
                      <PartCard part={part} />
                    </div>
                  ) : null;
                })}
                <Drop target={{ at: "cell", row: row.uid, cell: index, before: null }} />
              </div>
              <Drop
                key={`after-${cell.blocks.join()}`}
                target={{ at: "new-cell", row: row.uid, cell: index + 1 }}
                upright
              />
            </>
          ))}
        </div>
      </div>
      <Drop target={{ at: "row", before: next }} />
    </>
  );
}

/** Questions one below the other, with places between them. */
function Level({
  parts,
  targetOf,
  children,
}: {
  parts: readonly QuestionPart[];
  targetOf: (before: string | null) => Target;
  children?: ComponentChildren;
}) {
  return (
    <div class="ds-level">
      {parts.map((part) => (
        <div key={part.uid}>
          <Drop target={targetOf(part.uid)} />
          <PartCard part={part} />
        </div>
      ))}
      <Drop target={targetOf(null)} wide={parts.length === 0}>
        {parts.length === 0 ? children : null}
      </Drop>
    </div>
  );
}

export function PartCard({ part }: { part: Part }) {
  const designer = useDesigner();
  const look = lookOf(part);
  const chosen = designer.chosen.value === part.uid;
  const wrong = designer.faults.value.filter((one) => one.uid === part.uid);
  const frozen = designer.frozen !== "";
  const title = nameOf(part);
  return (
    <div class="ds-card" data-chosen={chosen} data-wrong={wrong.length > 0} data-kind={part.kind}>
      <button
        type="button"
        class="ds-part"
        aria-pressed={chosen}
        draggable={!frozen}
        data-part={part.uid}
        onClick={() => {
          designer.chosen.value = part.uid;
        }}
        onDragStart={(event) => {
          event.dataTransfer?.setData("text/plain", title);
          designer.dragged.value = part;
        }}
        onDragEnd={() => {
          designer.dragged.value = null;
        }}
      >
        <Icon name={look.icon} />
        <span class="ds-name">
          <strong>{title || "–"}</strong>
          <small>
            {t(look.text)}
            {part.kind === "question" && part.config.mustFill ? ` · ${t("designer.required")}` : ""}
            {part.kind === "question" && part.config.selectGroup
              ? ` · ${t("designer.alternative")}`
              : ""}
            {part.kind === "question" && part.showIf ? ` · ${t("designer.conditional")}` : ""}
            {part.kind === "view" && part.config.hide ? ` · ${t("designer.hidden")}` : ""}
            {part.kind === "question" && Array.isArray(part.config.options)
              ? ` · ${tn("designer.options", flat(part.config.options as Option[]).length)}`
              : ""}
          </small>
        </span>
        {wrong.length > 0 && (
          <span class="ds-mark" role="img" aria-label={tn("designer.faults", wrong.length)}>
            <Icon name="warn" />
          </span>
        )}
      </button>
      {part.kind === "question" &&
        nestsOf(designer.boot, part).map((nest) => <Inside key={nest} part={part} nest={nest} />)}
    </div>
  );
}

function Inside({ part, nest }: { part: QuestionPart; nest: Nest }) {
  return (
    <div class="ds-nest">
      <p>{t(`designer.nest.${nest}`)}</p>
      <Level
        parts={part.nests[nest]}
        targetOf={(before) => ({ at: "nest", parent: part.uid, nest, before })}
      >
        {t("designer.nest.empty")}
      </Level>
    </div>
  );
}

/** What people know the part by. */
export function nameOf(part: Part): string {
  const { config } = part;
  const name = part.kind === "view" ? config.title || config.bindField : config.markTitle;
  return typeof name === "string" ? name : "";
}

/** A place that a part can be dropped on. */
function Drop({
  target,
  wide,
  upright,
  children,
}: {
  target: Target;
  wide?: boolean;
  upright?: boolean;
  children?: ComponentChildren;
}) {
  const designer = useDesigner();
  const [over, setOver] = useState(false);
  const part = designer.dragged.value;
  const takes =
    part !== null &&
    (target.at === "nest"
      ? mayNest(designer.boot, part)
      : target.at !== "side" || part.kind === "question");
  return (
    <div
      class={`ds-drop${upright ? " upright" : ""}${wide ? " wide" : ""}`}
      data-active={takes}
      data-over={takes && over}
      data-drop={target.at}
      onDragOver={(event) => {
        if (!takes) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        if (!takes || !part) return;
        event.preventDefault();
        event.stopPropagation();
        designer.dragged.value = null;
        designer.change(place(designer.draft.peek(), part, target));
        designer.chosen.value = part.uid;
      }}
    >
      {children}
    </div>
  );
}
