/* Where the chosen region lies, as numbers. */

import { useMemo } from "preact/hooks";
import { lockedIds } from "../content/compare";
import type { Document } from "../core/document";
import { t } from "../core/i18n";
import { placeInTime } from "../core/line-edits";
import { placeOf, placeRegion } from "../core/region-actions";
import { type RegionQuestion, regionQuestions } from "../core/regions";
import type { Range } from "../core/registry";
import type { Obj } from "../core/types";
import { microseconds } from "../surfaces/timeline/view";
import { useSession } from "../ui/context";
import { PlaceNumbers } from "../ui/place-numbers";
import { TimeField } from "../ui/time-field";

/** Place and size of the chosen region, below the lists, where they never scroll away. */
export function RegionPlace() {
  const session = useSession();
  const questions = useMemo(() => regionQuestions(session.template.questions), [session]);
  const document = session.sheet.value?.document;
  const selected = session.selected.value;
  if (!document || selected === null || session.selection.value.size > 1) return null;
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
  const { line } = question.spec;
  if (line?.unit === "second") {
    const range = line.range(object);
    return range && <InTime range={range} frozen={frozen || lockedIds.value.has(id)} />;
  }
  const geometry = question.spec.plane?.geometry(object);
  // Masks are painted, not placed.
  if (!geometry || geometry.mask) return null;
  const place = placeOf(geometry);
  const fixed = frozen || lockedIds.value.has(id);
  return (
    <PlaceNumbers
      legend="region.place"
      place={place}
      frozen={fixed}
      fixed
      onPlace={(wanted) => placeRegion(session, wanted)}
    />
  );
}

/** From when to when, and how long. */
function InTime({ range, frozen }: { range: Range; frozen: boolean }) {
  const session = useSession();
  const { start, end } = range;
  const put = (next: { start: number; end: number }) => placeInTime(session, { ...range, ...next });
  return (
    <fieldset class="numbers numbers-time" disabled={frozen}>
      <legend class="visually-hidden">{t("segment.place")}</legend>
      <TimeField label="segment.start" seconds={start} onPlace={(to) => put({ start: to, end })} />
      <TimeField label="segment.end" seconds={end} onPlace={(to) => put({ start, end: to })} />
      <TimeField
        label="segment.length"
        seconds={microseconds(end - start)}
        onPlace={(length) => put({ start, end: start + length })}
      />
    </fieldset>
  );
}
