/* A label template while it is built: plain data that is never changed, only replaced.

   Parts are known by a `uid` of the page; what they are called in the template (a view's field, a question's id) is put
   in when it is written out. Ids stay as long as they fit their place, so that a new version is about the same
   questions; what moves elsewhere, and what is new, gets the next free number. */

export type Json = Record<string, unknown>;
export const NESTS = ["children", "pageChildren", "relationChildren"] as const;
export type Nest = (typeof NESTS)[number];

export interface ViewPart {
  kind: "view";
  uid: string;
  type: string;
  /** bindField, title, hide. */
  config: Json;
}

export interface QuestionPart {
  kind: "question";
  uid: string;
  type: string;
  /** Its id as it was last written. */
  id: string;
  /** Everything of it that speaks of no other part. */
  config: Json;
  /** The view that it marks on. */
  view: string | null;
  showIf: { question: string; is: string[] } | null;
  /** Of a ranking: the view that shows an option, by the option's key. */
  contents: Record<string, string>;
  nests: Record<Nest, QuestionPart[]>;
}

export type Part = ViewPart | QuestionPart;

export interface Cell {
  width: number;
  /** Uids of views and questions. */
  blocks: string[];
}

export interface Row {
  uid: string;
  height: number | null;
  cells: Cell[];
}

export interface Draft {
  name: string;
  description: string;
  reasons: string[];
  views: ViewPart[];
  questions: QuestionPart[];
  /** Where views, and questions that stand beside them, are; all other questions are at the side. */
  rows: Row[];
}

export const COLUMNS = 12;

let made = 0;
/** A name that no other part of the page has. */
export function uid(): string {
  made++;
  return `p${made}`;
}

export const EMPTY: Draft = {
  name: "",
  description: "",
  reasons: [],
  views: [],
  questions: [],
  rows: [],
};

// --- reading ----------------------------------------------------------------------------------------------------------

/** A draft of what a template holds. */
export function readDraft(content: Json): Draft {
  const views = list(content.views).map(
    ({ type, ...config }): ViewPart => ({ kind: "view", uid: uid(), type: text(type), config }),
  );
  const byField = new Map(views.map((view) => [text(view.config.bindField), view.uid]));
  const questions = list(content.questions).map((one) => readQuestion(one, byField));
  const byId = new Map([...walk(questions)].map((one) => [one.id, one.uid]));
  const linked = questions.map((one) => link(one, byId));
  const rows = list(content.layout).map(
    (row): Row => ({
      uid: uid(),
      height: typeof row.height === "number" ? row.height : null,
      cells: list(row.cells).map((cell) => ({
        width: Number(cell.width),
        blocks: list(cell.blocks).flatMap((block) => {
          const found =
            "view" in block ? byField.get(text(block.view)) : byId.get(text(block.question));
          return found === undefined ? [] : [found];
        }),
      })),
    }),
  );
  return tidy({
    name: text(content.name),
    description: text(content.description),
    reasons: Array.isArray(content.abandon_reasons) ? content.abandon_reasons.map(text) : [],
    views,
    questions: linked,
    rows,
  });
}

function readQuestion(given: Json, byField: ReadonlyMap<string, string>): QuestionPart {
  const { type, questionId, view, showIf, contents, children, pageChildren, relationChildren } =
    given;
  const own = ["type", "questionId", "view", "showIf", "contents", ...NESTS];
  const config = Object.fromEntries(Object.entries(given).filter(([key]) => !own.includes(key)));
  const condition = showIf as { questionId?: unknown; is?: unknown } | undefined;
  const shown = Object.entries((contents as Json | undefined) ?? {}).flatMap(([key, field]) => {
    const found = byField.get(text(field));
    return found === undefined ? [] : [[key, found] as const];
  });
  const inside = (nest: unknown) => list(nest).map((one) => readQuestion(one, byField));
  return {
    kind: "question",
    uid: uid(),
    type: text(type),
    id: text(questionId),
    config,
    view: view === undefined ? null : (byField.get(text(view)) ?? null),
    // Of an id for now: the question may come later.
    showIf: condition
      ? { question: text(condition.questionId), is: (condition.is as string[]) ?? [] }
      : null,
    contents: Object.fromEntries(shown),
    nests: {
      children: inside(children),
      pageChildren: inside(pageChildren),
      relationChildren: inside(relationChildren),
    },
  };
}

function link(part: QuestionPart, byId: ReadonlyMap<string, string>): QuestionPart {
  const question = part.showIf && byId.get(part.showIf.question);
  return {
    ...part,
    showIf: part.showIf && question ? { ...part.showIf, question } : null,
    nests: eachNest(part, (inside) => inside.map((one) => link(one, byId))),
  };
}

// --- writing ----------------------------------------------------------------------------------------------------------

/** The template as the server takes it. */
export function writeDraft(draft: Draft): Json {
  const numbered = renumber(draft).questions;
  const fields = new Map(draft.views.map((view) => [view.uid, text(view.config.bindField)]));
  const ids = new Map([...walk(numbered)].map((one) => [one.uid, one.id]));
  return {
    name: draft.name,
    description: draft.description,
    abandon_reasons: draft.reasons,
    views: draft.views.map(({ type, config }) => ({ type, ...config })),
    questions: numbered.map((one) => writeQuestion(one, fields, ids)),
    layout: isPlain(draft)
      ? []
      : draft.rows.map(({ height, cells }) => ({
          cells: cells.map(({ width, blocks }) => ({
            width,
            blocks: blocks.map((block) =>
              fields.has(block) ? { view: fields.get(block) } : { question: ids.get(block) },
            ),
          })),
          ...(height === null ? {} : { height }),
        })),
  };
}

function writeQuestion(
  part: QuestionPart,
  fields: ReadonlyMap<string, string>,
  ids: ReadonlyMap<string, string>,
): Json {
  const contents = Object.entries(part.contents).flatMap(([key, view]) => {
    const field = fields.get(view);
    return field === undefined ? [] : [[key, field] as const];
  });
  const written: Json = { questionId: part.id, type: part.type, ...part.config };
  if (part.view !== null && fields.has(part.view)) written.view = fields.get(part.view);
  const other = part.showIf && ids.get(part.showIf.question);
  if (part.showIf && other) written.showIf = { questionId: other, is: part.showIf.is };
  if (contents.length > 0) written.contents = Object.fromEntries(contents);
  for (const nest of NESTS) {
    const inside = part.nests[nest];
    if (inside.length > 0) written[nest] = inside.map((one) => writeQuestion(one, fields, ids));
  }
  return written;
}

/** Ids that fit their places: those that do are kept. */
export function renumber(draft: Draft): Draft {
  return { ...draft, questions: numbered(draft.questions, "") };
}

function numbered(parts: QuestionPart[], parent: string): QuestionPart[] {
  const taken = new Set<string>();
  const fits = (id: string) => {
    const cut = id.lastIndexOf(".");
    return /^\d+$/.test(id.slice(cut + 1)) && id.slice(0, Math.max(cut, 0)) === parent;
  };
  const kept = parts.map(({ id }) => {
    if (!fits(id) || taken.has(id)) return null;
    taken.add(id);
    return id;
  });
  let next = 1;
  return parts.map((part, at) => {
    let id = kept[at] ?? null;
    while (id === null) {
      const free = parent === "" ? String(next) : `${parent}.${next}`;
      next++;
      if (!taken.has(free)) id = free;
    }
    taken.add(id);
    return nestsNumbered({ ...part, id });
  });
}

/** The questions inside one share its numbers, whatever they are asked of. */
function nestsNumbered(part: QuestionPart): QuestionPart {
  const all = NESTS.flatMap((nest) => part.nests[nest]);
  const done = new Map(numbered(all, part.id).map((one) => [one.uid, one]));
  return {
    ...part,
    nests: eachNest(part, (inside) => inside.map((one) => done.get(one.uid) ?? one)),
  };
}

/** Whether the stage is as it is without a layout: each view a row of its own, in their order. */
function isPlain({ views, rows }: Draft): boolean {
  return (
    rows.length === views.length &&
    rows.every(
      ({ height, cells }, at) =>
        height === null && cells.length === 1 && cells[0]?.blocks.join() === views[at]?.uid,
    )
  );
}

// --- looking ----------------------------------------------------------------------------------------------------------

/** Questions with all that is inside them, parents first. */
export function* walk(parts: readonly QuestionPart[]): Generator<QuestionPart> {
  for (const part of parts) {
    yield part;
    for (const nest of NESTS) yield* walk(part.nests[nest]);
  }
}

export function partOf(draft: Draft, wanted: string | null): Part | null {
  if (wanted === null) return null;
  const view = draft.views.find((one) => one.uid === wanted);
  if (view) return view;
  for (const one of walk(draft.questions)) if (one.uid === wanted) return one;
  return null;
}

/** In which list a question stands; null for one that is not there. */
export function placeOf(
  draft: Draft,
  wanted: string,
): { parent: QuestionPart | null; nest: Nest | null; index: number } | null {
  const top = draft.questions.findIndex((one) => one.uid === wanted);
  if (top >= 0) return { parent: null, nest: null, index: top };
  for (const parent of walk(draft.questions)) {
    for (const nest of NESTS) {
      const index = parent.nests[nest].findIndex((one) => one.uid === wanted);
      if (index >= 0) return { parent, nest, index };
    }
  }
  return null;
}

/** The cell that a part stands in. */
export function cellOf(draft: Draft, wanted: string): { row: number; cell: number } | null {
  for (const [row, { cells }] of draft.rows.entries()) {
    const cell = cells.findIndex(({ blocks }) => blocks.includes(wanted));
    if (cell >= 0) return { row, cell };
  }
  return null;
}

/** Questions that stand in no cell. */
export function atSide(draft: Draft): QuestionPart[] {
  return draft.questions.filter((one) => cellOf(draft, one.uid) === null);
}

// --- helpers ----------------------------------------------------------------------------------------------------------

export function eachNest(
  part: QuestionPart,
  change: (inside: QuestionPart[], nest: Nest) => QuestionPart[],
): Record<Nest, QuestionPart[]> {
  return {
    children: change(part.nests.children, "children"),
    pageChildren: change(part.nests.pageChildren, "pageChildren"),
    relationChildren: change(part.nests.relationChildren, "relationChildren"),
  };
}

/** The stage put in order: no empty cells and rows, every view somewhere, nothing twice, nothing that is gone. */
export function tidy(draft: Draft): Draft {
  const left = new Set([
    ...draft.views.map((one) => one.uid),
    ...draft.questions.map((one) => one.uid),
  ]);
  const rows = draft.rows.flatMap((row) => {
    const cells = row.cells
      .map((cell) => ({ ...cell, blocks: cell.blocks.filter((block) => left.delete(block)) }))
      .filter((cell) => cell.blocks.length > 0);
    return cells.length > 0 ? [{ ...row, cells: fitted(cells) }] : [];
  });
  for (const { uid: view } of draft.views) {
    if (left.has(view)) rows.push(rowOf(view));
  }
  const order = rows.flatMap(({ cells }) => cells.flatMap(({ blocks }) => blocks));
  const views = [...draft.views].sort((a, b) => order.indexOf(a.uid) - order.indexOf(b.uid));
  return { ...draft, views, rows };
}

export function rowOf(block: string): Row {
  return { uid: uid(), height: null, cells: [{ width: COLUMNS, blocks: [block] }] };
}

/** Cells that fit into a row: a single one takes all of it, several that are too wide share it. */
function fitted(cells: Cell[]): Cell[] {
  const total = cells.reduce((sum, { width }) => sum + width, 0);
  if (cells.length > 1 && total <= COLUMNS) return cells;
  const share = Math.max(1, Math.floor(COLUMNS / cells.length));
  return cells.map((cell) => ({ ...cell, width: share }));
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
