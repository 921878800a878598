/* Texts of regions: going from one region's text to the next without leaving the keyboard. */

import { signal } from "@preact/signals";
import { revealed } from "../content/compare";
import { say } from "./flow";
import { t } from "./i18n";
import { selectedRegion } from "./region-actions";
import { reads, regionQuestions } from "./regions";
import type { Session } from "./session";

/** Grows whenever the text of the chosen region shall be typed next. */
export const typing = signal(0);

/** Type the text of the chosen region; without one, of the first that there is. */
export function editText(session: Session): void {
  if (session.frozen.peek() !== null) return;
  const region = selectedRegion(session);
  if (!region || !reads(region.question.question)) {
    const first = readable(session)[0];
    if (first === undefined) {
      say(session, t("region.noText"), "warn");
      return;
    }
    session.selected.value = first;
    revealed.peek()(first);
  }
  typing.value++;
}

/** On to the text of the region `by` places on; false at the end of them. */
export function stepText(session: Session, by: 1 | -1): boolean {
  const ids = readable(session);
  const next = ids[ids.indexOf(session.selected.peek() ?? "") + by];
  if (next === undefined || session.selected.peek() === null) return false;
  session.selected.value = next;
  revealed.peek()(next);
  typing.value++;
  return true;
}

function readable(session: Session): string[] {
  const document = session.sheet.peek()?.document;
  if (!document) return [];
  return regionQuestions(session.template.questions)
    .filter(({ question }) => reads(question))
    .flatMap(({ question }) => document.objects(question.questionId).ids);
}
