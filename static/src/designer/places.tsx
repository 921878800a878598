/* Where the chosen part stands, as a list to choose from: what dragging does, for keys. */

import { t } from "../core/i18n";
import { nameOf } from "./board";
import { useDesigner } from "./context";
import { place, type Target } from "./edits";
import { SelectField } from "./fields";
import { mayNest, nestsOf } from "./kinds";
import { cellOf, type Part, placeOf, walk } from "./model";

export function Places({ part }: { part: Part }) {
  const designer = useDesigner();
  const draft = designer.draft.value;
  const targets = new Map<string, { text: string; target: Target }>();
  if (part.kind === "question") {
    targets.set("side", { text: t("designer.side"), target: { at: "side", before: null } });
  }
  if (mayNest(designer.boot, part)) {
    for (const parent of walk(draft.questions)) {
      if (part.kind === "question" && [...walk([part])].includes(parent)) continue;
      for (const nest of nestsOf(designer.boot, parent)) {
        targets.set(`${parent.uid}/${nest}`, {
          text: t("designer.place.nest", {
            title: nameOf(parent),
            nest: t(`designer.nest.${nest}`),
          }),
          target: { at: "nest", parent: parent.uid, nest, before: null },
        });
      }
    }
  }
  for (const [row, { uid, cells }] of draft.rows.entries()) {
    for (const cell of cells.keys()) {
      targets.set(`cell/${row}/${cell}`, {
        text: t("designer.place.cell", { row: row + 1, cell: cell + 1 }),
        target: { at: "cell", row: uid, cell, before: null },
      });
    }
    targets.set(`new/${row}`, {
      text: t("designer.place.newCell", { row: row + 1 }),
      target: { at: "new-cell", row: uid, cell: cells.length },
    });
  }
  targets.set("row", { text: t("designer.place.row"), target: { at: "row", before: null } });
  const where = cellOf(draft, part.uid);
  const inside = placeOf(draft, part.uid);
  const now = where
    ? `cell/${where.row}/${where.cell}`
    : inside?.parent
      ? `${inside.parent.uid}/${inside.nest}`
      : "side";
  return (
    <SelectField
      text="designer.place"
      value={now}
      choices={[...targets].map(([value, { text }]) => ({ value, text }))}
      onInput={(value) => {
        const found = targets.get(value);
        if (found) designer.change(place(designer.draft.peek(), part, found.target));
      }}
    />
  );
}
