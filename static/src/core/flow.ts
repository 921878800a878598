/* One key, one step of work: answer or judge, then on to the next item. */

import { openDialog } from "./dialogs";
import { FILTERS, type Filter } from "./filters";
import { t } from "./i18n";
import { setElement } from "./oplog";
import { problemsOf } from "./problems";
import { answerOf, elementOf, topic } from "./registry";
import type { Session } from "./session";
import { settings } from "./settings";
import type { ItemPayload, Question, Verb } from "./types";

export function say(session: Session, text: string, kind: "ok" | "warn" | "bad" = "ok"): void {
  session.toast.value = { text, kind };
}

/** The next or former item; at an end it is said. */
export function stepOrSay(session: Session, by: 1 | -1): void {
  if (session.step(by)) return;
  say(session, t(by > 0 ? "item.last" : "item.first"), "warn");
}

/** Open the next item of a kind, looking round; where there is none, it is said. */
export function jump(session: Session, filter: Filter): void {
  const next = session.next(filter);
  if (next) void session.goTo(next.position);
  else say(session, t(FILTERS.find(({ name }) => name === filter)?.none ?? "item.last"), "warn");
}

/** Do it if it may be done, else say why not. */
export function may(session: Session, verb: Verb, run: () => void): void {
  const { allowed, why } = session.desk.may(verb);
  if (allowed) run();
  else if (why) say(session, why, "warn");
}

/** Why the open item cannot be passed as it is, or "". */
export function whyNotPass(payload: ItemPayload | null): string {
  return payload?.disputed && payload.verdict !== "modified" ? t("votes.noPass") : "";
}

/** On to the next item in order; after the last one to what is still open, else to handing in. */
function onward(session: Session): void {
  if (!session.inspecting && session.step(1)) return;
  const open = session.nextOpen();
  if (open) void session.goTo(open.position);
  else if (session.mode !== "read") {
    // What cannot be handed in, as a package of a lot, ends with the reason instead.
    const { why } = session.desk.may("submit");
    if (why) say(session, `${t("item.allDone")} ${why}`);
    else openDialog.value = "submit";
  } else stepOrSay(session, 1);
}

/** The answer is right as it stands; what is missing is said instead. */
export function confirmAndNext(session: Session): void {
  const sheet = session.sheet.peek();
  if (!sheet) return;
  if (session.frozen.peek() === null && sheet.payload.peek().state === "open") {
    const problem = problemsOf(sheet.document, session.template.questions)[0];
    if (problem) {
      if (problem.object) session.selected.value = problem.object;
      say(session, problem.message, "bad");
      return;
    }
    session.confirm();
  }
  onward(session);
}

/** Pass the open item unless it has a verdict of the inspector's own making, then go on. */
export function passAndNext(session: Session): void {
  const verdict = session.payload.peek()?.verdict;
  if (!session.active) return;
  const why = whyNotPass(session.payload.peek());
  if (why) {
    say(session, why, "warn");
    return;
  }
  if (verdict !== "modified" && verdict !== "passed") session.verb("pass");
  onward(session);
}

export function rejectAndNext(session: Session, body: Record<string, unknown>): void {
  session.verb("reject", body);
  onward(session);
}

export function abandonAndNext(session: Session, reason: string): void {
  session.verb("abandon", { reason });
  onward(session);
}

/** Answer a question of the whole item. */
export function answer(
  session: Session,
  question: Question,
  value: unknown,
  group: string | null = null,
): void {
  const document = session.sheet.peek()?.document;
  const spec = topic(question.type)?.value;
  if (!document || !spec) return;
  const next = elementOf(question, spec, value);
  session.commit([setElement(document, question.questionId, next)], group);
}

/** What an option's key or button does; with a single question it may go on at once, if the person likes that. */
export function pickOption(
  session: Session,
  question: Question,
  apply: (value: unknown) => unknown,
  completes: boolean,
): void {
  const document = session.sheet.peek()?.document;
  if (!document || session.frozen.peek() !== null) return;
  const value = apply(answerOf(document.value(question.questionId)));
  answer(session, question, value);
  if (completes && value !== null && goesOn(session)) onward(session);
}

/** Whether choosing an option may open the next item: one question, one choice, and the person wants it. */
export function goesOn(session: Session): boolean {
  return (
    settings.autoNext.peek() &&
    session.mode === "labeling" &&
    session.template.questions.length === 1
  );
}
