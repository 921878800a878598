/* Several people's answers to one item, compared by whoever decides between them. */

import { toggleOverlay } from "../content/compare";
import { say } from "./flow";
import { t } from "./i18n";
import { topic } from "./registry";
import type { Session } from "./session";
import type { Element, Question, Vote } from "./types";

/** Colours of the voters on a picture, told apart also by people who do not see all colours alike. */
const COLORS = ["#e69f00", "#56b4e9", "#cc79a7", "#009e73", "#f0e442", "#d55e00", "#0072b2"];

export function voteColor(voter: number): string {
  return COLORS[(voter - 1) % COLORS.length] as string;
}

export function overlayId(voter: number): string {
  return `vote-${voter}`;
}

function voteOf(session: Session, voter: number): Vote | null {
  return session.payload.peek()?.votes?.find((vote) => vote.voter === voter) ?? null;
}

/** Lay a vote's regions over the picture, or take them off. */
export function showVote(session: Session, voter: number): void {
  const vote = voteOf(session, voter);
  if (!vote) return;
  const { results } = vote;
  toggleOverlay(overlayId(voter), { results, color: voteColor(voter), mark: String(voter) });
}

export function adoptVote(session: Session, voter: number): void {
  if (!voteOf(session, voter)) return;
  session.adopt(voter);
  say(session, t("votes.adopted", { n: voter }));
}

/** Whether the vote is the answer: as it stands where the inspector changed it, else as the votes were merged. */
export function isAdopted(
  vote: Vote,
  changed: readonly Element[] | null,
  ordered: Ordered = NONE,
): boolean {
  if (changed === null) return vote.adopted;
  const said = (results: readonly Element[]) =>
    new Map(results.map((element) => [element.questionId, comparable(element, ordered)]));
  const now = said(changed);
  // The answer may say more: what this voter was not asked.
  return [...said(vote.results)].every(([question, text]) => now.get(question) === text);
}

/** The questions in which the votes do not all say the same. */
export function disagreeing(votes: readonly Vote[], ordered: Ordered = NONE): ReadonlySet<string> {
  const said = new Map<string, Set<string>>();
  const answering = votes.filter((vote) => !vote.abandoned);
  for (const vote of answering) {
    for (const element of vote.results) {
      const texts = said.get(element.questionId) ?? new Set();
      said.set(element.questionId, texts.add(comparable(element, ordered)));
    }
  }
  const split = [...said].filter(
    ([question, texts]) =>
      texts.size > 1 ||
      answering.some((vote) => !vote.results.some((one) => one.questionId === question)),
  );
  return new Set(split.map(([question]) => question));
}

/** Questions whose answers are an order. */
type Ordered = ReadonlySet<string>;
const NONE: Ordered = new Set();

export function orderedOf(questions: readonly Question[]): Ordered {
  const found = questions.filter(({ type }) => topic(type)?.value?.ordered);
  return new Set(found.map(({ questionId }) => questionId));
}

/** Values without what differs in every vote: the ids of objects, and the order of choices. */
function comparable({ questionId, data: whole, pages }: Element, ordered: Ordered): string {
  const data = whole ?? pages;
  if (!Array.isArray(data) || ordered.has(questionId)) return JSON.stringify(data);
  return data
    .map((one) => JSON.stringify(one, (key, value: unknown) => (key === "id" ? null : value)))
    .sort()
    .join();
}
