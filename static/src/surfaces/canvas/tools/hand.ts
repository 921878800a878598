/* Moving the picture under the view. */

import { type Pan, panFrom } from "./pan";
import { registerTool } from "./registry";
import { IDLE, type Result } from "./tool";

registerTool<Pan>({
  name: "hand",
  draws: null,
  group: "select",
  key: "g",
  text: "tool.hand",
  icon: "hand",
  cursor: "grab",
  handles: false,
  press: ({ screen }) => [panFrom(screen), []],
  reduce(gesture, input): Result | null {
    if (input.kind === "up") return [IDLE, []];
    if (input.kind !== "move") return null;
    const [x, y] = input.screen;
    const pan = { kind: "pan" as const, dx: x - gesture.at[0], dy: y - gesture.at[1] };
    return [panFrom(input.screen), [pan]];
  },
  cursorOf: () => "grabbing",
});
