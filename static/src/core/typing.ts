/* Texts of regions: going from one region's text to the next without leaving the keyboard. */

import { signal } from "@preact/signals";
import { reveal } from "../content/compare";
import { say } from "./flow";
import { t } from "./i18n";
import { selectedRegion } from "./region-actions";
import { reads, regionQuestions } from "./regions";
import type { Session } from "./session";

/** The text of the chosen region shall be typed as soon as its field is there, which then takes this back. */
export const typing = signal(false);

/** How many lists on the stage have such fields: they take it, before the panel beside. */
export const typingHere = signal(0);

/** Type the text of the chosen region; without one, of the first that there is. */
export function editText(session: Session): void {
  if (session.frozen.peek() !== null) return;
  const region = selectedRegion(session);
  const id =
    region && reads(region.question.question) ? region.object.id : (readable(session)[0] ?? null);
  if (id === null) {
    say(session, t("region.noText"), "warn");
    return;
  }
  session.selected.value = id;
  reveal(id);
  typing.value = true;
}

/** On to the text of the region `by` places on; false at the end of them. */
export function stepText(session: Session, by: 1 | -1): boolean {
  const ids = readable(session);
  const next = ids[ids.indexOf(session.selected.peek() ?? "") + by];
  if (next === undefined || session.selected.peek() === null) return false;
  session.selected.value = next;
  reveal(next);
  typing.value = true;
  return true;
}

function readable(session: Session): string[] {
  const document = session.sheet.peek()?.document;
  if (!document) return [];
  return regionQuestions(session.template.questions)
    .filter(({ question }) => reads(question))
    .flatMap(({ question }) => document.objects(question.questionId).ids);
}
