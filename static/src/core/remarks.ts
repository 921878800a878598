/* Remarks pinned to regions: on the picture, in the list, and the keys that go from one to the next. */

import { signal } from "@preact/signals";
import { overlays, reveal } from "../content/compare";
import type { Document } from "./document";
import type { Session } from "./session";
import type { ItemPayload } from "./types";

/** Whether remarks stand on the picture. */
export const remarksShown = signal(true);

/** So much of a remark stands on the picture; the panel has all of it. */
const PLATE = 40;
const COLOR = "#d22a1e";

/** What was said of each region, the latest round last; the inspector's own word too. */
export function remarksOf(payload: ItemPayload | null): ReadonlyMap<string, string> {
  const found = new Map<string, Set<string>>();
  const all = [
    ...(payload?.previous_feedback ?? []),
    { object: payload?.feedback_object ?? "", feedback: payload?.feedback ?? "" },
  ];
  for (const { object, feedback } of all) {
    if (!object || !feedback) continue;
    found.set(object, (found.get(object) ?? new Set()).add(feedback));
  }
  return new Map([...found].map(([id, said]) => [id, [...said].join(" / ")]));
}

/** Put the remarks on the regions that are still there, or take them off. */
export function layRemarks(remarks: ReadonlyMap<string, string>, document: Document | null): void {
  const next = new Map(overlays.peek());
  for (const id of next.keys()) if (id.startsWith("remark-")) next.delete(id);
  for (const [id, feedback] of document ? remarks : []) {
    const question = document?.ownerOf(id);
    const object = question && document?.object(question, id);
    if (!document || !question || !object) continue;
    const signs = [...feedback.replace(/\s+/g, " ")];
    const cut = signs.length > PLATE ? `${signs.slice(0, PLATE - 1).join("")}…` : signs.join("");
    next.set(`remark-${id}`, {
      results: [document.element(question, [{ ...object, labels: {} }])],
      color: COLOR,
      mark: `⚑ ${cut}`,
      line: -1,
    });
  }
  overlays.value = next;
}

/** Choose the next region with a remark, looking round. */
export function stepRemark(session: Session): void {
  const document = session.sheet.peek()?.document;
  const ids = [...remarksOf(session.payload.peek()).keys()].filter((id) => document?.ownerOf(id));
  const at = ids.indexOf(session.selected.peek() ?? "");
  const next = ids[(at + 1) % ids.length];
  if (next === undefined) return;
  session.selected.value = next;
  reveal(next);
}
