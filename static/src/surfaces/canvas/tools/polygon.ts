/* Polygons, drawn point by point. */

import { drawn } from "../polygon";
import { registerPath } from "./path";

registerPath({
  name: "polygon",
  draws: "polygon",
  group: "draw",
  key: "p",
  text: "tool.polygon",
  icon: "polygon",
  ring: true,
  end(points) {
    const { made, refused } = drawn("polygon", points);
    return made ? [{ kind: "create", geometry: made }] : refused;
  },
});
