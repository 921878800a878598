/* Who answers an input: the tool whose gesture runs, else what a press means where it was made. */

import { gripAt } from "../grips";
import { toolNamed } from "./registry";
import { pressGrip } from "./select";
import {
  type Around,
  type Gesture,
  IDLE,
  type Input,
  type PointerInput,
  type Result,
} from "./tool";

/** `pans`: the press moves the picture, whatever the tool. */
export function drive(gesture: Gesture, input: Input, around: Around, pans = false): Result {
  const owner = toolNamed(gesture.tool);
  if (!owner) return input.kind === "down" ? press(input, around, pans) : [gesture, []];
  if (input.kind === "cancel") return [IDLE, owner.reduce(gesture, input, around)?.[1] ?? []];
  // What was begun before the item was frozen is given up; looking around goes on.
  if (around.frozen && owner.group !== "select") return [IDLE, []];
  const result = owner.reduce(gesture, input, around);
  if (result) return result;
  return input.kind === "back" ? drive(gesture, { kind: "cancel" }, around) : [gesture, []];
}

function press(input: PointerInput, around: Around, pans: boolean): Result {
  const meant = pans || around.tool === "hand" ? "hand" : "select";
  const fallback = (): Result => toolNamed(meant)?.press(input, around) ?? [IDLE, []];
  const tool = toolNamed(around.tool);
  if (meant === "hand" || around.frozen || !tool) return fallback();
  if (tool.handles) {
    const grip = gripAt(input.screen, around, input.pointer);
    const result = grip && pressGrip(grip, input, around);
    if (result) return result;
  }
  // With Ctrl what is there is chosen and moved, whatever the tool.
  if (input.mod && tool.draws !== null) return fallback();
  return tool.press(input, around) ?? fallback();
}
