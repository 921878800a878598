/* The tools, actions and grips that there are, by name; nothing else on the surface knows one of them. */

import type { ShapeKind } from "../shapes";
import type { Action, Gesture, Grips, Tool, ToolName } from "./tool";

const tools = new Map<ToolName, Tool>();
const actions = new Map<string, Action>();
const grips = new Map<ShapeKind, Grips>();

export function registerTool<G extends Gesture>(tool: Tool<G>): void {
  tools.set(tool.name, tool as Tool);
}

export function registerAction(action: Action): void {
  actions.set(action.name, action);
}

export function registerGrips(of: Grips): void {
  grips.set(of.kind, of);
}

export function toolNamed(name: ToolName): Tool | null {
  return tools.get(name) ?? null;
}

export function gripsOf(kind: ShapeKind): Grips | null {
  return grips.get(kind) ?? null;
}

/** The tools that questions with these shapes need, in toolbar order: as listed in all.ts. */
export function toolsFor(kinds: ReadonlySet<ShapeKind>): Tool[] {
  if (kinds.size === 0) return [];
  return [...tools.values()].filter(
    ({ draws, needs }) =>
      (draws === null || kinds.has(draws)) && (needs?.some((kind) => kinds.has(kind)) ?? true),
  );
}

export function actionsFor(kinds: ReadonlySet<ShapeKind>): Action[] {
  return [...actions.values()].filter(({ needs }) => needs.some((kind) => kinds.has(kind)));
}

/** The tool in force: the chosen one where it is of use, else the first that draws the first of the shapes. */
export function toolInForce(
  chosen: ToolName,
  kinds: ReadonlySet<ShapeKind>,
  frozen: boolean,
): ToolName {
  const all = toolsFor(kinds);
  const found = all.find(({ name }) => name === chosen);
  if (frozen || all.length === 0) return found?.group === "select" ? chosen : "select";
  const [first] = kinds;
  return (found ?? all.find(({ draws }) => draws === first))?.name ?? "select";
}
