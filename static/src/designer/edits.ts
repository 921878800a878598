/* What is done to a draft: each change gives another draft. */

import {
  type Cell,
  cellOf,
  type Draft,
  eachNest,
  type Json,
  type Nest,
  type Part,
  partOf,
  placeOf,
  type QuestionPart,
  rowOf,
  tidy,
  uid,
  type ViewPart,
  walk,
} from "./model";

/** Where a part is put. */
export type Target =
  /** Before the question that is at this place among those at the side. */
  | { at: "side"; before: string | null }
  /** Among the questions inside another one. */
  | { at: "nest"; parent: string; nest: Nest; before: string | null }
  /** Into a cell, before another of its parts. */
  | { at: "cell"; row: string; cell: number; before: string | null }
  /** Into a cell of its own in a row. */
  | { at: "new-cell"; row: string; cell: number }
  /** Into a row of its own, before another one. */
  | { at: "row"; before: string | null };

/** Put a part that is new, or move one that is there; the draft as it was where that makes no sense. */
export function place(draft: Draft, part: Part, target: Target): Draft {
  if (part.kind === "view" && (target.at === "side" || target.at === "nest")) return draft;
  if (target.at === "nest" && part.kind === "question") {
    if ([...walk([part])].some((one) => one.uid === target.parent)) return draft;
  }
  if ("before" in target && target.before === part.uid) return draft;
  const where = cellOf(draft, part.uid);
  const alone = where && draft.rows[where.row];
  // A row or a cell that would go with its only part cannot be the place to go to.
  if (alone && "row" in target && target.row === alone.uid) {
    const cell = alone.cells[where.cell];
    if (cell?.blocks.length === 1) {
      if (target.at === "cell" && target.cell === where.cell) return draft;
      if (target.at === "new-cell" && alone.cells.length === 1) return draft;
    }
  }
  if (target.at === "row" && alone && alone.uid === target.before && alone.cells.length === 1) {
    if (alone.cells[0]?.blocks.length === 1) return draft;
  }
  const held = takeOut(draft, part.uid, target.at === "side" || target.at === "nest");
  return tidy(put(held, part, target));
}

function put(draft: Draft, part: Part, target: Target): Draft {
  if (part.kind === "view")
    return onStage({ ...draft, views: [...draft.views, part] }, part, target);
  if (target.at === "nest") {
    return {
      ...draft,
      questions: mapQuestions(draft.questions, (one) =>
        one.uid === target.parent
          ? {
              ...one,
              nests: eachNest(one, (inside, nest) =>
                nest === target.nest ? inserted(inside, part, target.before) : inside,
              ),
            }
          : one,
      ),
    };
  }
  const top = { ...part, ...(isTop(draft, part.uid) ? {} : { id: "" }) };
  if (target.at === "side") {
    return { ...draft, questions: inserted(draft.questions, top, target.before) };
  }
  const questions = isTop(draft, part.uid) ? draft.questions : [...draft.questions, top];
  return onStage({ ...draft, questions }, part, target);
}

function isTop(draft: Draft, wanted: string): boolean {
  return draft.questions.some((one) => one.uid === wanted);
}

function onStage(draft: Draft, part: Part, target: Target): Draft {
  const { rows } = draft;
  if (target.at === "row") {
    const at = rows.findIndex((row) => row.uid === target.before);
    return { ...draft, rows: rows.toSpliced(at < 0 ? rows.length : at, 0, rowOf(part.uid)) };
  }
  if (target.at === "new-cell") {
    const added: Cell = { width: 12, blocks: [part.uid] };
    return {
      ...draft,
      rows: rows.map((row) =>
        row.uid === target.row
          ? { ...row, cells: row.cells.toSpliced(target.cell, 0, added) }
          : row,
      ),
    };
  }
  if (target.at !== "cell") return draft;
  return {
    ...draft,
    rows: rows.map((row) =>
      row.uid !== target.row
        ? row
        : {
            ...row,
            cells: row.cells.map((cell, at) => {
              if (at !== target.cell) return cell;
              const before = target.before === null ? -1 : cell.blocks.indexOf(target.before);
              const end = before < 0 ? cell.blocks.length : before;
              return { ...cell, blocks: cell.blocks.toSpliced(end, 0, part.uid) };
            }),
          },
    ),
  };
}

function inserted(
  inside: QuestionPart[],
  part: QuestionPart,
  before: string | null,
): QuestionPart[] {
  const at = inside.findIndex((one) => one.uid === before);
  return inside.toSpliced(at < 0 ? inside.length : at, 0, part);
}

/** The draft without the part in its place; cells are left empty until it is tidied. */
function takeOut(draft: Draft, wanted: string, fromList: boolean): Draft {
  const isQuestion = partOf(draft, wanted)?.kind === "question";
  const nested = isQuestion && !isTop(draft, wanted);
  const rows = draft.rows.map((row) => ({
    ...row,
    cells: row.cells.map((cell) => ({
      ...cell,
      blocks: cell.blocks.filter((block) => block !== wanted),
    })),
  }));
  const views = draft.views.filter((one) => one.uid !== wanted);
  // What only moves on the stage keeps its place among the questions, and its id.
  const questions = fromList || nested ? without(draft.questions, wanted) : draft.questions;
  return { ...draft, rows, views, questions };
}

function without(parts: QuestionPart[], wanted: string): QuestionPart[] {
  return parts
    .filter((one) => one.uid !== wanted)
    .map((one) => ({ ...one, nests: eachNest(one, (inside) => without(inside, wanted)) }));
}

export function mapQuestions(
  parts: QuestionPart[],
  change: (part: QuestionPart) => QuestionPart,
): QuestionPart[] {
  return parts.map((part) => {
    const changed = change(part);
    return { ...changed, nests: eachNest(changed, (inside) => mapQuestions(inside, change)) };
  });
}

/** The draft without a part and all that is inside it; what spoke of it does so no more. */
export function remove(draft: Draft, wanted: string): Draft {
  const part = partOf(draft, wanted);
  if (!part) return draft;
  const gone = new Set(part.kind === "view" ? [wanted] : [...walk([part])].map((one) => one.uid));
  const kept = takeOut(draft, wanted, true);
  return tidy({
    ...kept,
    questions: mapQuestions(kept.questions, (one) => ({
      ...one,
      view: one.view !== null && gone.has(one.view) ? null : one.view,
      showIf: one.showIf && gone.has(one.showIf.question) ? null : one.showIf,
      contents: Object.fromEntries(
        Object.entries(one.contents).filter(([, view]) => !gone.has(view)),
      ),
    })),
  });
}

/** A copy of a part behind it, with all that is inside. */
export function duplicate(draft: Draft, wanted: string): { draft: Draft; copy: string | null } {
  const part = partOf(draft, wanted);
  if (!part) return { draft, copy: null };
  if (part.kind === "view") {
    const copy: ViewPart = { ...part, uid: uid(), config: { ...part.config } };
    copy.config.bindField = freeField(draft, String(part.config.bindField ?? ""));
    const at = cellOf(draft, wanted);
    const row = at && draft.rows[at.row];
    const target: Target = row
      ? { at: "new-cell", row: row.uid, cell: at.cell + 1 }
      : { at: "row", before: null };
    return { draft: place(draft, copy, target), copy: copy.uid };
  }
  const names = new Map([...walk([part])].map((one) => [one.uid, uid()]));
  const renamed = mapQuestions([part], (one) => ({
    ...one,
    uid: names.get(one.uid) ?? one.uid,
    id: "",
    showIf: one.showIf && {
      ...one.showIf,
      question: names.get(one.showIf.question) ?? one.showIf.question,
    },
  }))[0] as QuestionPart;
  const where = placeOf(draft, wanted);
  const siblings = where?.parent && where.nest ? where.parent.nests[where.nest] : draft.questions;
  const copy = { ...renamed, config: { ...renamed.config } };
  copy.config.markTitle = freeTitle(siblings, String(part.config.markTitle ?? ""));
  // Only one of a group of alternatives is asked: a copy stands for itself.
  delete copy.config.selectGroup;
  const before = siblings[(where?.index ?? 0) + 1]?.uid ?? null;
  if (where?.parent && where.nest) {
    const target: Target = { at: "nest", parent: where.parent.uid, nest: where.nest, before };
    return { draft: place(draft, copy, target), copy: copy.uid };
  }
  const cell = cellOf(draft, wanted);
  const row = cell && draft.rows[cell.row];
  const target: Target = row
    ? { at: "cell", row: row.uid, cell: cell.cell, before: null }
    : { at: "side", before };
  return { draft: place(draft, copy, target), copy: copy.uid };
}

/** Change what a part says of itself; undefined takes a member away. */
export function configure(draft: Draft, wanted: string, change: Json): Draft {
  const set = (config: Json) =>
    Object.fromEntries(
      Object.entries({ ...config, ...change }).filter(([, value]) => value !== undefined),
    );
  return {
    ...draft,
    views: draft.views.map((one) =>
      one.uid === wanted ? { ...one, config: set(one.config) } : one,
    ),
    questions: mapQuestions(draft.questions, (one) =>
      one.uid === wanted ? { ...one, config: set(one.config) } : one,
    ),
  };
}

/** Change how a question is tied to other parts. */
export function tie(
  draft: Draft,
  wanted: string,
  change: Partial<Pick<QuestionPart, "view" | "showIf" | "contents">>,
): Draft {
  return {
    ...draft,
    questions: mapQuestions(draft.questions, (one) =>
      one.uid === wanted ? { ...one, ...change } : one,
    ),
  };
}

/** Move a question by one place among its neighbours, a part of a cell within it, a row with its only part by a row. */
export function step(draft: Draft, wanted: string, by: 1 | -1): Draft {
  const part = partOf(draft, wanted);
  const cell = cellOf(draft, wanted);
  if (!part) return draft;
  if (cell) {
    const row = draft.rows[cell.row];
    const blocks = row?.cells[cell.cell]?.blocks ?? [];
    const at = blocks.indexOf(wanted) + by;
    if (row && at >= 0 && at < blocks.length) {
      const moved = blocks.filter((block) => block !== wanted).toSpliced(at, 0, wanted);
      const cells = row.cells.with(cell.cell, { ...(row.cells[cell.cell] as Cell), blocks: moved });
      return tidy({ ...draft, rows: draft.rows.with(cell.row, { ...row, cells }) });
    }
    return stepRow(draft, cell.row, by);
  }
  const where = placeOf(draft, wanted);
  if (!where || part.kind !== "question") return draft;
  const siblings =
    where.parent && where.nest
      ? where.parent.nests[where.nest]
      : draft.questions.filter((one) => cellOf(draft, one.uid) === null);
  const index = siblings.findIndex((one) => one.uid === wanted);
  const to = index + by;
  if (to < 0 || to >= siblings.length) return draft;
  const before = siblings[by === 1 ? to + 1 : to]?.uid ?? null;
  return place(
    draft,
    part,
    where.parent && where.nest
      ? { at: "nest", parent: where.parent.uid, nest: where.nest, before }
      : { at: "side", before },
  );
}

export function stepRow(draft: Draft, row: number, by: 1 | -1): Draft {
  const moved = draft.rows[row];
  const to = row + by;
  if (!moved || to < 0 || to >= draft.rows.length) return draft;
  return tidy({ ...draft, rows: draft.rows.toSpliced(row, 1).toSpliced(to, 0, moved) });
}

/** Give a cell a width; those beside it give way as far as they can. */
export function widen(draft: Draft, row: number, cell: number, width: number): Draft {
  const found = draft.rows[row];
  if (!found?.cells[cell]) return draft;
  const others = found.cells.length - 1;
  const own = Math.max(1, Math.min(width, 12 - others));
  let left = 12 - own;
  let count = others;
  const cells = found.cells.map((one, at) => {
    if (at === cell) return { ...one, width: own };
    const least = count - 1;
    const given = count === 1 ? left : Math.max(1, Math.min(one.width, left - least));
    left -= given;
    count--;
    return { ...one, width: given };
  });
  return { ...draft, rows: draft.rows.with(row, { ...found, cells }) };
}

/** Make a row of a height, or of that of what is in it. */
export function heighten(draft: Draft, row: number, height: number | null): Draft {
  const found = draft.rows[row];
  return found ? { ...draft, rows: draft.rows.with(row, { ...found, height }) } : draft;
}

/** A field that no view shows yet. */
export function freeField(draft: Draft, wish: string): string {
  const taken = new Set(draft.views.map((view) => view.config.bindField));
  return free(wish || "source", (name) => taken.has(name), "");
}

/** A title that no question beside it has. */
export function freeTitle(siblings: readonly QuestionPart[], wish: string): string {
  const taken = new Set(
    siblings.map((one) => String(one.config.markTitle).normalize("NFC").trim()),
  );
  return free(wish, (name) => taken.has(name), " ");
}

function free(wish: string, isTaken: (name: string) => boolean, gap: string): string {
  if (!isTaken(wish)) return wish;
  const stem = wish.replace(/\s?\d+$/, "");
  let number = 2;
  while (isTaken(`${stem}${gap}${number}`)) number++;
  return `${stem}${gap}${number}`;
}
