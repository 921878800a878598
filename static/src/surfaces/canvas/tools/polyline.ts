/* Open lines, drawn point by point. */

import { drawn } from "../polygon";
import { registerPath } from "./path";

registerPath({
  name: "polyline",
  draws: "polyline",
  group: "draw",
  key: "l",
  text: "tool.polyline",
  icon: "polyline",
  ring: false,
  end(points) {
    const { made, refused } = drawn("polyline", points);
    return made ? [{ kind: "create", geometry: made }] : refused;
  },
});
