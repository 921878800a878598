/* Which regions the list shows. */

import { flatOptions } from "../core/hotkeys";
import { t, tryText } from "../core/i18n";
import { facetOf, type Wish } from "../core/region-list";
import type { Question } from "../core/types";

interface Props {
  question: Question;
  wish: Wish;
  onWish: (wish: Wish) => void;
  /** Out of the field and into the list. */
  onLeave: () => void;
}

export function RegionFilter({ question, wish, onWish, onLeave }: Props) {
  const children = (question.children ?? []).filter((child) => child.options);
  const kinds = question.shapes ?? [];
  return (
    <div class="region-filter" role="search" aria-label={t("region.filter")}>
      <input
        type="search"
        aria-label={t("region.filterWords")}
        placeholder={t("region.filterWords")}
        aria-keyshortcuts="/"
        data-region-words
        value={wish.words}
        onInput={(event) => onWish({ ...wish, words: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.isComposing || event.keyCode === 229) return;
          if (event.key === "Escape") onWish({ ...wish, words: "" });
          if (event.key === "Escape" || event.key === "Enter" || event.key === "ArrowDown") {
            event.preventDefault();
            event.stopPropagation();
            onLeave();
          }
        }}
      />
      <select
        aria-label={t("region.filterKind")}
        value={wish.facet}
        onChange={(event) => onWish({ ...wish, facet: event.currentTarget.value })}
      >
        <option value="">{t("region.filterAll")}</option>
        {children.map((child) => (
          <optgroup key={child.questionId} label={child.markTitle}>
            {flatOptions(child.options).map((option) => (
              <option key={option.key} value={facetOf("label", child.questionId, option.key)}>
                {option.label}
              </option>
            ))}
          </optgroup>
        ))}
        {kinds.length > 1 && (
          <optgroup label={t("region.filterShapes")}>
            {kinds.map((kind) => (
              <option key={kind} value={facetOf("kind", kind)}>
                {kindName(kind)}
              </option>
            ))}
          </optgroup>
        )}
        <optgroup label={t("region.filterStates")}>
          <option value="lacking">{t("region.lacking")}</option>
          <option value="locked">{t("region.locked")}</option>
          <option value="hidden">{t("region.hidden")}</option>
        </optgroup>
      </select>
    </div>
  );
}

export function kindName(kind: string): string {
  return tryText(`shape.${kind}`, kind);
}
