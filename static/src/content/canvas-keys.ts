/* Keys of a picture: its view, its tools, the regions that are chosen, and what a running gesture takes. */

import { batch } from "@preact/signals";
import type { Binding } from "../core/keys";
import { deleteRegion } from "../core/region-actions";
import { nudge, stretch, turn } from "../core/region-edits";
import type { Session } from "../core/session";
import { settings } from "../core/settings";
import type { View } from "../core/types";
import { unturned } from "../surfaces/canvas/camera";
import type { CanvasSurface } from "../surfaces/canvas/surface";
import { actionsFor, toolNamed, toolsFor } from "../surfaces/canvas/tools/registry";
import { hiddenAll, hiddenIds, toggleHidden } from "./compare";
import { chooseTool, drawAgain, keyOf, kindsOf, toolOf } from "./tools";
import { brighten, placeIn, resetLook, rotate, sharpen, toggleMenu } from "./view-state";

/** Keys that look at the picture. */
export function viewKeys(session: Session, surface: CanvasSurface, view: View): Binding[] {
  const turnBy = (quarters: number) =>
    rotate(surface, placeIn(view, session.position.peek()), quarters);
  return [
    { keys: [">"], text: "tool.rotateRight", run: () => turnBy(1) },
    { keys: ["<"], text: "tool.rotateLeft", run: () => turnBy(-1) },
    { keys: ["f"], text: "tool.fit", run: () => surface.fit() },
    { keys: ["shift+f"], text: "tool.actual", run: () => surface.actual() },
    {
      keys: ["shift+v"],
      text: "tool.closeUp",
      when: () => session.selected.peek() !== null,
      run: () => surface.closeUp(session.selected.peek() as string),
    },
    { keys: ["alt+v"], text: "view.title", run: () => toggleMenu(view) },
    { keys: ["}"], text: "view.brighter", repeat: true, run: () => brighten(surface, 1) },
    { keys: ["{"], text: "view.darker", repeat: true, run: () => brighten(surface, -1) },
    { keys: ["|"], text: "view.moreContrast", repeat: true, run: () => sharpen(surface, 1) },
    { keys: [":"], text: "view.lessContrast", repeat: true, run: () => sharpen(surface, -1) },
    { keys: ["\\"], text: "view.reset", run: () => resetLook(surface) },
    { keys: ["shift+m"], text: "view.minimap", run: () => flip(settings.minimap) },
    { keys: ["alt+l"], text: "view.colorBy", run: nextColors },
    { keys: ["alt+i"], text: "view.fill", run: nextFill },
    ...pans(session, surface),
    { keys: ["+", "="], text: "tool.zoomIn", repeat: true, run: () => surface.zoom(1.25) },
    { keys: ["-"], text: "tool.zoomOut", repeat: true, run: () => surface.zoom(0.8) },
  ];
}

/** Where no region is chosen that they would move, arrows with Shift move the view. */
function pans(session: Session, surface: CanvasSurface): Binding[] {
  return ARROWS.map(([name, dx, dy], at) => ({
    keys: [`shift+${name}`],
    text: at === 0 ? "keys.pan" : null,
    when: () => session.selected.peek() === null || session.frozen.peek() !== null,
    repeat: true,
    run: () => surface.pan(-80 * dx, -80 * dy),
  }));
}

function nextColors(): void {
  settings.colorBy.value = settings.colorBy.peek() === "label" ? "region" : "label";
}

/** Strengths of the inside of regions that the key goes through. */
const FILLS = [0, 0.12, 0.3, 0.6];

function nextFill(): void {
  const at = FILLS.findIndex((one) => one > settings.fill.peek() + 0.001);
  settings.fill.value = FILLS[Math.max(0, at)] as number;
}

/** Keys of tools and regions. */
export function drawingKeys(session: Session, surface: CanvasSurface, view: View): Binding[] {
  const editable = () => session.frozen.peek() === null;
  const chosen = () => editable() && session.selected.peek() !== null;
  const kinds = kindsOf(session, view);
  const tools = toolsFor(kinds).map(
    (tool): Binding => ({
      keys: [keyOf(session, tool.key)],
      text: tool.text,
      when: () => tool.group === "select" || editable(),
      run: () => chooseTool(tool.name),
    }),
  );
  const actions = actionsFor(kinds).map(
    (action): Binding => ({
      keys: [keyOf(session, action.key)],
      text: action.text,
      when: editable,
      run: () => void surface.driver.act(action),
    }),
  );
  const ofTool = (toolNamed(toolOf(session, view))?.keys?.() ?? []).map(
    (binding): Binding => ({
      ...binding,
      when: () => editable() && (binding.when?.() ?? true),
    }),
  );
  return [
    ...ofTool,
    ...tools,
    ...actions,
    {
      keys: ["n"],
      text: "keys.aim",
      when: editable,
      run: () => {
        drawAgain(session, view);
        surface.begin();
      },
    },
    {
      keys: ["Delete", "Backspace"],
      text: "region.delete",
      when: chosen,
      run: () => deleteRegion(session),
    },
    ...arrows(session, surface, chosen),
    {
      keys: ["Escape"],
      text: "keys.deselect",
      when: () => session.selected.peek() !== null,
      run: () => session.selected.clear(),
    },
    { keys: ["h"], text: "tool.hideAll", run: toggleAll },
    {
      keys: ["shift+h"],
      text: "region.hideOne",
      when: () => session.selected.peek() !== null,
      run: () => toggleHidden(session.selected.peek() as string),
    },
    { keys: ["t"], text: "tool.texts", run: () => flip(settings.texts) },
    { keys: ["c"], text: "tool.cross", run: () => flip(settings.cross) },
  ];
}

const ARROWS = [
  ["ArrowLeft", -1, 0],
  ["ArrowRight", 1, 0],
  ["ArrowUp", 0, -1],
  ["ArrowDown", 0, 1],
] as const;

/** Arrows move what is chosen, with Alt they move its right and lower side, with Ctrl they turn it. */
function arrows(session: Session, surface: CanvasSurface, when: () => boolean): Binding[] {
  // Arrow keys mean the screen, however the view is turned.
  const by = (act: typeof nudge, dx: number, dy: number) =>
    act(session, ...unturned(surface.camera.peek().turn, [dx, dy]));
  const one = (keys: string, text: Binding["text"], run: () => void): Binding => ({
    keys: [keys],
    text,
    when,
    repeat: true,
    run,
  });
  return ARROWS.flatMap(([name, dx, dy], at) => [
    one(name, at === 0 ? "keys.nudge" : null, () => by(nudge, dx, dy)),
    one(`shift+${name}`, at === 0 ? "keys.nudgeFar" : null, () => by(nudge, 10 * dx, 10 * dy)),
    one(`alt+${name}`, at === 0 ? "keys.stretch" : null, () => by(stretch, dx, dy)),
    one(`shift+alt+${name}`, null, () => by(stretch, 10 * dx, 10 * dy)),
    ...(dx === 0
      ? []
      : [
          one(`mod+${name}`, at === 0 ? "keys.turn" : null, () => turn(session, dx)),
          one(`mod+shift+${name}`, at === 0 ? "keys.turnFar" : null, () => turn(session, 15 * dx)),
        ]),
  ]);
}

/** Keys while something is drawn or moved. They stand above everything else. */
export function gestureKeys(surface: CanvasSurface): Binding[] {
  const { driver } = surface;
  const keyed = () => driver.keyed.peek();
  const busy = () => driver.busy.peek();
  const arrow = (keys: string, dx: number, dy: number, large: boolean): Binding => ({
    keys: [keys],
    text: null,
    when: keyed,
    repeat: true,
    run: () => surface.arrow(dx, dy, large),
  });
  const step = (keys: string, by: 1 | -1): Binding => ({
    keys: [keys],
    text: null,
    when: () => driver.gesture.peek().keys === true,
    repeat: true,
    run: () => driver.feed({ kind: "step", by }),
  });
  const alter = (keys: string[], text: Binding["text"], kind: "insert" | "remove"): Binding => ({
    keys,
    text,
    when: () => driver.gesture.peek().keys === true,
    run: () => driver.feed({ kind }),
  });
  return [
    ...ARROWS.flatMap(([name, dx, dy]) => [
      arrow(name, dx, dy, false),
      arrow(`shift+${name}`, dx, dy, true),
    ]),
    step("Tab", 1),
    step("shift+Tab", -1),
    alter(["Insert", "i"], "keys.insert", "insert"),
    alter(["Delete"], "keys.remove", "remove"),
    { keys: ["Space"], text: "keys.place", when: keyed, run: () => driver.place() },
    { keys: ["Enter"], text: "keys.finish", when: busy, run: () => driver.finish() },
    {
      keys: ["Backspace", "z", "mod+z"],
      text: "keys.back",
      when: busy,
      run: () => driver.back(),
    },
    { keys: ["Escape"], text: "keys.cancel", when: busy, run: () => driver.cancel() },
  ];
}

function flip(setting: { value: boolean }): void {
  setting.value = !setting.value;
}

function toggleAll(): void {
  batch(() => {
    hiddenAll.value = !hiddenAll.peek();
    if (!hiddenAll.peek()) hiddenIds.value = new Set();
  });
}
