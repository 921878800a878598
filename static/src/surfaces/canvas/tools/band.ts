/* The rubber band as a tool of its own, for pens and fingers, which have no Shift: a drag chooses what lies in it as
   well, a tap one more or one less. */

import { registerTool } from "./registry";
import { bandFrom } from "./select";

registerTool({
  name: "band",
  draws: null,
  group: "select",
  key: "shift+a",
  text: "tool.band",
  icon: "band",
  cursor: "cross",
  handles: true,
  press({ screen, picture }, { shapes }) {
    const shape = shapes.hit(picture);
    return [bandFrom(screen, shape ? shapes.together(shape.id) : []), []];
  },
  // The gesture is the select tool's.
  reduce: () => null,
});
