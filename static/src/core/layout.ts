/* Where views and questions stand on the stage: rows of cells, as the template says, with what it leaves out. */

import type { LayoutRow, Question, Template, View } from "./types";

export type Block = { kind: "view"; view: View } | { kind: "question"; question: Question };

export interface Cell {
  blocks: Block[];
  /** Its share of the row's width, in twelfths. */
  width: number;
}

export interface Row {
  cells: Cell[];
  /** Its share of the stage's height; null: as much as what stands in it needs. */
  height: number | null;
}

/** A template without a layout has so many views side by side at most. */
const BESIDE = 3;
/** The share of a row with a view that says none. */
const USUAL = 6;

/** The rows of a stage. What the layout names twice stands where it is named first; rows of nothing are left out. */
export function rowsOf(template: Pick<Template, "views" | "questions" | "layout">): Row[] {
  const views = new Map(shownViews(template).map((view) => [view.bindField, view]));
  const questions = new Map(template.questions.map((question) => [question.questionId, question]));
  const rows = (template.layout ?? []).flatMap((row) => rowOf(row, views, questions));
  const left = [...views.values()];
  if (rows.length === 0) {
    for (let at = 0; at < left.length; at += BESIDE) {
      rows.push({ height: USUAL, cells: left.slice(at, at + BESIDE).map(alone) });
    }
  } else rows.push(...left.map((view) => ({ height: USUAL, cells: [alone(view)] })));
  return rows;
}

/** The views that can be seen. */
export function shownViews({ views }: Pick<Template, "views">): View[] {
  return views.filter(({ hide }) => !hide);
}

/** The questions that stand on the stage; all others stand at the side. */
export function placedQuestions(template: Pick<Template, "questions" | "layout">): Set<string> {
  const named = new Set(
    (template.layout ?? []).flatMap(({ cells }) =>
      cells.flatMap(({ blocks }) =>
        blocks.flatMap((one) => ("question" in one ? [one.question] : [])),
      ),
    ),
  );
  return new Set(template.questions.map((one) => one.questionId).filter((id) => named.has(id)));
}

function alone(view: View): Cell {
  return { width: 12, blocks: [{ kind: "view", view }] };
}

/** Takes what it places out of what is left. */
function rowOf(
  { cells, height }: LayoutRow,
  views: Map<string, View>,
  questions: Map<string, Question>,
): Row[] {
  const placed = cells.flatMap(({ width, blocks }): Cell[] => {
    const here = blocks.flatMap((block): Block[] => {
      if ("view" in block) {
        const view = views.get(block.view);
        return views.delete(block.view) && view ? [{ kind: "view", view }] : [];
      }
      const question = questions.get(block.question);
      return questions.delete(block.question) && question ? [{ kind: "question", question }] : [];
    });
    return here.length > 0 ? [{ width, blocks: here }] : [];
  });
  if (placed.length === 0) return [];
  const seen = placed.some((cell) => cell.blocks.some(({ kind }) => kind === "view"));
  return [{ cells: placed, height: height ?? (seen ? USUAL : null) }];
}

/* Shares of a length, as they are dragged. */

/** No share gets smaller than this part of all of them. */
const LEAST = 0.1;

/** Shares after the border behind the share `at` was moved by this part of the whole. */
export function movedBorder(shares: readonly number[], at: number, by: number): number[] {
  const whole = shares.reduce((sum, one) => sum + one, 0);
  const [before, after] = [shares[at] ?? 0, shares[at + 1] ?? 0];
  const least = Math.min(LEAST * whole, before, after);
  const moved = Math.min(after - least, Math.max(least - before, by * whole));
  return shares.map((one, index) => {
    if (index === at) return one + moved;
    return index === at + 1 ? one - moved : one;
  });
}

/** Shares that were kept, if they are of as many parts as there are now; a part of no share has none. */
export function keptShares(kept: unknown, usual: readonly number[]): readonly number[] {
  const good =
    Array.isArray(kept) &&
    kept.length === usual.length &&
    kept.every((one, at) => Number.isFinite(one) && (usual[at] === 0 ? one === 0 : one > 0));
  return good ? (kept as number[]) : usual;
}
