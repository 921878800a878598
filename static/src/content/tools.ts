/* Which tool is in force on a picture, and the keys that choose tools. */

import { drawingQuestion } from "../core/region-actions";
import { drawing } from "../core/regions";
import type { Session } from "../core/session";
import { settings } from "../core/settings";
import type { View } from "../core/types";
import type { ShapeKind } from "../surfaces/canvas/shapes";
import "../surfaces/canvas/tools/all";
import { toolInForce, toolNamed } from "../surfaces/canvas/tools/registry";
import type { ToolName } from "../surfaces/canvas/tools/tool";

const NOTHING: ReadonlySet<ShapeKind> = new Set();
const sets = new Map<string, ReadonlySet<ShapeKind>>();

/** The shapes that the next region of a view may have. */
export function kindsOf(session: Session, view: View): ReadonlySet<ShapeKind> {
  void drawing.value;
  const shapes = drawingQuestion(session, view)?.question.shapes;
  if (!shapes) return NOTHING;
  const name = shapes.join();
  const known = sets.get(name) ?? new Set(shapes as ShapeKind[]);
  sets.set(name, known);
  return known;
}

/** The tool in force: what was chosen last, as far as it is of use here. */
export function toolOf(session: Session, view: View): ToolName {
  return toolInForce(settings.tool.value, kindsOf(session, view), session.frozen.value !== null);
}

export function chooseTool(name: ToolName): void {
  settings.tool.value = name;
  if (toolNamed(name)?.draws != null) settings.drawTool.value = name;
}

/** Take the tool up again that drew last, if none that draws is chosen. */
export function drawAgain(session: Session, view: View): void {
  if (toolNamed(toolOf(session, view))?.group !== "select") return;
  chooseTool(
    toolInForce(settings.drawTool.peek(), kindsOf(session, view), session.frozen.peek() !== null),
  );
}

/** A tool's key. Where the page decides by that letter it stays the page's, and the tool has it with Alt. */
export function keyOf(session: Session, key: string): string {
  return lettersOf(session).has(key) ? `alt+${key}` : key;
}

const INSPECTING = new Set(["p", "r", "m"]);
const LABELING = new Set(["x"]);
const CORRECTING = new Set(["m", "x"]);

function lettersOf(session: Session): ReadonlySet<string> {
  if (session.inspecting) return INSPECTING;
  return session.mode === "labeling" ? LABELING : CORRECTING;
}

/** Choose regions, alone or with what is chosen already; which of a group is the tool's to say. */
export function chooseRegions(
  session: Session,
  ids: readonly string[],
  how: "only" | "add" | "toggle",
): void {
  const { selected } = session;
  if (how === "add") selected.add(ids);
  else if (how === "toggle") selected.toggle(ids);
  else selected.many(ids, ids.at(-1) ?? null);
}
