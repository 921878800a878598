/* The list of regions: the equivalent of the canvas for people who do not see it or use no mouse. */

import { useMemo } from "preact/hooks";
import { hiddenAll, hiddenIds, revealed, toggleHidden } from "../content/compare";
import type { Document } from "../core/document";
import { t, tn } from "../core/i18n";
import { deleteRegion, placeRegion, selectStep } from "../core/region-actions";
import { describe, type RegionQuestion, regionQuestions } from "../core/regions";
import type { Obj } from "../core/types";
import { boxOf } from "../surfaces/canvas/geometry";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { Icon } from "../ui/icon";
import { VirtualList } from "../ui/virtual-list";

const ROW = 34;

export function Regions() {
  const session = useSession();
  const questions = useMemo(() => regionQuestions(session.template.questions), [session]);
  const document = session.sheet.value?.document;
  if (questions.length === 0 || !document) return null;
  return (
    <>
      {questions.map((question) => (
        <RegionList key={question.question.questionId} document={document} question={question} />
      ))}
    </>
  );
}

function RegionList({ document, question }: { document: Document; question: RegionQuestion }) {
  const session = useSession();
  const { questionId } = question.question;
  void document.questionVersion(questionId).value;
  const { ids } = document.objects(questionId);
  const selected = session.selected.value;
  const active = selected === null ? -1 : ids.indexOf(selected);
  const frozen = session.frozen.value !== null;
  const onKey = (event: KeyboardEvent) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by === 0 || event.altKey || event.shiftKey || event.ctrlKey) return;
    event.preventDefault();
    // In the list the arrows walk through it; on the canvas they move the region.
    event.stopPropagation();
    selectStep(session, by);
    if (session.selected.peek()) revealed.peek()(session.selected.peek() as string);
  };
  return (
    <section class="panel panel-grow">
      <h2 class="panel-title">
        {tn("region.count", ids.length)}
        {frozen ? null : (
          <span class="panel-tools">
            <Button
              text="region.delete"
              icon="trash"
              quiet
              kind="quiet"
              keys="Delete"
              disabled={active < 0}
              onPress={() => deleteRegion(session)}
            />
          </span>
        )}
      </h2>
      {ids.length === 0 ? (
        <p class="panel-empty">{frozen ? t("region.noneRead") : t("region.none")}</p>
      ) : (
        <VirtualList
          count={ids.length}
          rowHeight={ROW}
          active={active}
          role="listbox"
          label={t("region.list", { title: question.question.markTitle })}
          class="region-list"
          activeId={selected && active >= 0 ? `region-${selected}` : undefined}
          onFocusKey={onKey}
          row={(index) => {
            const id = ids[index];
            return id === undefined ? null : (
              <RegionRow
                key={id}
                id={id}
                index={index}
                count={ids.length}
                document={document}
                question={question}
              />
            );
          }}
        />
      )}
    </section>
  );
}

interface RowProps {
  id: string;
  index: number;
  count: number;
  document: Document;
  question: RegionQuestion;
}

function RegionRow({ id, index, count, document, question }: RowProps) {
  const session = useSession();
  void document.objectVersion(id).value;
  const object = document.object(question.question.questionId, id);
  if (!object) return null;
  const { text, color } = describe(question.question, object);
  const box = boxOf(question.spec.geometry(object).points);
  const size = `${Math.round(box.maxX - box.minX)} × ${Math.round(box.maxY - box.minY)}`;
  const selected = session.selected.value === id;
  const hidden = hiddenAll.value || hiddenIds.value.has(id);
  const payload = session.payload.value;
  const pinned =
    payload?.feedback_object === id ||
    payload?.previous_feedback.some((said) => said.object === id) === true;
  return (
    <div
      id={`region-${id}`}
      role="option"
      aria-selected={selected}
      aria-setsize={count}
      aria-posinset={index + 1}
      class="region-row"
      data-region={id}
      onClick={() => {
        session.selected.value = id;
        revealed.peek()(id);
      }}
    >
      <span class="num muted">{index + 1}</span>
      <span class="swatch" style={{ "--color": color }} />
      <span class={text ? "truncate" : "truncate muted"}>{text || t("region.unlabeled")}</span>
      {pinned && (
        <span class="region-pin" title={t("region.pinned")}>
          <Icon name="flag" />
        </span>
      )}
      <span class="num muted region-size">{size}</span>
      <span
        class="region-eye"
        role="presentation"
        title={hidden ? t("region.show") : t("region.hide")}
        onClick={(event) => {
          event.stopPropagation();
          toggleHidden(id);
        }}
      >
        <Icon name={hidden ? "eye-off" : "eye"} />
      </span>
    </div>
  );
}

/** Place and size of the chosen region, below the lists, where they never scroll away. */
export function RegionPlace() {
  const session = useSession();
  const questions = useMemo(() => regionQuestions(session.template.questions), [session]);
  const document = session.sheet.value?.document;
  const selected = session.selected.value;
  if (!document || selected === null) return null;
  void document.changed.value;
  const owner = document.ownerOf(selected);
  const question = questions.find((one) => one.question.questionId === owner);
  if (!question) return null;
  const frozen = session.frozen.value !== null;
  return (
    <div class="side-foot">
      <Numbers key={selected} document={document} question={question} frozen={frozen} />
    </div>
  );
}

const SIDES = ["x", "y", "width", "height"] as const;

/** Place and size of the chosen region as numbers: the way to change it without any dragging. */
function Numbers({
  document,
  question,
  frozen,
}: {
  document: Document;
  question: RegionQuestion;
  frozen: boolean;
}) {
  const session = useSession();
  const id = session.selected.value;
  if (id === null) return null;
  void document.objectVersion(id).value;
  const object: Obj | null = document.object(question.question.questionId, id);
  if (!object) return null;
  const found = boxOf(question.spec.geometry(object).points);
  const box = {
    x: found.minX,
    y: found.minY,
    width: found.maxX - found.minX,
    height: found.maxY - found.minY,
  };
  return (
    <fieldset class="numbers" disabled={frozen}>
      <legend class="visually-hidden">{t("region.place")}</legend>
      {SIDES.map((side) => (
        <label key={side}>
          <span>{t(`region.${side}`)}</span>
          <input
            type="number"
            step="any"
            min={0}
            value={Math.round(box[side] * 100) / 100}
            onChange={(event) => {
              const value = event.currentTarget.valueAsNumber;
              if (Number.isFinite(value)) placeRegion(session, { ...box, [side]: value });
            }}
          />
        </label>
      ))}
    </fieldset>
  );
}
