/* Rows of the list of regions. */

import { hiddenAll, hiddenIds, lockedIds, toggled, toggleHidden } from "../content/compare";
import type { Document } from "../core/document";
import { t, tn } from "../core/i18n";
import { lacks, type Row } from "../core/region-list";
import { describe, type RegionQuestion, reads } from "../core/regions";
import { endWords } from "../core/relations";
import { remarksOf } from "../core/remarks";
import { boxOf } from "../surfaces/canvas/geometry";
import { useSession } from "../ui/context";
import { Icon, type IconName } from "../ui/icon";

export type GroupRow = Extract<Row, { kind: "group" }>;
export type OneRow = Extract<Row, { kind: "region" }>;

export function GroupHeading({ row, onPick }: { row: GroupRow; onPick: () => void }) {
  const session = useSession();
  const chosen = session.selection.value;
  const { ids, number } = row;
  const all = ids.every((id) => chosen.has(id));
  const hidden = ids.every((id) => hiddenIds.value.has(id));
  return (
    <div
      role="presentation"
      class="region-row region-group"
      data-chosen={all || undefined}
      onClick={onPick}
    >
      <span class="truncate">{t("region.groupName", { n: number })}</span>
      <span class="num muted region-size">{tn("region.count", ids.length)}</span>
      <Mark
        icon={hidden ? "eye-off" : "eye"}
        text={hidden ? t("region.show") : t("region.hide")}
        onPress={() => {
          hiddenIds.value = toggled(hiddenIds.peek(), ids);
        }}
      />
    </div>
  );
}

interface RowProps {
  row: OneRow;
  count: number;
  document: Document;
  question: RegionQuestion;
  /** Where something is dropped now: before this row. */
  target: boolean;
  onPick: (event: MouseEvent) => void;
  drag: Record<string, unknown>;
}

export function RegionRow(props: RowProps) {
  const { row, count, document, question, target, onPick, drag } = props;
  const session = useSession();
  const { id, index } = row;
  void document.objectVersion(id).value;
  const object = document.object(question.question.questionId, id);
  if (!object) return null;
  const { text, typed, color } = describe(question.question, object);
  const { plane, line } = question.spec;
  const find = (other: string) => document.object(question.question.questionId, other);
  const ends = endWords({ question, object }, find);
  const reading = !ends && reads(question.question);
  const chosen = session.selection.value.has(id);
  const hidden = hiddenAll.value || hiddenIds.value.has(id);
  const locked = lockedIds.value.has(id);
  const remark = remarksOf(session.payload.value).get(id);
  const lacking = lacks(question.question, object);
  return (
    <div
      id={`region-${id}`}
      role="option"
      aria-selected={chosen}
      aria-setsize={count}
      aria-posinset={index + 1}
      class={`region-row${row.group === null ? "" : " region-member"}`}
      data-region={id}
      data-primary={session.selected.value === id || undefined}
      data-drop={target || undefined}
      onClick={onPick}
      {...drag}
    >
      <span class="num muted">{index + 1}</span>
      <span class="swatch" style={{ "--color": color }} />
      {ends && (
        <span class="region-ends">
          <span class="truncate">{ends.from}</span>
          <span aria-hidden="true">→</span>
          <span class={text || typed ? "truncate region-how" : "truncate region-how muted"}>
            {[text, typed].filter(Boolean).join(" · ") || t("region.unlabeled")}
          </span>
          <span aria-hidden="true">→</span>
          <span class="truncate">{ends.to}</span>
        </span>
      )}
      {line && !ends && (
        <span class={line.unit === "second" ? "num region-times" : "truncate region-words"}>
          {line.words(object)}
        </span>
      )}
      {ends ? null : reading ? (
        <>
          <span class={`truncate region-text${typed ? "" : " muted"}`}>
            {typed || t("region.noTextYet")}
          </span>
          {text && <span class="truncate muted region-said">{text}</span>}
        </>
      ) : (
        <span class={text || typed ? "truncate" : "truncate muted"}>
          {[text, typed].filter(Boolean).join(" · ") || t("region.unlabeled")}
        </span>
      )}
      {typeof object.page === "number" && (
        <span class="num muted region-page">{t("pdf.onPage", { n: object.page })}</span>
      )}
      {row.group !== null && (
        <span class="visually-hidden">{t("region.groupName", { n: row.group })}</span>
      )}
      {lacking && (
        <span class="region-lacking" title={t("region.lacking")}>
          <Icon name="warn" />
          <span class="visually-hidden">{t("region.lacking")}</span>
        </span>
      )}
      {remark && (
        <span class="region-pin" title={remark}>
          <Icon name="flag" />
          <span class="visually-hidden">{t("region.pinned", { remark })}</span>
        </span>
      )}
      {plane && !reading && (
        <span class="num muted region-size">{sizeOf(plane.geometry(object).points)}</span>
      )}
      {locked && (
        <Mark
          icon="lock"
          text={t("region.unlock")}
          onPress={() => {
            lockedIds.value = toggled(lockedIds.peek(), [id]);
          }}
        />
      )}
      <Mark
        icon={hidden ? "eye-off" : "eye"}
        text={hidden ? t("region.show") : t("region.hide")}
        onPress={() => toggleHidden(id)}
      />
    </div>
  );
}

function sizeOf(points: Parameters<typeof boxOf>[0]): string {
  const box = boxOf(points);
  return `${Math.round(box.maxX - box.minX)} × ${Math.round(box.maxY - box.minY)}`;
}

/** A sign in a row that can be pressed by mouse; keys reach the same through the row itself. */
function Mark({ icon, text, onPress }: { icon: IconName; text: string; onPress: () => void }) {
  return (
    <span
      class="region-eye"
      role="presentation"
      title={text}
      onClick={(event) => {
        event.stopPropagation();
        onPress();
      }}
    >
      <Icon name={icon} />
    </span>
  );
}
