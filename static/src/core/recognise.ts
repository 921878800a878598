/* Has the server read what stands in a region, where it has something that can. */

import { signal } from "@preact/signals";
import { failed } from "./actions";
import { request } from "./api";
import { changeable } from "./chosen";
import { say } from "./flow";
import { t, tn } from "./i18n";
import { setObject } from "./oplog";
import { type Region, selectedRegion } from "./region-actions";
import { reads, withLabel } from "./regions";
import { topic } from "./registry";
import type { Session } from "./session";

/** How many regions are still being read. */
export const recognising = signal(0);

/** Why nothing can be recognised, or "". */
export function whyNotRecognise(session: Session): string {
  const { recogniser } = session.boot;
  if (session.assignment.id === null) return t("recognise.notHere");
  // What lies on pages has a text of its own, which is taken without reading anything.
  if (selectedRegion(session)?.question.spec.picture) return t("recognise.pages");
  return recogniser?.why ?? "";
}

/** Put what the server reads in the chosen regions into their texts: one step of undo. */
export async function recogniseChosen(session: Session): Promise<void> {
  const why = whyNotRecognise(session);
  if (why) {
    say(session, why, "warn");
    return;
  }
  const sheet = session.sheet.peek();
  const regions = changeable(session).filter(({ question }) => reads(question.question));
  if (!sheet || regions.length === 0 || recognising.peek() > 0) return;
  const texts = new Map<Region, string>();
  recognising.value = regions.length;
  for (const region of regions) {
    const { question, object } = region;
    const geometry = question.spec.plane?.geometry(object);
    if (!geometry) continue;
    const { kind, points } = geometry;
    const outcome = await request<{ text: string }>(
      `${session.assignment.api}/items/${sheet.position}/recognise`,
      {
        method: "POST",
        body: { question: question.question.questionId, shape: kind, points },
      },
    );
    if (outcome.kind !== "ok") {
      recognising.value = 0;
      if (outcome.kind === "signin") session.outbox.signedOut();
      say(session, failed(outcome).message, "bad");
      break;
    }
    recognising.value--;
    texts.set(region, outcome.body.text);
  }
  // Meanwhile the person may have gone on to another item.
  if (session.sheet.peek() !== sheet || session.frozen.peek() !== null) return;
  const { document } = sheet;
  const ops = [...texts].flatMap(([{ question, object }, text]) => {
    const { questionId, children } = question.question;
    const now = document.object(questionId, object.id);
    const child = (children ?? []).find((one) => topic(one.type)?.value?.typed);
    if (!now || !child || text === "") return [];
    const labels = withLabel(now.labels, child.questionId, text);
    return [setObject(document, questionId, object.id, { ...now, labels })];
  });
  session.commit(ops);
  if (texts.size === regions.length) {
    if (ops.length === 0) say(session, t("recognise.nothing"), "warn");
    else say(session, tn("recognise.done", ops.length));
  }
}
