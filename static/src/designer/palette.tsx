/* What can be put in: dragged to a place, or by a click to where it belongs. */

import { t, tryText } from "../core/i18n";
import { Icon } from "../ui/icon";
import { useDesigner } from "./context";
import { place, type Target } from "./edits";
import { mayNest, nestsOf, newQuestion, newView, QUESTIONS, VIEWS } from "./kinds";
import { cellOf, type Part, partOf, placeOf } from "./model";
import type { Designer } from "./state";

const GROUPS = [...new Set(Object.values(QUESTIONS).map((one) => one.group))];

export function Palette() {
  const designer = useDesigner();
  const { boot } = designer;
  const views = Object.keys(VIEWS).filter((type) => type in boot.shows);
  const questions = Object.keys(QUESTIONS).filter((type) => type in boot.kinds);
  return (
    <nav class="ds-palette" tabIndex={0} aria-label={t("designer.palette")}>
      <section>
        <h2>{t("designer.contents")}</h2>
        {views.map((type) => (
          <Offer key={type} type={type} kind="view" />
        ))}
      </section>
      <h2>{t("designer.questions")}</h2>
      {GROUPS.map((group) => (
        <section key={group}>
          <h3>{t(group)}</h3>
          {questions
            .filter((type) => QUESTIONS[type]?.group === group)
            .map((type) => (
              <Offer key={type} type={type} kind="question" />
            ))}
        </section>
      ))}
      <p class="ds-hint">{t("designer.palette.help")}</p>
    </nav>
  );
}

function Offer({ type, kind }: { type: string; kind: Part["kind"] }) {
  const designer = useDesigner();
  const look = kind === "view" ? VIEWS[type] : QUESTIONS[type];
  if (!look) return null;
  return (
    <button
      type="button"
      class="ds-offer"
      data-offer={type}
      draggable={designer.frozen === ""}
      disabled={designer.frozen !== ""}
      onClick={() => add(designer, make(designer, type, kind))}
      onDragStart={(event) => {
        event.dataTransfer?.setData("text/plain", t(look.text));
        designer.dragged.value = make(designer, type, kind);
      }}
      onDragEnd={() => {
        designer.dragged.value = null;
      }}
    >
      <Icon name={look.icon} />
      {t(look.text)}
    </button>
  );
}

function make(designer: Designer, type: string, kind: Part["kind"]): Part {
  const draft = designer.draft.peek();
  return kind === "view"
    ? newView(draft, type)
    : newQuestion(designer.boot, draft, type, (one) => tryText(`designer.type.${one}`, one));
}

/** Put a new part next to what is chosen where it fits there, else where such parts stand. */
function add(designer: Designer, part: Part): void {
  const draft = designer.draft.peek();
  designer.change(place(draft, part, targetFor(designer, part)));
  designer.chosen.value = part.uid;
}

function targetFor(designer: Designer, part: Part): Target {
  const draft = designer.draft.peek();
  if (part.kind === "view") return { at: "row", before: null };
  const chosen = partOf(draft, designer.chosen.peek());
  if (chosen?.kind === "question" && mayNest(designer.boot, part)) {
    const [nest] = nestsOf(designer.boot, chosen);
    if (nest) return { at: "nest", parent: chosen.uid, nest, before: null };
    const where = placeOf(draft, chosen.uid);
    if (where?.parent && where.nest) {
      const before = where.parent.nests[where.nest][where.index + 1]?.uid ?? null;
      return { at: "nest", parent: where.parent.uid, nest: where.nest, before };
    }
  }
  const cell = chosen?.kind === "question" ? cellOf(draft, chosen.uid) : null;
  const row = cell && draft.rows[cell.row];
  if (row) return { at: "cell", row: row.uid, cell: cell.cell, before: null };
  return { at: "side", before: null };
}
